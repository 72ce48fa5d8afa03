"""Known against found faces, worked out by hand."""

from __future__ import annotations

from fer_utils.faces.face_box import FaceBox
from fer_utils.faces.matching import matches

FACE = FaceBox(0, 0, 10, 10, 1)
NEAR = FaceBox(1, 0, 10, 10, 1)  # shares 90 of 110
FAR = FaceBox(20, 0, 10, 10, 1)


def test_each_face_is_taken_once_the_best_first():
    assert matches([FACE, NEAR], [NEAR]) == [(1, 0)]
    assert matches([NEAR], [FACE, NEAR]) == [(0, 1)]
    assert matches([FACE, FAR], [FAR, NEAR]) == [(0, 1), (1, 0)]


def test_too_little_overlap_is_none():
    assert matches([FACE], [FAR]) == [] and matches([], [FACE]) == [] and matches([FACE], []) == []
    half = FaceBox(0, 0, 10, 5, 1)
    assert matches([FACE], [half], least=0.5) == [(0, 0)]
    assert matches([FACE], [half], least=0.51) == []
