"""Features on a plane: what is far apart stays apart, and neighbours are counted."""

from __future__ import annotations

import numpy as np
import pytest

from fer_utils.interpret_embedding import neighbours_alike, on_a_plane

RNG = np.random.default_rng(0)
LABELS = np.repeat([0, 1, 2], 30)
BLOBS = RNG.normal(size=(90, 8)) + 20 * np.eye(8)[LABELS]


def test_groups_that_are_far_apart_stay_apart_on_the_plane():
    points = on_a_plane(BLOBS, perplexity=10)
    assert points.shape == (90, 2)
    assert points.min(0).tolist() == [0, 0] and points.max(0).tolist() == [1, 1]
    assert neighbours_alike(points, LABELS).min() == 1
    assert np.array_equal(points, on_a_plane(BLOBS, perplexity=10))


def test_neighbours_on_a_line_by_hand():
    points = np.array([[0.0], [1.0], [2.5], [10.0], [11.0]])
    labels = np.array([0, 0, 1, 1, 1])
    assert neighbours_alike(points, labels, k=2).tolist() == [0.5, 0.5, 0, 1, 1]


def test_chance_gives_the_share_of_the_label():
    found = neighbours_alike(RNG.normal(size=(2000, 3)), RNG.integers(0, 4, 2000))
    assert found.mean() == pytest.approx(0.25, abs=0.03)


def test_too_few_faces_are_refused():
    with pytest.raises(ValueError, match="90 faces for a perplexity of 31: give 93 at least"):
        on_a_plane(BLOBS, perplexity=31)
    with pytest.raises(ValueError, match="5 points have no 5 neighbours"):
        neighbours_alike(BLOBS[:5], LABELS[:5], k=5)
