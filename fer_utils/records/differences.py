"""How sure a difference of two accuracies is: 95 % intervals, as fractions (difference, low, high).

`independent` knows only two accuracies and n, as a report prints them. `over_seeds` has one
difference a seed, and says what the next seed may do. Where both networks' answers to the same
pictures are at hand, `paired` gives a much narrower interval.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from scipy import stats

from fer_utils.records.metrics import Z_95


def independent(first: float, second: float, n: int) -> tuple[float, float, float]:
    """second - first, each on n pictures of its own: z * sqrt((p (1 - p) + q (1 - q)) / n)."""
    if n < 1 or not (0 <= first <= 1 and 0 <= second <= 1):
        raise ValueError(f"expected two fractions and n >= 1, got {first}, {second}, {n}")
    half = Z_95 * np.sqrt((first * (1 - first) + second * (1 - second)) / n)
    return second - first, second - first - float(half), second - first + float(half)


def over_seeds(differences: Sequence[float]) -> tuple[float, float, float]:
    """Mean of one difference a seed with Student's t interval; at least two seeds."""
    values = np.asarray(differences, np.float64)
    if values.ndim != 1 or len(values) < 2:
        raise ValueError(f"expected a difference for each of two or more seeds, got {values.shape}")
    half = stats.t.ppf(0.975, len(values) - 1) * values.std(ddof=1) / np.sqrt(len(values))
    return float(values.mean()), float(values.mean() - half), float(values.mean() + half)
