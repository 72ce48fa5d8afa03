"""Two networks on the same images: the difference of their accuracies, with an interval.

Most images are read alike by both, and say nothing about which is better. What counts are those
that one gets right and the other wrong, the cells of McNemar's test (McNemar, 1947). With b images
that only the first gets right and c that only the second does, of n, the difference is
(b - c) / n and its standard error sqrt(b + c - (b - c)² / n) / n, the usual large-sample interval
for paired shares (Newcombe, 1998, describes it and better ones for small n; n is thousands here).

That is the uncertainty of the images. Another seed gives another network, which the test leaves
out (Dietterich, 1998): with several seeds each image counts by its mean over them, and the variance
of a mean over seeds is added. Seeds of all networks that are compared are pooled for it, because
two tell little. A part of the noise is then counted twice, so the interval is rather too wide.

Conventions: `labels` int (n,); predictions int (n,) of one run or (seeds, n) of several, in the
order of `labels`; differences are fractions, the first minus the second.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd

from fer_utils.metrics.classification import Z_95


@dataclass(frozen=True)
class PairedDifference:
    """Accuracy of the first minus that of the second; `low` and `high` are the 95% interval."""

    n: int
    difference: float
    low: float
    high: float
    only_first: float  # share of images that the first gets right and the second wrong
    only_second: float


def paired_difference(
    labels: np.ndarray,
    first: np.ndarray,
    second: np.ndarray,
    seed_deviation: float = 0.0,
) -> PairedDifference:
    """How much more accurate `first` is than `second` on the same images.

    seed_deviation: standard deviation of one run's accuracy over seeds (see `seed_deviation`); 0
    leaves seeds out. Raises ValueError for shapes that do not fit.
    """
    right, other = _right(labels, first), _right(labels, second)
    one, two = right.mean(0), other.mean(0)  # share of seeds that are right, (n,)
    apart, n = one - two, one.size
    variance = apart.var() / n + seed_deviation**2 * (1 / len(right) + 1 / len(other))
    middle, half = float(apart.mean()), Z_95 * float(np.sqrt(variance))
    return PairedDifference(
        n=n,
        difference=middle,
        low=middle - half,
        high=middle + half,
        only_first=float(np.mean(one * (1 - two))),
        only_second=float(np.mean(two * (1 - one))),
    )


def seed_deviation(labels: np.ndarray, predictions: Sequence[np.ndarray]) -> float:
    """Standard deviation of an accuracy over seeds, pooled over networks; 0 without two seeds.

    Squares of differences from each network's own mean, divided by the runs less the networks.
    """
    runs = [_right(labels, predicted).mean(1) for predicted in predictions]
    freedom = sum(len(run) - 1 for run in runs)
    squares = sum(float(np.square(run - run.mean()).sum()) for run in runs)
    return float(np.sqrt(squares / freedom)) if freedom else 0.0


def deviation_within(labels: np.ndarray, first: np.ndarray, second: np.ndarray) -> float:
    """The `seed_deviation` for `paired_difference` of the same runs read in two ways.

    What a seed does to both cancels: it is the standard deviation of their difference over the
    runs, divided by the root of two, because it is counted once for each. 0 without two runs.
    """
    apart = _right(labels, first).mean(1) - _right(labels, second).mean(1)
    return float(apart.std(ddof=1) / np.sqrt(2)) if len(apart) > 1 else 0.0


def differences(
    labels: np.ndarray, predictions: Mapping[str, np.ndarray], base: str
) -> pd.DataFrame:
    """`paired_difference` of each other network from `base`, with the pooled `seed_deviation`.

    Columns difference, low, high, gained and lost (shares of images that it gets right and `base`
    wrong, and the other way round) and seeds; one row a name. No rows where `base` is missing.
    """
    columns = ["difference", "low", "high", "gained", "lost", "seeds"]
    if base not in predictions:
        return pd.DataFrame(columns=columns)
    deviation = seed_deviation(labels, list(predictions.values()))
    found = {}
    for name, predicted in predictions.items():
        if name != base:
            made = paired_difference(labels, predicted, predictions[base], deviation)
            figures = (made.difference, made.low, made.high, made.only_first, made.only_second)
            found[name] = (*figures, len(np.atleast_2d(predicted)))
    return pd.DataFrame.from_dict(found, orient="index", columns=columns)


def steps(
    labels: np.ndarray, predictions: Mapping[str, np.ndarray], below: Mapping[str, str | None]
) -> dict[str, tuple[float, float, float]]:
    """How much better each network is than the one that it builds on: (difference, low, high).

    `paired_difference` with the `seed_deviation` pooled over all `predictions`. below: name -> the
    name of the network that it is compared with, None for the first. Names come in this order;
    those without predictions of both are left out.
    """
    deviation = seed_deviation(labels, list(predictions.values()))
    found = {}
    for name, base in below.items():
        if name in predictions and base in predictions:
            made = paired_difference(labels, predictions[name], predictions[base], deviation)
            found[name] = (made.difference, made.low, made.high)
    return found


def _right(labels: np.ndarray, predicted: np.ndarray) -> np.ndarray:
    """bool (seeds, n): which run reads which image right."""
    labels, predicted = np.asarray(labels), np.atleast_2d(predicted)
    if labels.ndim != 1 or labels.size == 0 or predicted.shape != (len(predicted), labels.size):
        raise ValueError(
            "expected labels (n,) and predictions (n,) or (seeds, n) of the same images, got "
            f"{labels.shape} and {np.shape(predicted)}"
        )
    return predicted == labels
