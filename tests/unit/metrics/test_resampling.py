"""Bootstrap intervals: the figures are those of `metrics`, the widths those of theory."""

from __future__ import annotations

import numpy as np
import pytest

from fer_utils.metrics import classification, resampling

RNG = np.random.default_rng(0)
N, K = 700, 4
LABELS = RNG.choice(K, N, p=[0.5, 0.3, 0.15, 0.05])
PREDICTED = np.stack(
    [np.where(RNG.random(N) < 0.6, LABELS, RNG.integers(0, K, N)) for _ in range(2)]
)


def test_every_draw_is_as_large_as_the_split_and_repeats_by_seed():
    drawn = resampling.draws(50, 20)
    assert drawn.shape == (20, 50)
    assert (drawn.sum(axis=1) == 50).all()
    assert np.array_equal(drawn, resampling.draws(50, 20))


def test_the_figures_are_means_over_seeds_of_those_in_metrics():
    found = resampling.by_class(LABELS, PREDICTED, K)
    for name, function in (
        ("balanced_accuracy", classification.balanced_accuracy),
        ("macro_f1", classification.macro_f1),
    ):
        expected = np.mean([function(LABELS, one) for one in PREDICTED])
        assert found[name].value == pytest.approx(expected)
        assert found[name].low < expected < found[name].high


def test_a_class_without_images_is_left_out_as_in_metrics():
    found = resampling.by_class(LABELS, PREDICTED, K + 1)
    assert found["balanced_accuracy"].value == pytest.approx(
        np.mean([classification.balanced_accuracy(LABELS, one) for one in PREDICTED])
    )


def test_the_interval_of_a_balanced_accuracy_has_the_width_of_theory():
    """Equal classes make it an accuracy, whose standard error is sqrt(p (1 - p) / n)."""
    labels = np.tile([0, 1], 1000)
    predicted = np.where(RNG.random(2000) < 0.8, labels, 1 - labels)
    value, low, high = resampling.by_class(labels, predicted, 2)["balanced_accuracy"]
    assert (high - low) / 2 == pytest.approx(1.96 * np.sqrt(value * (1 - value) / 2000), rel=0.15)


def test_the_calibration_error_is_that_of_metrics_and_never_below_zero():
    likely = RNG.dirichlet(np.ones(K), (2, N))
    predicted = likely.argmax(-1)
    found = resampling.calibration(LABELS, predicted, likely)
    expected = np.mean([classification.expected_calibration_error(one, LABELS) for one in likely])
    assert found.value == pytest.approx(expected, abs=1e-6)
    certain = np.eye(K)[LABELS][None]
    assert resampling.calibration(LABELS, LABELS[None], certain) == (0, 0, 0)
