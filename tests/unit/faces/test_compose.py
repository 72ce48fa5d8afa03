"""Composed class photos: the truth about them is true, and the faces survive the pasting."""

from __future__ import annotations

from dataclasses import replace

import cv2
import numpy as np
import pytest

from fer_utils.data import drawn_faces
from fer_utils.faces.compose import FACE_IN_CROP, ClassPhoto, compose, compose_many
from fer_utils.faces.face_box import intersection_over_union


@pytest.fixture(scope="module")
def faces():
    return drawn_faces.dataset(n=60, seed=3)


@pytest.fixture(scope="module")
def photo(faces) -> ClassPhoto:
    return compose(faces.images[:11], faces.labels[:11], seed=4, face=60)


def test_every_face_has_its_box_label_and_turn(faces, photo):
    assert photo.rgb.dtype == np.uint8 and photo.rgb.ndim == 3 and photo.rgb.shape[2] == 3
    assert len(photo.boxes) == len(photo.turns) == 11
    assert np.array_equal(photo.labels, faces.labels[:11])
    assert np.array_equal(photo.images, faces.images[:11])
    height, width = photo.rgb.shape[:2]
    for box in photo.boxes:
        assert box.clipped(width, height) == box
        assert 60 * 0.85 * 0.75 < box.w < 60 * 1.15 * 0.8


def test_the_same_seed_gives_the_same_bytes(faces, photo):
    again = compose(faces.images[:11], faces.labels[:11], seed=4, face=60)
    assert np.array_equal(again.rgb, photo.rgb) and again.boxes == photo.boxes
    other = compose(faces.images[:11], faces.labels[:11], seed=5, face=60)
    assert not np.array_equal(other.rgb, photo.rgb)


def test_nobody_stands_before_somebody_else(photo):
    for i, one in enumerate(photo.boxes):
        for other in photo.boxes[:i]:
            assert intersection_over_union(one, other) == 0


def test_inside_its_box_an_upright_face_is_the_face_itself(faces):
    """Cut out and scaled down again it is nearly the picture that was pasted."""
    photo = compose(faces.images[:5], faces.labels[:5], seed=1, face=96, turn=0)
    left, top, across, down = FACE_IN_CROP
    for image, box in zip(photo.images, photo.boxes, strict=True):
        side = box.w / across
        corner = np.array([box.x - left * side, box.y - top * side])
        middle = corner + side / 2
        shift = 23.5 + 48 / side * (0.5 - middle)  # pixels are squares, their middles at a half
        matrix = np.array([[48 / side, 0, shift[0]], [0, 48 / side, shift[1]]])
        back = cv2.warpAffine(photo.rgb[..., 0], matrix, (48, 48), flags=cv2.INTER_LINEAR)
        inner = (slice(8, 40), slice(8, 40))
        assert np.corrcoef(back[inner].ravel(), image[inner].ravel())[0, 1] > 0.975


def test_a_face_made_smaller_is_averaged_not_sampled():
    """Stripes a pixel wide become their mean grey."""
    stripes = np.tile(np.array([0, 200], np.uint8), (48, 24))
    photo = compose(stripes[None], np.zeros(1, int), seed=0, face=16, turn=0)
    x, y = photo.boxes[0].centre
    inner = photo.rgb[int(y) - 4 : int(y) + 4, int(x) - 4 : int(x) + 4, 0]
    assert np.abs(inner.astype(int) - 100).max() < 30


def test_a_positive_turn_is_clockwise():
    """What is bright above and dark below is, turned by a quarter, bright on the right."""
    half = np.repeat(np.array([230, 20], np.uint8), 24)[:, None] * np.ones((1, 48), np.uint8)
    turned = 0
    for seed in range(20):
        photo = compose(half[None], np.zeros(1, int), seed=seed, face=80, turn=60)
        if not 40 < photo.turns[0] < 120:
            continue
        turned += 1
        (x, y), side = photo.boxes[0].centre, photo.boxes[0].h
        grey = photo.rgb[..., 0].astype(int)
        row = grey[int(y), [int(x - side / 4), int(x + side / 4)]]
        assert row[1] - row[0] > 100
    assert turned


def test_turns_stay_within_twice_their_deviation(faces):
    photo = compose(faces.images[:40], faces.labels[:40], seed=0, face=16, turn=10)
    assert np.abs(photo.turns).max() <= 20 and photo.turns.std() > 4


def test_many_photos_share_no_face(faces):
    marked = faces.images.copy()
    marked[:, 0, 0] = np.arange(60)
    photos = list(compose_many(replace(faces, images=marked), 4, 15, seed=2, face=16))
    seen = np.concatenate([photo.images[:, 0, 0] for photo in photos])
    assert sorted(seen) == list(range(60))
    labels = np.concatenate([photo.labels for photo in photos])
    assert np.array_equal(labels, faces.labels[seen])


@pytest.mark.parametrize("n", [1, 2, 3, 7, 30])
def test_any_number_of_pupils_fits(faces, n):
    photo = compose(faces.images[:n], faces.labels[:n], face=20)
    assert len(photo.boxes) == n


def test_errors_say_what_was_expected(faces):
    with pytest.raises(ValueError, match=r"uint8 \(n, h, w\), got float64"):
        compose(np.zeros((2, 48, 48)), np.zeros(2, int))
    with pytest.raises(ValueError, match="expected 2 labels"):
        compose(faces.images[:2], np.zeros(3, int))
    with pytest.raises(ValueError, match="at least 12 pixels"):
        compose(faces.images[:2], faces.labels[:2], face=8)
    with pytest.raises(ValueError, match="has 60 faces"):
        list(compose_many(faces, 3, 24))
