"""The reader of drawn faces: it learns, is the same each time, and gives probabilities."""

from __future__ import annotations

import numpy as np
import pytest

from fer_utils.data import drawn_faces
from fer_utils.faces.drawn_reader import DrawnFaceReader, reframed


@pytest.fixture(scope="module")
def reader():
    return DrawnFaceReader.learn(700, seed=1)


def test_it_reads_people_it_has_not_seen(reader):
    others = drawn_faces.dataset(140, seed=2)
    found = reader.probabilities(others.images)
    assert found.shape == (140, 7)
    np.testing.assert_allclose(found.sum(axis=1), 1, atol=1e-5)
    assert (found.argmax(axis=1) == others.labels).mean() > 0.5  # chance is a seventh
    assert reader.probabilities(others.images[:0]).shape == (0, 7)


def test_the_same_seed_learns_the_same(reader):
    faces = drawn_faces.dataset(21, seed=2).images
    again = DrawnFaceReader.learn(700, seed=1)
    np.testing.assert_allclose(again.probabilities(faces), reader.probabilities(faces), atol=1e-6)


def test_reframing_repeats_the_border_and_adds_nothing():
    face = np.full((48, 48), 90, np.uint8)
    np.testing.assert_array_equal(reframed(face, np.random.default_rng(0)), face)
