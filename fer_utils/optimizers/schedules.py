"""Learning rates of a whole run, computed once, and the rule of "plateau".

Both frameworks read the same table, so that step k has the same rate in both.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, replace

import numpy as np

from fer_utils.experiments.config import TrainConfig
from fer_utils.experiments.stages import Stage

ONE_CYCLE_START = 25.0  # the first rate is the peak over this (Smith & Topin, 2018)
ONE_CYCLE_END = 1e4  # the last rate is the first over this


def learning_rates(config: TrainConfig, steps_per_epoch: int) -> np.ndarray:
    """Learning rate of each step of a run, float64 (epochs * steps_per_epoch,).

    "constant" and "plateau" stay at `learning_rate` (the plateau rule then lowers it between
    epochs), "cosine" falls from it to 0 in half a cosine, and "one_cycle" rises to it from a
    25th in the first `warm_up` of the steps and falls to almost 0 (Smith & Topin, 2018).
    "triangular" does both along straight lines, from and to 0. With
    stages, each goes through the schedule by itself.
    """
    if config.stages:
        return np.concatenate([_of_stage(config, one, steps_per_epoch) for one in config.stages])
    steps = config.epochs * steps_per_epoch
    peak = config.learning_rate
    if config.schedule in ("constant", "plateau"):
        return np.full(steps, peak)
    if config.schedule == "cosine":
        return _half_cosine(peak, 0.0, np.arange(steps) / steps)
    start = peak / ONE_CYCLE_START
    rising = max(1, round(config.warm_up * steps))
    if config.schedule == "triangular":
        corners = (0, rising, max(rising + 1, steps))
        return np.interp(np.arange(steps) + 0.5, corners, (0.0, peak, 0.0))
    up = _half_cosine(start, peak, np.arange(rising) / rising)
    down = _half_cosine(
        peak, start / ONE_CYCLE_END, np.arange(steps - rising) / max(1, steps - rising - 1)
    )
    return np.concatenate([up, down])


def _of_stage(config: TrainConfig, stage: Stage, steps_per_epoch: int) -> np.ndarray:
    """The head's rates in one stage; a linear warm-up lowers the first of them."""
    alone = replace(config, epochs=stage.epochs, learning_rate=stage.learning_rate, stages=())
    rates = learning_rates(alone, steps_per_epoch)
    rising = round(stage.warm_up * steps_per_epoch)
    rates[:rising] *= np.arange(1, rising + 1) / (rising + 1)
    return rates


def _half_cosine(start: float, end: float, progress: np.ndarray) -> np.ndarray:
    """From `start` at progress 0 to `end` at progress 1 along half a cosine."""
    return end + (start - end) * (1 + np.cos(np.pi * progress)) / 2


@dataclass
class Patience:
    """Counts the epochs in which a watched figure has not improved.

    `figure` is a loss (less is better) or, with `larger_is_better`, an accuracy.
    """

    larger_is_better: bool
    best: float | None = None
    waited: int = 0

    def improved(self, figure: float) -> bool:
        """Record one epoch's figure; True when it is the best so far, never when it is NaN."""
        ahead = self.best is None or (
            figure > self.best if self.larger_is_better else figure < self.best
        )
        better = ahead and not math.isnan(figure)
        self.best = figure if better else self.best
        self.waited = 0 if better else self.waited + 1
        return better
