"""Each corruption does what it says, more of it at each severity, and always in the same way."""

from __future__ import annotations

import numpy as np
import pytest

from fer_utils.data import drawn_faces
from fer_utils.data.corruptions import GREY, SEVERITIES, STEPS, corrupt


@pytest.fixture(scope="module")
def faces() -> np.ndarray:
    return drawn_faces.dataset(n=21, seed=0).images[:8]


@pytest.mark.parametrize("kind", STEPS)
def test_more_severe_is_farther_from_the_picture_and_comes_out_the_same_again(kind, faces):
    before = faces.copy()
    away = []
    for severity in SEVERITIES:
        made = corrupt(faces, kind, severity)
        assert made.shape == faces.shape and made.dtype == np.uint8
        assert (made == corrupt(faces, kind, severity)).all()
        away.append(np.abs(made.astype(float) - faces).mean())
    assert (faces == before).all()
    assert away[0] > 0 and (np.diff(away) > 0).all()


def test_strengths_by_hand():
    flat = np.full((1, 48, 48), 100, np.uint8)
    assert (corrupt(flat, "brightness", 1) == 126).all()  # 100 + 25.5, halves to the even number
    assert (corrupt(flat, "contrast", 5) == 100).all()
    assert (corrupt(flat, "blur", 5) == 100).all() and (corrupt(flat, "rotation", 5) == 100).all()
    half = np.concatenate([np.full((1, 24, 48), 60), np.full((1, 24, 48), 140)], 1).astype(np.uint8)
    assert np.unique(corrupt(half, "contrast", 4)).tolist() == [92, 108]  # 100 -+ 0.2 * 40
    covered = corrupt(flat, "occlusion", 2)[0] == GREY
    side = round(48 * 0.08**0.5)
    assert covered.sum() == side * side
    assert np.ptp(np.flatnonzero(covered.any(0))) == side - 1  # one square


def test_noise_has_the_deviation_it_names():
    flat = np.full((20, 48, 48), 128, np.uint8)
    made = corrupt(flat, "noise", 2).astype(float)
    assert made.std() == pytest.approx(255 * 0.08, rel=0.03)
    assert (corrupt(flat, "noise", 2, seed=1) != corrupt(flat, "noise", 2)).any()


def test_pictures_turn_to_both_sides_and_stay_put_in_the_array(faces):
    bar = np.zeros((40, 48, 48), np.uint8)
    bar[:, 22:26, :] = 255
    turned = corrupt(bar, "rotation", 3)
    higher_left = turned[:, :24, :10].astype(int).sum((1, 2)) > turned[:, :24, 38:].sum((1, 2))
    assert 5 < higher_left.sum() < 35
    assert (corrupt(bar[:7], "rotation", 3) == turned[:7]).all()


def test_what_is_unknown_is_refused(faces):
    with pytest.raises(ValueError, match="fog"):
        corrupt(faces, "fog", 1)
    with pytest.raises(ValueError, match="severity 6"):
        corrupt(faces, "blur", 6)
    with pytest.raises(ValueError, match="got float64"):
        corrupt(faces / 255, "blur", 1)
    assert corrupt(faces[:0], "blur", 1).shape == (0, 48, 48)
