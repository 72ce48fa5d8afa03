"""Views of a picture by hand, and the mean of what is said of them."""

from __future__ import annotations

import numpy as np
import pytest

from fer_utils.data import views

PICTURE = np.arange(12, dtype=np.uint8).reshape(1, 3, 4)


def test_a_shift_moves_every_pixel_and_repeats_the_border():
    down = views.shifted(PICTURE, 1, 0)[0]
    assert down.tolist() == [[0, 1, 2, 3], [0, 1, 2, 3], [4, 5, 6, 7]]
    left = views.shifted(PICTURE, 0, -2)[0]
    assert left[0].tolist() == [2, 3, 3, 3]


@pytest.mark.parametrize("kind", views.VIEWS)
def test_as_many_views_as_promised_the_first_unchanged(kind):
    noise = np.random.default_rng(0).integers(0, 256, (2, 9, 9), dtype=np.uint8)
    seen = list(views.views_of(noise, kind))
    assert len(seen) == views.VIEWS[kind]
    assert (seen[0] == noise).all()
    assert {(view.shape, view.dtype) for view in seen} == {(noise.shape, noise.dtype)}
    assert len({view.tobytes() for view in seen}) == len(seen)  # none comes twice


def test_mirrored_views_do_not_tell_left_from_right():
    noise = np.random.default_rng(1).integers(0, 256, (3, 8, 8), dtype=np.uint8)
    for kind in ("mirrored", "ten"):
        one = views.mean_probabilities(_left_or_right, noise, kind)
        other = views.mean_probabilities(_left_or_right, noise[:, :, ::-1], kind)
        np.testing.assert_allclose(one, other)
        np.testing.assert_allclose(one, 0.5, atol=0.5)
        np.testing.assert_allclose(one.sum(1), 1)


def test_probabilities_are_averaged_not_logits():
    answers = iter(([[1.0, 0.0]], [[0.5, 0.5]]))
    mean = views.mean_probabilities(lambda _: np.array(next(answers)), PICTURE, "mirrored")
    assert mean.tolist() == [[0.75, 0.25]]


def test_softmax_by_hand():
    np.testing.assert_allclose(views.softmax(np.log([[1.0, 3.0]]) + 500), [[0.25, 0.75]])


def test_what_cannot_be_seen_is_refused():
    with pytest.raises(ValueError, match="expected one of plain, mirrored, ten"):
        list(views.views_of(PICTURE, "five"))
    with pytest.raises(ValueError, match=r"got shape \(3, 4\)"):
        list(views.views_of(PICTURE[0], "plain"))


def _left_or_right(images: np.ndarray) -> np.ndarray:
    """Share of the light that is in each half."""
    left = images[:, :, :4].sum((1, 2)) / images.sum((1, 2))
    return np.stack([left, 1 - left], 1)
