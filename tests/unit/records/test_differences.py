"""Intervals of differences: values worked out by hand, and what they refuse."""

from __future__ import annotations

import numpy as np
import pytest

from fer_utils.records import differences


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


@pytest.mark.parametrize("given", [(1.2, 0.5, 10), (0.5, 0.5, 0)])
def test_independent_refuses_what_is_no_accuracy(given):
    with pytest.raises(ValueError, match="two fractions"):
        differences.independent(*given)
