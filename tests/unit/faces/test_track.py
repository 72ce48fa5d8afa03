"""Tracking: boxes move with the picture and faces keep their numbers."""

from __future__ import annotations

import cv2
import numpy as np
import pytest

from fer_utils.faces.face_box import FaceBox
from fer_utils.faces.optical_flow import follow
from fer_utils.faces.track import Tracker, between, match, moved

RNG = np.random.default_rng(0)
TEXTURE = cv2.GaussianBlur(RNG.integers(0, 256, (300, 400), dtype=np.uint8), (0, 0), 3)
TEXTURE = cv2.normalize(TEXTURE, None, 0, 255, cv2.NORM_MINMAX)


def box(x, y, w=40.0, h=40.0, score=0.9):
    return FaceBox(float(x), float(y), w, h, score)


class Told:
    """A detector that finds what it is told for each call, and counts the calls."""

    name = "told"

    def __init__(self, *answers):
        self.answers, self.calls = answers, 0

    def detect(self, rgb):
        answer = self.answers[min(self.calls, len(self.answers) - 1)]
        self.calls += 1
        return list(answer)


def frame(across=0, down=0):
    """The texture moved by whole pixels, uint8 (240, 320, 3)."""
    part = TEXTURE[30 - down : 270 - down, 40 - across : 360 - across]
    return np.repeat(part[..., None], 3, axis=2)


def run(tracker, frames, step=0.04):
    return [tracker.update(rgb, k * step) for k, rgb in enumerate(frames)]


@pytest.mark.parametrize(("across", "down"), [(0, 0), (5, 0), (-4, 3), (9, -7)])
def test_flow_finds_a_shift(across, down):
    before, now = frame()[..., 0], frame(across, down)[..., 0]
    (motion,) = follow(before, now, [box(100, 100)])
    assert motion == pytest.approx((across, down, 1), abs=0.15)


def test_flow_finds_growth_about_the_middle():
    before = frame()[..., 0]
    matrix = cv2.getRotationMatrix2D((120, 120), 0, 1.1)
    now = cv2.warpAffine(before, matrix, (320, 240))
    (motion,) = follow(before, now, [box(100, 100)])
    assert motion[:2] == pytest.approx((0, 0), abs=0.15)
    assert motion[2] == pytest.approx(1.1, abs=0.03)


def test_flow_says_when_it_is_lost():
    other = cv2.GaussianBlur(RNG.integers(0, 256, (240, 320), dtype=np.uint8), (0, 0), 3)
    assert follow(frame()[..., 0], other, [box(100, 100)]) == [None]
    assert follow(frame()[..., 0], other, []) == []


def test_matching_takes_the_best_sum_not_the_best_pair():
    # the first box overlaps the second detection most, but then the second box would have none
    boxes, found = [box(0, 0), box(18, 0)], [box(-15, 0), box(5, 0)]
    assert match(boxes, found) == {0: 0, 1: 1}
    assert match([box(0, 0)], [box(100, 0)]) == {}
    assert match([], found) == {}


def test_boxes_moved_and_mixed_by_hand():
    marks = tuple((20.0 + k, 30.0) for k in range(5))
    one = FaceBox(10, 20, 20, 20, 0.5, marks)  # centre (20, 30)
    grown = moved(one, 4, 6, 2)
    assert (grown.x, grown.y, grown.w, grown.h) == (4, 16, 40, 40)
    assert grown.landmarks[1] == (26, 36)
    half = between(one, FaceBox(20, 20, 40, 40, 0.9, marks), 0.5)
    assert (half.x, half.y, half.w, half.score) == (15, 20, 30, 0.9) and half.landmarks == marks


def test_between_detections_the_box_moves_with_the_picture():
    detector = Told([box(100, 100)])
    tracker = Tracker(detector, every=1.0)
    found = run(tracker, [frame(3 * k, 2 * k) for k in range(10)])
    assert detector.calls == tracker.detections == 1
    assert all([face.id for face in faces] == [1] for faces in found)
    assert [faces[0].detected for faces in found] == [True] + [False] * 9
    assert found[-1][0].box.centre == pytest.approx((120 + 27, 120 + 18), abs=1)


def test_detections_come_as_often_as_asked():
    for every, calls in ((0.0, 10), (0.12, 4), (0.2, 2)):
        detector = Told([box(100, 100)])
        run(Tracker(detector, every=every), [frame()] * 10)  # 0.04 s apart
        assert detector.calls == calls, every


def test_two_faces_keep_their_numbers_whatever_order_they_are_found_in():
    left, right = box(60, 100), box(200, 100)
    detector = Told([left, right], [right, left], [left, right])
    found = run(Tracker(detector, every=0), [frame()] * 3)
    assert [[face.id for face in faces] for faces in found] == [[1, 2]] * 3
    assert all(faces[0].box.x < faces[1].box.x for faces in found)


def test_a_later_face_counts_once_it_was_found_twice():
    old, new, false = box(60, 100), box(200, 100), box(150, 30)
    detector = Told([old], [old, false], [old], [old, new], [old, new])
    found = run(Tracker(detector, every=0), [frame()] * 5)
    assert [[face.id for face in faces] for faces in found] == [[1], [1], [1], [1], [1, 2]]


def test_a_box_that_waits_is_looked_for_at_once():
    detector = Told([box(60, 100)], [box(60, 100), box(200, 100)])
    found = run(Tracker(detector, every=0.2), [frame()] * 8)
    assert [len(faces) for faces in found] == [1] * 6 + [2] * 2 and detector.calls == 3


def test_a_face_missed_too_often_ends_and_has_a_new_number_later():
    here = [box(100, 100)]
    detector = Told(here, [], [], [], here, here)
    found = run(Tracker(detector, every=0, patience=2), [frame()] * 6)
    assert [[face.id for face in faces] for faces in found] == [[1], [1], [1], [], [], [2]]


def test_a_cut_ends_faces_at_once():
    other = np.repeat(RNG.integers(0, 256, (240, 320, 1), dtype=np.uint8), 3, axis=2)
    detector = Told([box(100, 100)], [])
    found = run(Tracker(detector, every=1.0), [frame(), frame(), other])
    assert [len(faces) for faces in found] == [1, 1, 0] and detector.calls == 2


def test_two_tracks_on_one_face_become_one_the_older():
    detector = Told([box(100, 100)], [box(100, 100), box(108, 104)])
    found = run(Tracker(detector, every=0), [frame()] * 4)
    assert [[face.id for face in faces] for faces in found] == [[1]] * 4


def test_large_frames_are_looked_at_small_and_boxes_come_back_large():
    sizes = []

    class Sees(Told):
        def detect(self, rgb):
            sizes.append(rgb.shape)
            return super().detect(rgb)

    large = cv2.resize(frame(), (1280, 960))
    (face,) = Tracker(Sees([box(100, 100)])).update(large, 0)
    assert sizes == [(240, 320, 3)]
    assert (face.box.x, face.box.y, face.box.w) == (400, 400, 160)
    (face,) = Tracker(Sees([box(100, 100)]), short_side=0).update(large, 0)
    assert sizes[1] == (960, 1280, 3) and face.box.w == 40
