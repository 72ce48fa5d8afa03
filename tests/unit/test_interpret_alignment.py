"""Registering faces, on drawn ones that were shifted and turned by a known amount."""

from __future__ import annotations

import cv2
import numpy as np
import pytest

from fer_utils import interpret_alignment as alignment
from fer_utils.data import drawn_faces

FACES = drawn_faces.dataset(n=70, seed=0).images[:24]
TEMPLATE = alignment.mean_contrast(FACES)
MIDDLE = np.array([23.5, 23.5])


def moved(face: np.ndarray, motion: np.ndarray) -> np.ndarray:
    """The face after the motion; what comes in from outside is as the nearest pixel."""
    return cv2.warpAffine(face, motion, (48, 48), borderMode=cv2.BORDER_REPLICATE)


def rigid(x: float, y: float, degrees: float) -> np.ndarray:
    """Turn about the middle, then shift by x and y pixels, float32 (2, 3)."""
    motion = cv2.getRotationMatrix2D(MIDDLE.tolist(), degrees, 1).astype(np.float32)
    motion[:, 2] += x, y
    return motion


@pytest.mark.parametrize("known", [(3, -4, 0), (0, 0, 12), (-3, 2, -10)])
def test_a_face_shifted_and_turned_by_a_known_amount_comes_back(known):
    motion = rigid(*known)
    face = FACES[0]
    own = alignment.local_contrast(face)
    found = alignment.register(moved(face, motion)[None], own)
    assert found.found.all()
    for place in (MIDDLE, MIDDLE + (10, 0), MIDDLE + (0, 10)):
        apart = (found.motions[0] - motion) @ [*place, 1]
        assert np.linalg.norm(apart) < 0.5  # pixels
    back = found.align(moved(face, motion)[None], edge=True)[0]
    inner = slice(10, 38)
    before = np.abs(moved(face, motion)[inner, inner].astype(float) - face[inner, inner]).mean()
    assert np.abs(back[inner, inner] - face[inner, inner]).mean() < before / 2


def test_brightness_and_a_lamp_on_one_side_do_not_count():
    motion = rigid(3, -2, 5)
    lit = moved(FACES[0], motion) * np.linspace(0.4, 1, 48)
    found = alignment.register(lit[None], alignment.local_contrast(FACES[0]))
    assert found.found.all()
    assert np.linalg.norm((found.motions[0] - motion) @ [*MIDDLE, 1]) < 1


def test_faces_put_out_of_place_are_more_alike_once_they_are_aligned():
    rng = np.random.default_rng(0)
    shaken = np.stack(
        [moved(f, rigid(*rng.uniform(-5, 5, 2), rng.uniform(-15, 15))) for f in FACES]
    )
    found = alignment.register(shaken, TEMPLATE)
    assert found.found.mean() > 0.8
    before = alignment.likeness_to_mean(shaken)
    after = alignment.likeness_to_mean(found.align(shaken, edge=True))
    assert after - before > 0.5 * (alignment.likeness_to_mean(FACES) - before)


def test_a_flat_picture_and_a_face_turned_too_far_keep_their_place_and_are_counted():
    lying = moved(FACES[3], rigid(0, 0, 60))
    pictures = np.stack([np.full((48, 48), 90, np.uint8), FACES[3], lying])
    found = alignment.register(pictures, alignment.local_contrast(FACES[3]))
    assert found.found.tolist() == [False, True, False]
    assert np.array_equal(found.motions[0], np.eye(2, 3))
    assert np.array_equal(found.align(pictures)[[0, 2]], pictures[[0, 2]].astype(np.float32))


def test_a_map_goes_there_and_back():
    there = alignment.Alignment(np.stack([rigid(4, 0, 0), rigid(0, 0, 90)]), np.ones(2, bool))
    maps = np.zeros((2, 48, 48), np.float32)
    maps[:, 20, 30] = 1
    put = there.align(maps)
    # the first face stands 4 pixels to the right, so its map moves 4 to the left
    assert put[0, 20, 26] == pytest.approx(1) and put[0].sum() == pytest.approx(1)
    # getRotationMatrix2D turns against the clock: row 20, column 30 comes from row 30, column 27
    assert put[1, 30, 27] == pytest.approx(1, abs=1e-3)
    assert there.back(put) == pytest.approx(maps, abs=1e-3)


def test_an_aligned_map_times_its_area_adds_up_to_the_same():
    half = np.array([[0.5, 0, 11.75], [0, 1, 0]], np.float32)  # a face half as wide, in the middle
    there = alignment.Alignment(half[None], np.ones(1, bool))
    assert there.areas.tolist() == [0.5]
    maps = np.zeros((1, 48, 48), np.float32)
    maps[0, 8:40, 16:32] = 1
    assert (there.align(maps)[0] * there.areas[0]).sum() == pytest.approx(maps.sum())


def test_what_comes_in_from_outside_is_zero_or_as_the_edge():
    shift = alignment.Alignment(rigid(4, 0, 0)[None], np.ones(1, bool))
    picture = np.full((1, 48, 48), 7, np.uint8)
    assert not shift.align(picture)[0, :, -4:].any()
    assert (shift.align(picture, edge=True) == 7).all()
    assert not shift.back(picture)[0, :, :4].any()


@pytest.mark.parametrize(
    ("motion", "expected"),
    [
        (rigid(0, 0, 0), True),
        (rigid(5, 5, 20), True),
        (rigid(6, 6, 0), False),  # 8.5 pixels
        (rigid(0, 0, 30), False),
        (np.array([[1.3, 0, -7.05], [0, 1, 0]]), True),
        (np.array([[1.4, 0, -9.4], [0, 1, 0]]), False),
        (np.array([[0.7, 0, 7.05], [0, 1, 0]]), False),
    ],
)
def test_what_is_plausible(motion, expected):
    assert alignment.plausible(motion, 48, 48) is expected


def test_likeness_to_the_mean_by_hand():
    up, down = np.array([[0, 1], [2, 3]]), np.array([[0, 2], [1, 3]])
    flat = np.full((2, 2), 5)
    # about their means: (-3, -1, 1, 3) / 2 and (-3, 1, -1, 3) / 2; with (-3, 0, 0, 3) / 2 each
    # correlates by 18 / sqrt(20 * 18)
    likeness = alignment.likeness_to_mean(np.stack([up, down, flat]))
    assert likeness == pytest.approx(np.sqrt(0.9))
    assert alignment.likeness_to_mean(np.stack([up, 3 * up + 1])) == pytest.approx(1)
    with pytest.raises(ValueError, match="two pictures that show something, got 1"):
        alignment.likeness_to_mean(np.stack([up, flat]))


def test_wrong_sizes_are_named():
    with pytest.raises(ValueError, match=r"faces \(48, 48\) and a template \(24, 24\)"):
        alignment.register(FACES, TEMPLATE[:24, :24])
    still = alignment.register(FACES[:1], TEMPLATE)
    with pytest.raises(ValueError, match="2 pictures for the motions of 1"):
        still.align(FACES[:2])
