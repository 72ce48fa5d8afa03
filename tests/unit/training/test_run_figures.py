"""Figures of several runs: worked out by hand on four pictures."""

from __future__ import annotations

from types import SimpleNamespace

import numpy as np
import pytest

from fer_utils.metrics import paired
from fer_utils.metrics.classification import wilson_interval
from fer_utils.training import run_figures
from fer_utils.training.runs import Run

TRUTH = np.array([0, 1, 2, 0])


def run_of(predicted: list[int], seed: int = 0, train_accuracy: float = 0.5) -> Run:
    """A run with these answers on the validation tenth, without anything else."""
    record = SimpleNamespace(
        seed=seed,
        classes=("a", "b", "c"),
        history=[{"train_accuracy": 0.1}, {"train_accuracy": train_accuracy}],
        predictions={
            "validation": SimpleNamespace(labels=np.array(predicted), probabilities=None),
        },
    )
    return Run(record, {"validation": TRUTH}, {})


THREE_RIGHT = run_of([0, 1, 2, 1], seed=4, train_accuracy=0.6)
ONE_RIGHT = run_of([0, 0, 0, 1], seed=7, train_accuracy=0.8)


def test_accuracy_is_the_mean_with_the_interval_of_as_many_pictures():
    expected = (0.5, *wilson_interval(2, 4))
    assert run_figures.accuracy([THREE_RIGHT, ONE_RIGHT], "validation") == pytest.approx(expected)


def test_figures_by_seed_and_of_the_last_epoch():
    runs = [THREE_RIGHT, ONE_RIGHT]
    assert run_figures.by_seed(runs, "validation") == {4: 0.75, 7: 0.25}
    assert run_figures.train_accuracy(runs) == pytest.approx(0.7)
    assert run_figures.answers(runs, "validation").tolist() == [[0, 1, 2, 1], [0, 0, 0, 1]]


def test_a_difference_is_the_other_minus_the_base_with_the_luck_of_its_pictures():
    found = run_figures.difference([ONE_RIGHT], [THREE_RIGHT], "validation")
    half = 1.96 * np.sqrt(2 - 2**2 / 4) / 4  # two pictures of four that only the other reads
    assert found == pytest.approx((0.5, 0.5 - half, 0.5 + half), rel=1e-4)


def test_a_difference_counts_the_luck_of_seeds_where_there_are_two():
    runs = [THREE_RIGHT, ONE_RIGHT]
    middle, low, high = run_figures.difference([ONE_RIGHT], runs, "validation")
    answers = {"base": np.array([[0, 0, 0, 1]]), "other": np.array([[0, 1, 2, 1], [0, 0, 0, 1]])}
    expected = paired.differences(TRUTH, answers, "base").loc["other"]
    assert (middle, low, high) == pytest.approx((0.25, expected.low, expected.high))
    alone = paired.paired_difference(TRUTH, answers["other"], answers["base"])
    assert high - low > alone.high - alone.low


def test_both_test_splits_are_read_one_after_the_other():
    run = run_of([0, 1, 2, 1])
    for split, predicted in (("private_test", [2, 2, 2, 2]), ("public_test", [0, 1, 2, 0])):
        run.labels[split] = TRUTH
        run.record.predictions[split] = SimpleNamespace(
            labels=np.array(predicted), probabilities=None
        )
    assert run_figures.answers([run], "test").tolist() == [[0, 1, 2, 0, 2, 2, 2, 2]]
    assert run_figures.difference([run], [run], "test")[0] == 0
    assert run.metrics("test").accuracy == 5 / 8


def test_the_length_of_runs_says_what_was_cut_short():
    def asks(epochs):
        return SimpleNamespace(config=SimpleNamespace(epochs=epochs))

    longer = run_of([0, 0, 0, 0])
    longer.record.history.append({"train_accuracy": 0.9})
    assert run_figures.epochs([THREE_RIGHT], asks(2)) == "2 epochs"
    assert run_figures.epochs([THREE_RIGHT], asks(30)) == "2 of 30 epochs"
    assert run_figures.epochs([longer, THREE_RIGHT], asks(30)) == "2 to 3 of 30 epochs"


def test_a_difference_in_points_has_its_sign_and_its_interval():
    assert run_figures.in_points((0.0191, -0.004, 0.0342)) == "+1.9 points (-0.4 to 3.4)"


def test_no_run_is_said_so():
    for figure in (run_figures.accuracy, run_figures.by_seed, run_figures.answers):
        with pytest.raises(ValueError, match="no run of this network: leave it out"):
            figure([], "validation")
    with pytest.raises(ValueError, match="no run"):
        run_figures.train_accuracy([])
    with pytest.raises(ValueError, match="no run"):
        run_figures.difference([ONE_RIGHT], [], "validation")
