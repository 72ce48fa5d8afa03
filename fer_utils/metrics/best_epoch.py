"""What it is worth to report the best epoch by the very images that score it.

Where a run watches the validation tenth and has a length fixed beforehand, its history holds both
figures: the accuracy of the last epoch, which nobody chose, and that of the best one, chosen on the
images that score it. Conventions: accuracies are fractions; `history` as in `RunRecord`.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import numpy as np

from fer_utils.metrics.classification import Z_95
from fer_utils.metrics.selection import best_by_chance, standard_error

KEY = "validation_accuracy"


@dataclass(frozen=True)
class Picked:
    """One run: how much its best epoch scores above its last."""

    experiment: str
    framework: str
    seed: int
    schedule: str  # of the learning rate, see `TrainConfig`
    epochs: int
    best_epoch: int  # from 1
    last: float
    best: float

    @property
    def gain(self) -> float:
        """Best minus last, never below 0."""
        return self.best - self.last


def picked(records: Iterable) -> list[Picked]:
    """Every record that watched the validation tenth to a length fixed beforehand, in order.

    Runs that end by early stopping, or whose rate follows the watched figure, have used it already
    and are left out.
    """
    found = []
    for record in records:
        config, history = record.config, record.history
        used = config.get("early_stopping") or config.get("schedule") == "plateau"
        if used or len(history) < 2 or KEY not in history[-1]:
            continue
        values = [row[KEY] for row in history]
        best = int(np.argmax(values))
        run = (record.experiment, record.framework, record.seed)
        run += (config.get("schedule", "constant"),)
        found.append(Picked(*run, len(values), best + 1, values[-1], values[best]))
    return found


def expected_gain(
    accuracy: float, n: int, epochs: int, correlation: float, draws: int = 20_000, seed: int = 0
) -> tuple[float, float, float]:
    """By how much the best of `epochs` equally good ones scores above its truth: the mean and the
    middle 95% of simulated runs.

    correlation: of being right between two epochs (see `metrics.selection`); neighbouring epochs
    are much alike, so it is high, and the fewer epochs are truly different, the less is gained.
    """
    if not 0 <= correlation < 1:
        raise ValueError(f"expected a correlation from 0 to below 1, got {correlation}")
    found = best_by_chance(accuracy, n, epochs, correlation, draws, seed) - accuracy
    return float(found.mean()), *map(float, np.quantile(found, (0.025, 0.975)))


def half_width(accuracy: float, n: int) -> float:
    """Half the 95% interval of one accuracy of n images, normal approximation."""
    return Z_95 * standard_error(accuracy, n)


def seeds_needed(gain: float, deviation: float) -> int:
    """How many seeds of each of two recipes show a difference of `gain`, if one run's accuracy has
    the standard deviation `deviation` over seeds: the least k from 2 with 1.96 deviation
    sqrt(2 / k) not above the gain. The luck of the images comes on top."""
    if gain <= 0 or deviation <= 0:
        raise ValueError(f"expected a gain and a deviation above 0, got {gain} and {deviation}")
    return max(2, int(np.ceil(2 * (Z_95 * deviation / gain) ** 2)))


def summary(runs: Sequence[Picked]) -> dict[str, float]:
    """Mean and largest gain, and the share of runs whose best epoch is not the last."""
    if not runs:
        raise ValueError("no run watched a validation part to a fixed length")
    gains = np.array([one.gain for one in runs])
    early = np.mean([one.best_epoch < one.epochs for one in runs])
    return {"mean": float(gains.mean()), "largest": float(gains.max()), "early": float(early)}
