"""Temperatures and reliability: recovered where they are known, by hand where they are small."""

from __future__ import annotations

import numpy as np
import pytest

from fer_utils.metrics import classification
from fer_utils.metrics.calibration import Reliability, before_and_after, fit_temperature, scaled


def drawn(n=20_000, classes=4, seed=0):
    """Probabilities, and labels drawn from them: perfectly calibrated."""
    rng = np.random.default_rng(seed)
    likely = rng.dirichlet(np.ones(classes), n)
    labels = (likely.cumsum(1) > rng.random((n, 1))).argmax(1)
    return likely, labels


def test_a_temperature_is_recovered_and_undone():
    likely, labels = drawn()
    assert fit_temperature(likely, labels) == pytest.approx(1, abs=0.03)
    sharper = scaled(likely, 0.5)
    assert fit_temperature(sharper, labels) == pytest.approx(2, abs=0.06)
    np.testing.assert_allclose(scaled(sharper, 2.0), likely, atol=1e-9)
    before = classification.expected_calibration_error(sharper, labels)
    after = classification.expected_calibration_error(scaled(sharper, 2.0), labels)
    assert before > 0.1 and after < 0.015


def test_what_a_temperature_is_worth_is_both_figures_before_and_after():
    likely, labels = drawn()
    found = before_and_after(scaled(likely, 0.5), labels, 2.0)
    assert found["error at T = 1"] > 0.1 > 0.015 > found["error at that T"]
    assert found["log loss at T = 1"] == pytest.approx(
        classification.log_loss(scaled(likely, 0.5), labels)
    )
    assert found["log loss at that T"] == pytest.approx(classification.log_loss(likely, labels))


def test_scaling_changes_no_answer_and_keeps_sums():
    likely, _ = drawn(200)
    for temperature in (0.3, 4.0):
        made = scaled(likely, temperature)
        assert (made.argmax(1) == likely.argmax(1)).all()
        np.testing.assert_allclose(made.sum(1), 1)
    np.testing.assert_allclose(scaled(np.array([[0.8, 0.2]]), 2.0)[0], [2 / 3, 1 / 3])
    with pytest.raises(ValueError, match="above 0"):
        scaled(likely, 0)


def test_reliability_by_hand():
    confidence = np.array([0.9, 0.9, 0.6, 0.6])
    made = Reliability.of(np.array([0, 0, 0, 0]), np.array([0, 1, 0, 0]), confidence, bins=2)
    assert made == Reliability((0, 4), (0, 3), (0.0, 0.75))
    assert (made.accuracy, made.mean_confidence, made.error) == (0.75, 0.75, 0)
    assert made.points() == {0.75: 0.75}


def test_reliability_holds_accuracy_and_calibration_error():
    likely, labels = drawn(3000)
    sharper = scaled(likely, 0.5)
    made = Reliability.of(labels, sharper.argmax(1), sharper.max(1))
    assert made.accuracy == classification.accuracy(labels, sharper.argmax(1))
    exact = classification.expected_calibration_error(sharper, labels)
    assert made.error == pytest.approx(exact, abs=1e-4)
