"""How sure a difference of two accuracies is: 95% intervals, as fractions (difference, low, high).

`independent` knows only two accuracies and n, as a report prints them. `over_seeds` has one
difference a seed, and says where the mean over more seeds may lie. Where both networks' answers to
the same pictures are at hand, `paired` gives a much narrower interval.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

import numpy as np
from scipy import stats

from fer_utils.metrics.classification import Z_95


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


def from_base(
    values: Mapping[str, Mapping[int, float]], base: str
) -> dict[str, tuple[float, float, float]]:
    """Each other row minus `base`, seed by seed (see `over_seeds`), from name -> {seed: accuracy}.

    A row with fewer than two seeds in common with `base` is left out; all are where it is missing.
    """
    common = values.get(base, {})
    shared = {
        name: [by_seed[seed] - common[seed] for seed in sorted(by_seed.keys() & common.keys())]
        for name, by_seed in values.items()
        if name != base
    }
    return {name: over_seeds(found) for name, found in shared.items() if len(found) > 1}


def on_shared_seeds(
    values: Mapping[str, Mapping[int, float]],
) -> dict[str, dict[int, float]]:
    """name -> {seed: accuracy} with the seeds that all names have, in order."""
    shared = sorted(set.intersection(*map(set, values.values()))) if values else []
    return {name: {seed: by_seed[seed] for seed in shared} for name, by_seed in values.items()}


def two_runs(values: Iterable[float]) -> float:
    """How far apart two single runs lie at most, 95 times of 100, that differ in their seed alone.

    values: an accuracy a seed, at least two. The interval of a difference of two new values, each
    with the deviation of `values` (Student's t): t * deviation * sqrt(2).
    """
    found = np.array(list(values), np.float64)
    if len(found) < 2:
        raise ValueError(f"expected the accuracies of two or more seeds, got {len(found)}")
    return float(stats.t.ppf(0.975, len(found) - 1) * found.std(ddof=1) * np.sqrt(2))


def verdict(found: tuple[float, float, float], gap: float) -> str:
    """In words, whether a difference (value, low, high) explains one of size `gap`, of its sign."""
    _, low, high = found
    zero, reaches = low <= 0 <= high, low <= gap <= high
    if zero and reaches:
        return "can be told neither from nothing nor from it"
    if zero:
        return "does not reach it"
    return "would explain it" if reaches else "makes a difference, but another one"
