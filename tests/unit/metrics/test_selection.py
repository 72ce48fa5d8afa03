"""The luck of the best, against figures worked out by hand or known."""

from __future__ import annotations

import numpy as np
import pytest

from fer_utils.metrics import selection

RNG = np.random.default_rng(0)


def test_standard_error_by_hand():
    assert selection.standard_error(0.5, 2500) == pytest.approx(0.01)
    assert selection.standard_error(1.0, 10) == 0


def test_mean_correlation_of_equal_opposite_and_unrelated_configurations():
    one = np.array([True, True, False, False])
    assert selection.mean_correlation(np.stack([one, one, one])) == pytest.approx(1)
    assert selection.mean_correlation(np.stack([one, ~one])) == pytest.approx(-1)
    assert selection.mean_correlation(np.stack([one, one[[0, 2, 1, 3]]])) == pytest.approx(0)
    with_a_perfect_one = np.stack([one, one, np.ones(4, bool)])  # it has no correlation
    assert selection.mean_correlation(with_a_perfect_one) == pytest.approx(1)
    with pytest.raises(ValueError, match="two configurations or more that err, got 1"):
        selection.mean_correlation(one[None])


def test_the_best_of_equals_lies_above_them_as_far_as_theory_says():
    s = selection.standard_error(0.45, 2873)
    for k, expected in ((1, 0.0), (2, 0.5642), (16, 1.7660), (100, 2.5076)):  # of normal draws
        best = selection.best_by_chance(0.45, 2873, k, draws=40_000)
        assert best.shape == (40_000,)
        assert best.mean() - 0.45 == pytest.approx(expected * s, abs=0.02 * s)
    shared = selection.best_by_chance(0.45, 2873, 16, r=0.75, draws=40_000)
    assert shared.mean() - 0.45 == pytest.approx(1.7660 * s / 2, abs=0.02 * s)


def test_optimism_is_that_of_equals_for_equal_scores_and_none_for_a_clear_winner():
    s = selection.standard_error(0.45, 2873)
    equal = selection.optimism(np.full(16, 0.45), 2873, draws=40_000)
    assert equal == pytest.approx(1.7660 * s, abs=0.02 * s)
    assert selection.optimism([0.2, 0.3, 0.6], 2873) == pytest.approx(0, abs=0.05 * s)
    assert selection.optimism(np.full(16, 0.45), 2873, r=1.0) == 0
    with pytest.raises(ValueError, match=r"expected scores \(k,\)"):
        selection.optimism([], 2873)


def test_split_half_shows_luck_where_there_is_only_luck():
    chose, fresh = selection.split_half(RNG.random((20, 2000)) < 0.5, draws=300)
    assert chose > 0.51 and fresh == pytest.approx(0.5, abs=0.01)
    clear = np.stack([np.arange(1000) % 10 < 3, np.arange(1000) % 10 < 8])
    chose, fresh = selection.split_half(clear, draws=100)
    assert chose == pytest.approx(0.8, abs=0.01) and fresh == pytest.approx(0.8, abs=0.01)


def test_what_is_not_right_or_wrong_is_refused():
    with pytest.raises(ValueError, match=r"bool \(k, n\), n >= 2, got float64"):
        selection.split_half(np.zeros((2, 4)))


@pytest.mark.parametrize("r", [-0.1, 1.1])
def test_a_shared_part_is_from_0_to_1(r):
    with pytest.raises(ValueError, match="from 0 to 1"):
        selection.best_by_chance(0.7, 100, 3, r)
    with pytest.raises(ValueError, match="from 0 to 1"):
        selection.optimism(np.array([0.7, 0.6]), 100, r)
