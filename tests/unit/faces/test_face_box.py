"""Boxes: clipping and overlap, worked out by hand."""

from __future__ import annotations

import pytest

from fer_utils.faces.face_box import FaceBox, intersection_over_union


def test_clipping_keeps_what_is_inside():
    box = FaceBox(-10, 90, 30, 30, 0.9).clipped(100, 100)
    assert (box.x, box.y, box.w, box.h, box.score) == (0, 90, 20, 10, 0.9)
    assert FaceBox(120, 0, 10, 10, 0.9).clipped(100, 100) is None


def test_overlap_by_hand():
    a = FaceBox(0, 0, 10, 10, 1)
    assert intersection_over_union(a, a) == 1
    assert intersection_over_union(a, FaceBox(5, 0, 10, 10, 1)) == pytest.approx(50 / 150)
    assert intersection_over_union(a, FaceBox(10, 10, 5, 5, 1)) == 0


def test_an_empty_box_or_a_missing_landmark_is_refused():
    with pytest.raises(ValueError, match="width and height above 0"):
        FaceBox(0, 0, 0, 5, 1)
    with pytest.raises(ValueError, match="expected 5 points, got 2"):
        FaceBox(0, 0, 1, 1, 1, landmarks=((0, 0), (1, 1)))
