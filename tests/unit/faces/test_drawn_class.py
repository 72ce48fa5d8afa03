"""The drawn class: everybody shows everything, and nobody changes between runs."""

from __future__ import annotations

import numpy as np
import pytest

from fer_utils.data.dataset import CLASSES
from fer_utils.faces.drawn_class import drawn_class


def test_every_pupil_shows_every_emotion_once():
    made = drawn_class(3, seed=1)
    assert made.images.shape == (21, 48, 48) and made.images.dtype == np.uint8
    assert list(made.people) == ["pupil 1", "pupil 2", "pupil 3"]
    for rows in made.people.values():
        assert tuple(made.labels[i] for i in rows) == CLASSES
    assert sorted(sum(made.people.values(), [])) == list(range(21))


def test_the_seed_fixes_the_class_and_a_pupil_does_not_depend_on_the_others():
    one, again, more = drawn_class(2, seed=1), drawn_class(2, seed=1), drawn_class(4, seed=1)
    assert np.array_equal(one.images, again.images)
    assert np.array_equal(one.images, more.images[:14])
    assert not np.array_equal(one.images, drawn_class(2, seed=2).images)


def test_a_class_needs_a_pupil():
    with pytest.raises(ValueError, match="at least one"):
        drawn_class(0)
