"""Figures of one network's runs, which differ in the seed: what a chapter draws and compares.

Conventions: `runs` are those that `profiles.train_all` gives for one name, read on the same
pictures. Accuracies and differences are fractions, intervals are at 95%. A split is one that the
runs were evaluated on. Every function raises ValueError where there is no run.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from fer_utils.experiments.experiment import Experiment
from fer_utils.metrics import paired
from fer_utils.metrics.classification import with_interval
from fer_utils.training.runs import Run


def accuracy(runs: Sequence[Run], split: str = "private_test") -> tuple[float, float, float]:
    """Mean accuracy over the runs, and the Wilson interval at the n pictures of the split.

    Of "test", PublicTest and PrivateTest together, too. The luck of the seeds is not in it.
    """
    found = [run.metrics(split) for run in _some(runs)]
    return with_interval(float(np.mean([one.accuracy for one in found])), found[0].n)


def by_seed(runs: Sequence[Run], split: str = "private_test") -> dict[int, float]:
    """{seed: accuracy}, of "test", PublicTest and PrivateTest together, too."""
    return {run.record.seed: run.metrics(split).accuracy for run in _some(runs)}


def train_accuracy(runs: Sequence[Run]) -> float:
    """Mean over the runs of the accuracy on training pictures in the last epoch.

    It is measured while the weights move, with dropout and augmentation where the runs have them.
    """
    return float(np.mean([run.record.history[-1]["train_accuracy"] for run in _some(runs)]))


def answers(runs: Sequence[Run], split: str = "private_test") -> np.ndarray:
    """Predicted classes, int (seeds, n), in the order of the runs and of the split's pictures.

    Of "test", PublicTest and PrivateTest together, too, here and in `difference`.
    """
    return np.stack([run.read(split)[1] for run in _some(runs)])


def difference(
    base: Sequence[Run], other: Sequence[Run], split: str = "private_test"
) -> tuple[float, float, float]:
    """Accuracy of `other` minus that of `base` with its paired interval (see `metrics.paired`).

    The deviation over seeds, pooled over both, is in the interval where one of them has two.
    """
    labels, first, second = (
        _some(base)[0].read(split)[0],
        answers(base, split),
        answers(other, split),
    )
    deviation = paired.seed_deviation(labels, [first, second])
    found = paired.paired_difference(labels, second, first, deviation)
    return found.difference, found.low, found.high


def epochs(runs: Sequence[Run], experiment: Experiment) -> str:
    """How long they trained: "12 of 30 epochs" where that is less than the recipe has (a CPU, or
    early stopping), else "30 epochs"; "17 to 21 of 100 epochs" where seeds differ."""
    made = sorted({len(run.record.history) for run in _some(runs)})
    asked = experiment.config.epochs
    said = " to ".join(f"{n}" for n in dict.fromkeys((made[0], made[-1])))
    return f"{said} epochs" if made[0] >= asked else f"{said} of {asked} epochs"


def in_points(found: tuple[float, float, float]) -> str:
    """A difference and its interval in percentage points: "+1.9 points (0.4 to 3.4)"."""
    value, low, high = (100 * one for one in found)
    return f"{value:+.1f} points ({low:.1f} to {high:.1f})"


def _some(runs: Sequence[Run]) -> Sequence[Run]:
    if not runs:
        raise ValueError(
            "no run of this network: leave it out, or make its records with "
            "`python -m fer_utils train`"
        )
    return runs
