"""What the best epoch is worth: by hand from a history, and by the law of maxima."""

from __future__ import annotations

from types import SimpleNamespace

import numpy as np
import pytest

from fer_utils.metrics import best_epoch


def record(values, **config):
    history = [{"validation_accuracy": value} for value in values]
    return SimpleNamespace(
        experiment="one", framework="torch", seed=3, config=config, history=history
    )


def test_best_minus_last_by_hand():
    (found,) = best_epoch.picked([record([0.4, 0.55, 0.5])])
    assert (found.epochs, found.best_epoch, found.last, found.best) == (3, 2, 0.5, 0.55)
    assert found.gain == pytest.approx(0.05)
    last_best = best_epoch.picked([record([0.4, 0.5])])[0]
    assert best_epoch.summary([found, last_best]) == pytest.approx(
        {"mean": 0.025, "largest": 0.05, "early": 0.5}
    )


def test_runs_that_used_the_watched_figure_or_had_none_are_left_out():
    used = [record([0.5, 0.4], early_stopping=3), record([0.5, 0.4], schedule="plateau")]
    unwatched = SimpleNamespace(experiment="x", seed=0, config={}, history=[{"train_loss": 1}] * 3)
    assert best_epoch.picked([*used, unwatched, record([0.5])]) == []
    with pytest.raises(ValueError, match="no run watched"):
        best_epoch.summary([])


def test_expected_gain_is_that_of_the_maximum_of_normal_draws():
    n, p = 3589, 0.73
    mean, low, high = best_epoch.expected_gain(p, n, 16, 0.0)
    assert mean == pytest.approx(1.766 * np.sqrt(p * (1 - p) / n), rel=0.02)  # tables of E max_16
    assert low < mean < high
    shared = best_epoch.expected_gain(p, n, 16, 0.75)[0]
    assert shared == pytest.approx(mean / 2, rel=0.05)  # sqrt(1 - 0.75)
    with pytest.raises(ValueError, match="below 1"):
        best_epoch.expected_gain(p, n, 16, 1.0)


def test_one_figure_of_a_test_split_is_known_to_a_point_and_a_half():
    assert best_epoch.half_width(0.73, 3589) == pytest.approx(0.0145, abs=1e-4)


def test_seeds_needed_by_hand():
    # 1.96 * 0.005 * sqrt(2 / k) < 0.005 from k = 7.68 on
    assert best_epoch.seeds_needed(0.005, 0.005) == 8
    assert best_epoch.seeds_needed(0.1, 0.005) == 2
    with pytest.raises(ValueError, match="above 0"):
        best_epoch.seeds_needed(0, 0.005)
