"""Intervals of differences: values worked out by hand, and what they refuse."""

from __future__ import annotations

import numpy as np
import pytest

from fer_utils.metrics import differences


def test_independent_is_the_textbook_interval():
    gap, low, high = differences.independent(0.5, 0.6, 100)
    half = 1.96 * np.sqrt((0.25 + 0.24) / 100)
    assert (gap, low, high) == pytest.approx((0.1, 0.1 - half, 0.1 + half))


def test_the_reported_difference_of_copenhagen_is_within_its_interval():
    _, low, high = differences.independent(0.5189, 0.526, 7178)
    assert low < 0 < high and 0.03 < high - low < 0.035


def test_over_seeds_uses_student_t():
    mean, low, high = differences.over_seeds([0.01, 0.03])
    assert (mean, high - mean, mean - low) == pytest.approx(
        (0.02, 12.706 * 0.01, 12.706 * 0.01), rel=1e-4
    )
    with pytest.raises(ValueError, match="two or more seeds"):
        differences.over_seeds([0.1])


def test_rows_are_compared_with_the_base_on_the_seeds_they_share():
    values = {
        "base": {0: 0.5, 1: 0.6, 2: 0.7},
        "better": {2: 0.73, 1: 0.61, 7: 0.1},
        "once": {0: 0.9},
    }
    found = differences.from_base(values, "base")
    assert found == {"better": pytest.approx(differences.over_seeds([0.01, 0.03]))}
    assert differences.from_base(values, "missing") == {}


def test_only_seeds_that_all_have_are_shared():
    values = {"a": {2: 0.7, 0: 0.5}, "b": {0: 0.1, 1: 0.3, 2: 0.2}}
    found = differences.on_shared_seeds(values)
    assert found == {"a": {0: 0.5, 2: 0.7}, "b": {0: 0.1, 2: 0.2}}
    assert list(found["a"]) == [0, 2]
    assert differences.on_shared_seeds({}) == {}


def test_two_runs_lie_apart_as_often_as_said():
    """Simulated: of many pairs of new runs, 95 in 100 lie within what five seeds let expect."""
    draws = np.random.default_rng(0).normal(0.5, 0.01, (4_000, 7))
    within = [abs(row[5] - row[6]) <= differences.two_runs(row[:5]) for row in draws]
    assert np.mean(within) == pytest.approx(0.95, abs=0.012)
    with pytest.raises(ValueError, match="two or more seeds"):
        differences.two_runs([0.5])


@pytest.mark.parametrize(
    ("low", "high", "said"),
    [
        (-0.02, 0.01, "neither from nothing nor from it"),
        (-0.004, 0.01, "does not reach it"),
        (-0.02, -0.001, "would explain it"),
        (-0.02, -0.01, "another one"),
        (0.001, 0.02, "another one"),
    ],
)
def test_a_verdict_asks_whether_nothing_and_the_gap_lie_in_the_interval(low, high, said):
    assert said in differences.verdict(((low + high) / 2, low, high), -0.007)
    assert said in differences.verdict((-(low + high) / 2, -high, -low), 0.007)  # the other way


@pytest.mark.parametrize("given", [(1.2, 0.5, 10), (0.5, 0.5, 0)])
def test_independent_refuses_what_is_no_accuracy(given):
    with pytest.raises(ValueError, match="two fractions"):
        differences.independent(*given)
