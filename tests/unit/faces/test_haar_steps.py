"""The cascade written out gives OpenCV's answers; its parts are checked by hand."""

from __future__ import annotations

import cv2
import numpy as np
import pytest

from fer_utils.faces import haar_steps
from fer_utils.faces.drawn_video import drawn_film

RNG = np.random.default_rng(0)


@pytest.fixture(scope="module")
def grey():
    frame = cv2.cvtColor(drawn_film().picture(0), cv2.COLOR_RGB2GRAY)
    return cv2.resize(frame, None, fx=1 / 5, fy=1 / 5, interpolation=cv2.INTER_AREA)


def test_four_look_ups_are_the_sum_of_a_rectangle():
    picture = RNG.integers(0, 256, (30, 40), dtype=np.uint8)
    sums = haar_steps.integral(picture)
    assert sums.shape == (31, 41) and sums[0].sum() == sums[:, 0].sum() == 0
    for x, y, w, h in ((0, 0, 40, 30), (3, 5, 1, 1), (10, 7, 12, 20)):
        assert haar_steps.rectangle_sum(sums, x, y, w, h) == picture[y : y + h, x : x + w].sum()
    np.testing.assert_array_equal(sums, cv2.integral(picture))


def test_a_feature_is_the_weighted_sum_of_its_rectangles():
    picture = np.zeros((24, 24), np.uint8)
    picture[:12] = 2
    feature = np.array([[0, 0, 24, 24, -1], [0, 0, 24, 12, 3], [0, 0, 0, 0, 0]])
    sums, zero = haar_steps.integral(picture), np.array([0])
    value = haar_steps.feature_values(sums, zero, zero, feature)
    assert value.tolist() == [-(24 * 12 * 2) + 3 * (24 * 12 * 2)]


def test_the_cascade_is_as_published():
    stages = haar_steps.cascade()
    assert len(stages) == 25 and [len(stage.cut) for stage in stages[:4]] == [9, 16, 27, 32]
    for stage in stages:
        x, y, w, h, weight = np.moveaxis(stage.features, -1, 0)
        assert (x + w <= 24).all() and (y + h <= 24).all() and (x >= 0).all()
        # most features are blind to an even brightness
        assert (np.abs((w * h * weight).sum(axis=1)) == 0).mean() > 0.9


def test_what_is_left_shrinks_from_stage_to_stage(grey):
    left = haar_steps.survivors(grey)
    height, width = grey.shape
    assert len(left) == 26 and len(left[0]) == (height - 23) * (width - 23)
    for before, after in zip(left, left[1:], strict=False):
        assert set(map(tuple, after.tolist())) <= set(map(tuple, before.tolist()))


def test_opencv_finds_what_is_left(grey):
    finder = cv2.CascadeClassifier(cv2.data.haarcascades + haar_steps.FILE)
    theirs = finder.detectMultiScale(grey, 1.1, 0, minSize=(24, 24), maxSize=(24, 24))
    ours = set(map(tuple, haar_steps.survivors(grey)[-1].tolist()))
    assert len(theirs) > 0
    assert {(int(x), int(y)) for x, y, _, _ in theirs} <= ours  # it looks at every other pixel


def test_an_even_picture_has_no_face():
    left = haar_steps.survivors(np.full((30, 30), 128, np.uint8))
    assert len(left[0]) == 49 and len(left[-1]) == 0


def test_smaller_copies_find_larger_faces(grey):
    sizes = haar_steps.pyramid(grey, factor=1.5)
    assert [scale for scale, _ in sizes] == pytest.approx([1.5**k for k in range(len(sizes))])
    assert min(grey.shape) / sizes[-1][0] >= 24 > min(grey.shape) / (1.5 * sizes[-1][0])
