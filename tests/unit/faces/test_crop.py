"""Crops: where they lie, worked out by hand; turned faces come out upright."""

from __future__ import annotations

import math

import numpy as np
import pytest

from fer_utils.faces import crop
from fer_utils.faces.face_box import FaceBox
from tests.unit.faces.helpers import scene, turned


def face_with_eyes(left, right, box=(0, 0, 100, 100)):
    rest = ((50, 60), (40, 80), (60, 80))
    return FaceBox(*box, 0.9, (left, right, *rest))


@pytest.mark.parametrize(
    ("left", "right", "degrees"),
    [
        ((30, 40), (70, 40), 0),
        ((30, 40), (70, 80), 45),
        ((40, 30), (40, 70), 90),
        ((70, 40), (30, 40), 180),
        ((40, 70), (40, 30), -90),
    ],
)
def test_the_angle_of_the_eyes(left, right, degrees):
    assert crop.angle_of_eyes(face_with_eyes(left, right)) == pytest.approx(degrees)


def test_without_landmarks_nothing_is_turned():
    assert crop.angle_of_eyes(FaceBox(0, 0, 10, 10, 1)) == 0


def test_a_box_of_the_crop_s_size_is_cut_out_as_it_is():
    rgb = np.random.default_rng(0).integers(0, 256, (100, 120, 3), dtype=np.uint8)
    found = crop.colour(rgb, [FaceBox(30, 20, 48, 48, 1)], size=48)
    np.testing.assert_array_equal(found[0], rgb[20:68, 30:78])


def test_margin_two_takes_twice_the_side():
    matrix = crop.placement(FaceBox(10, 20, 40, 60, 1), size=60, margin=2, aligned=True)
    first, last = matrix @ (0, 0, 1), matrix @ (59, 59, 1)
    # a square of 120 about (30, 50): from -30 to 90 and -10 to 110, pixels of 2
    np.testing.assert_allclose(first, (-30 + 1 - 0.5, -10 + 1 - 0.5))
    np.testing.assert_allclose(last, (90 - 1 - 0.5, 110 - 1 - 0.5))


@pytest.mark.parametrize("degrees", [-90, -20, 0, 35, 180])
def test_the_eyes_lie_level_in_the_crop(degrees):
    radians = math.radians(degrees)
    along = np.array([math.cos(radians), math.sin(radians)])
    middle = np.array([60.0, 50.0])
    face = face_with_eyes(tuple(middle - 15 * along), tuple(middle + 15 * along), (20, 20, 80, 80))
    matrix = crop.placement(face, 48, 1.0, True)
    back = np.linalg.inv(matrix[:, :2])
    eyes = [back @ (np.array(eye) - 0.5 - matrix[:, 2]) for eye in face.landmarks[:2]]
    assert eyes[0][1] == pytest.approx(eyes[1][1])
    assert eyes[1][0] - eyes[0][0] == pytest.approx(30 * 48 / 80)


@pytest.mark.parametrize("degrees", [30, 90, 180])
def test_a_turned_face_is_cut_out_as_the_upright_one(degrees):
    upright = scene(side=96, at=(52, 52), size=(200, 200))
    box = FaceBox(52, 52, 96, 96, 1)
    radians = math.radians(degrees)
    eyes = [(100 + way * 20 * math.cos(radians), 100 + way * 20 * math.sin(radians))
            for way in (-1, 1)]  # fmt: skip
    face = FaceBox(52, 52, 96, 96, 1, (*eyes, (100, 100), (90, 110), (110, 110)))
    found = crop.grey(turned(upright, degrees), [face])[0].astype(float)
    expected = crop.grey(upright, [box])[0].astype(float)
    assert np.abs(found - expected).mean() < 4
    assert np.abs(crop.grey(turned(upright, degrees), [box])[0] - expected).mean() > 8


def test_outside_the_photo_its_edge_is_repeated():
    rgb = np.full((50, 50, 3), 90, np.uint8)
    assert (crop.colour(rgb, [FaceBox(-20, -20, 60, 60, 1)], size=16) == 90).all()


def test_fine_stripes_are_averaged_not_picked():
    rgb = np.zeros((480, 480, 3), np.uint8)
    rgb[:, ::2] = 200
    found = crop.grey(rgb, [FaceBox(0, 0, 480, 480, 1)])
    assert abs(int(found.min()) - 100) <= 1 and abs(int(found.max()) - 100) <= 1


def test_shapes_and_refusals():
    rgb = scene()
    assert crop.grey(rgb, []).shape == (0, 48, 48)
    assert crop.colour(rgb, [FaceBox(0, 0, 9, 9, 1)] * 2).shape == (2, 128, 128, 3)
    with pytest.raises(ValueError, match="expected an RGB picture"):
        crop.grey(rgb[..., 0], [])
    with pytest.raises(ValueError, match="margin 0"):
        crop.grey(rgb, [], margin=0)
