"""Intervals by the bootstrap, for figures that are no simple share (Efron & Tibshirani, 1993).

The images of a split are drawn again, n of n with replacement, and a figure is computed of each
draw; the standard deviation over the draws is the figure's standard error. The interval is the
figure -+ 1.96 standard errors. The percentiles of the draws are not used: the calibration error of
a draw is larger than that of the images, on average, and its percentiles would be too high.

Conventions: `labels` int (n,); `predicted` int (seeds, n) and `probabilities` (seeds, n, K) of runs
that differ in the seed. A figure is the mean over the seeds, and all seeds see the same draw. The
luck of the seeds is not in these intervals.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from fer_utils.metrics.classification import BINS, Z_95, confidence_bins

DRAWS = 400


class Interval(NamedTuple):
    """A figure and its 95% interval, fractions."""

    value: float
    low: float
    high: float


def draws(n: int, times: int = DRAWS, seed: int = 0) -> np.ndarray:
    """How often each of n images is drawn, float32 (times, n); every row sums to n."""
    rng = np.random.default_rng(seed)
    return rng.multinomial(n, np.full(n, 1 / n), size=times).astype(np.float32)


def by_class(labels: np.ndarray, predicted: np.ndarray, classes: int) -> dict[str, Interval]:
    """`balanced_accuracy` and `macro_f1` with their intervals, both as in `classification`: the
    mean over the classes that have images."""
    labels = np.asarray(labels)
    drawn = draws(len(labels))
    whole = np.ones((1, len(labels)), np.float32)
    found = {"balanced_accuracy": [], "macro_f1": []}
    for one in np.atleast_2d(predicted):
        cells = np.eye(classes * classes, dtype=np.float32)[labels * classes + one]  # (n, K * K)
        matrices = (np.concatenate([whole, drawn]) @ cells).reshape(-1, classes, classes)
        recalls, f1 = _recall_and_f1(matrices.astype(np.float64))
        found["balanced_accuracy"].append(recalls)
        found["macro_f1"].append(f1)
    return {name: _interval(np.mean(values, axis=0)) for name, values in found.items()}


def calibration(
    labels: np.ndarray, predicted: np.ndarray, probabilities: np.ndarray, bins: int = BINS
) -> Interval:
    """`expected_calibration_error`, mean over the seeds; `low` is not below 0."""
    labels, predicted = np.asarray(labels), np.atleast_2d(predicted)
    drawn = np.concatenate([np.ones((1, len(labels)), np.float32), draws(len(labels))])
    found = []
    for one, likely in zip(predicted, probabilities, strict=True):
        confidence = likely.max(axis=1)
        gaps = (
            np.eye(bins)[confidence_bins(confidence, bins)]
            * ((one == labels) - confidence)[:, None]
        )  # (n, bins)
        found.append(np.abs(drawn @ gaps).sum(axis=1) / len(labels))
    made = _interval(np.mean(found, axis=0))
    return made._replace(low=max(0.0, made.low))


def _recall_and_f1(matrices: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Mean recall and F1 over the classes that have images, of D confusion matrices (D, K, K)."""
    right = np.diagonal(matrices, axis1=1, axis2=2)
    labelled, answered = matrices.sum(axis=2), matrices.sum(axis=1)
    there = labelled > 0
    recalls = np.divide(right, labelled, out=np.zeros_like(right), where=there)
    f1 = np.divide(2 * right, labelled + answered, out=np.zeros_like(right), where=there)
    return recalls.sum(1) / there.sum(1), f1.sum(1) / there.sum(1)


def _interval(values: np.ndarray) -> Interval:
    """The first value, of all images, with the standard deviation of the others."""
    value, half = float(values[0]), Z_95 * float(values[1:].std(ddof=1))
    return Interval(value, value - half, value + half)
