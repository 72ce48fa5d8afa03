"""Detectors: names, geometry worked out by hand, duplicates, and Haar on drawn faces."""

from __future__ import annotations

import sys

import numpy as np
import pytest

from fer_utils.faces import candidates, detect, mtcnn_detector, mtcnn_stages
from fer_utils.faces.face_box import FaceBox, intersection_over_union, without_duplicates
from fer_utils.faces.haar import Haar, score
from tests.unit.faces.helpers import scene


def test_an_unknown_detector_is_refused():
    with pytest.raises(ValueError, match="unknown detector 'dlib': expected one of mtcnn, haar"):
        detect.get("dlib")


def test_without_mtcnn_the_extra_is_named(monkeypatch):
    monkeypatch.setitem(sys.modules, "mtcnn.stages", None)
    with pytest.raises(ImportError, match="the extras `faces` and `tf`"):
        detect.get("mtcnn")


@pytest.mark.parametrize(
    "picture",
    [
        np.zeros((9, 9), np.uint8),
        np.zeros((9, 9, 3)),
        np.zeros((9, 9, 4), np.uint8),
        np.zeros((0, 9, 3), np.uint8),
    ],
)
def test_other_arrays_are_refused(picture):
    with pytest.raises(ValueError, match="expected an RGB picture uint8"):
        Haar().detect(picture)


def test_haar_finds_a_drawn_face_and_none_on_a_bare_wall():
    haar = Haar()
    found = haar.detect(scene(side=144, at=(60, 50), size=(320, 320)))
    assert len(found) == 1
    assert intersection_over_union(found[0], FaceBox(60, 50, 144, 144, 1)) > 0.4
    assert 0 <= found[0].score <= 1 and found[0].landmarks is None
    assert haar.detect(np.full((200, 200, 3), 150, np.uint8)) == []
    assert haar.detect(np.zeros((1, 1, 3), np.uint8)) == []


@pytest.mark.parametrize(("side", "scaled"), [(60, 120), (1280, 320), (200, 320)])
def test_haar_enlarges_small_photos_and_shrinks_large_ones(monkeypatch, side, scaled):
    monkeypatch.setattr("fer_utils.faces.haar.MOST_PIXELS", 320 * 320)
    haar, shapes = Haar(smallest=12), []
    haar._cascade = Seen(shapes)
    (found,) = haar.detect(np.zeros((side, side, 3), np.uint8))
    assert shapes == [(scaled, scaled)]
    assert (found.x, found.w) == pytest.approx((5 * side / scaled, 24 * side / scaled))


class Seen:
    """A cascade that notes the shape it was given and finds one box at (5, 6)."""

    def __init__(self, shapes):
        self.shapes = shapes

    def detectMultiScale3(self, grey, **_):  # noqa: N802
        self.shapes.append(grey.shape)
        return np.array([[5, 6, 24, 24]]), np.array([1]), np.array([1.0])


def test_haar_settings_outside_their_range_are_refused():
    for settings in ({"smallest": 5}, {"step": 1.0}, {"neighbours": 0}):
        with pytest.raises(ValueError, match="expected at least 12"):
            Haar(**settings)


def test_haar_scores_keep_the_order_of_weights():
    assert [score(w) for w in (-3, 0, 1, 3)] == [0, 0, 0.5, 0.75]


def test_duplicates_go_and_the_surest_stays():
    first, shifted, apart = (FaceBox(x, 0, 10, 10, s) for x, s in ((0, 0.7), (2, 0.9), (50, 0.8)))
    # the first two share 80 of 120 square pixels
    assert without_duplicates([first, shifted, apart]) == [shifted, apart]
    assert without_duplicates([first, shifted, apart], overlap=0.7) == [shifted, apart, first]


def test_suppression_is_greedy():
    boxes = np.array([[0, 0, 10, 10], [4, 0, 14, 10], [8, 0, 18, 10]], float)  # 60 of 140 shared
    kept = candidates.suppress(boxes, np.array([0.9, 0.8, 0.7]), overlap=0.4)
    assert kept.tolist() == [0, 2]  # the third meets only the second, which is gone
    small = np.array([[0, 0, 10, 10], [2, 2, 6, 6]], float)  # one inside the other
    assert len(candidates.suppress(small, np.array([0.9, 0.8]), 0.5)) == 2
    assert len(candidates.suppress(small, np.array([0.9, 0.8]), 0.5, of_smaller=True)) == 1
    assert len(candidates.suppress(np.zeros((0, 4)), np.zeros(0), 0.5)) == 0


def test_photos_do_not_suppress_each_other():
    same = np.array([[0.0, 0, 10, 10]] * 3)
    found = candidates.Candidates(np.array([0, 1, 1]), same, np.array([0.5, 0.6, 0.7]))
    assert found.suppressed(0.5).scores.tolist() == [0.5, 0.7]


def test_squares_keep_the_middle():
    found = candidates.squares(np.array([[10.0, 20, 30, 60]]), size=1.5)
    assert found.tolist() == [[-10, 10, 50, 70]]


def test_the_pyramid_spans_the_smallest_and_the_largest_face():
    scales = mtcnn_stages.pyramid(480, 640, smallest=20)
    assert scales[0] == 12 / 20
    assert 480 * scales[-1] >= 12 > 480 * scales[-1] * mtcnn_stages.SHRINK
    assert mtcnn_stages.pyramid(11, 640, smallest=12) == []


def test_smaller_photos_are_searched_for_smaller_faces():
    sizes = [(290, 400), (640, 960), (3000, 4000)]
    assert [round(mtcnn_detector.smallest_face(*size), 1) for size in sizes] == [10, 15.7, 20]


@pytest.mark.parametrize("quarters", range(4))
def test_a_box_in_a_turned_photo_is_found_in_the_photo(quarters):
    photo = np.zeros((40, 60, 3), np.uint8)
    photo[5:15, 20:45] = 1
    photo[8, 22] = 2  # a landmark
    turned = np.rot90(photo, quarters)
    inside = np.argwhere(turned[..., 0])
    (top, left), (bottom, right) = inside.min(axis=0), inside.max(axis=0)
    y, x = np.argwhere(turned[..., 0] == 2)[0]
    face = FaceBox(
        float(left),
        float(top),
        right + 1.0 - left,
        bottom + 1.0 - top,
        1,
        ((x + 0.5, y + 0.5),) * 5,
    )
    back = mtcnn_detector.turned_back(face, quarters, 40, 60)
    assert (back.x, back.y, back.w, back.h) == (20, 5, 25, 10)
    assert back.landmarks[0] == (22.5, 8.5)
