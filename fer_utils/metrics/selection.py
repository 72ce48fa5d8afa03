"""How much of a best score is luck: choosing the best of several on the pictures that score them.

Conventions:

- `right` is bool (k, n): whether configuration i answers picture j rightly;
- an accuracy of n pictures has the standard error sqrt(p (1 - p) / n), s below;
- two configurations scored on the same pictures share a part r of that luck, the correlation of
  being right: hard pictures are hard for both. r s² shifts all scores alike and misleads nobody;
  the choice among them is misled by the other (1 - r) s².
"""

from __future__ import annotations

import numpy as np


def standard_error(accuracy: float, n: int) -> float:
    """Standard deviation of the accuracy that n pictures show."""
    return float(np.sqrt(accuracy * (1 - accuracy) / n))


def mean_correlation(right: np.ndarray) -> float:
    """r: the mean correlation of being right over all pairs of configurations, -1 to 1.

    Raises ValueError for fewer than two configurations that are sometimes right, sometimes wrong.
    """
    right = _checked(right)
    right = right[(right.any(axis=1)) & (~right.all(axis=1))]
    if len(right) < 2:
        raise ValueError(f"expected two configurations or more that err, got {len(right)}")
    pairs = np.corrcoef(right)[np.triu_indices(len(right), 1)]
    return float(pairs.mean())


def best_by_chance(
    accuracy: float, n: int, k: int, r: float = 0.0, draws: int = 4000, seed: int = 0
) -> np.ndarray:
    """The best score of k configurations that are all truly as good, float (draws,).

    n pictures score them. Normal approximation: s (sqrt(r) z + sqrt(1 - r) z_i) about `accuracy`.
    ValueError for r outside 0 to 1.
    """
    _check_shared(r)
    rng = np.random.default_rng(seed)
    shared = rng.standard_normal(draws)
    own = rng.standard_normal((draws, k)).max(axis=1)
    luck = np.sqrt(r) * shared + np.sqrt(1 - r) * own
    return accuracy + standard_error(accuracy, n) * luck


def optimism(scores: np.ndarray, n: int, r: float = 0.0, draws: int = 4000, seed: int = 0) -> float:
    """How far the best score lies above what its configuration deserves, on average.

    scores: of the configurations, float (k,), taken for their true accuracies. Fresh scores are
    drawn about them, the best is chosen, and its score is compared with its truth. ValueError for
    r outside 0 to 1.
    """
    _check_shared(r)
    scores = np.asarray(scores, dtype=np.float64)
    if scores.ndim != 1 or not len(scores):
        raise ValueError(f"expected scores (k,) with k >= 1, got {scores.shape}")
    errors = np.sqrt(scores * (1 - scores) / n * (1 - r))
    noise = np.random.default_rng(seed).standard_normal((draws, len(scores))) * errors
    chosen = (scores + noise).argmax(axis=1)
    return float(noise[np.arange(draws), chosen].mean())


def split_half(right: np.ndarray, draws: int = 1000, seed: int = 0) -> tuple[float, float]:
    """Choose the best configuration on half of the pictures and score it on both halves.

    Returns its mean accuracy on the half that chose it and on the other one, over random halves.
    """
    right = _checked(right)
    rng, n = np.random.default_rng(seed), right.shape[1]
    found = np.zeros((draws, 2))
    for draw in found:
        order = rng.permutation(n)
        chose, fresh = right[:, order[: n // 2]], right[:, order[n // 2 :]]
        best = chose.mean(axis=1).argmax()
        draw[:] = chose[best].mean(), fresh[best].mean()
    return float(found[:, 0].mean()), float(found[:, 1].mean())


def _check_shared(r: float) -> None:
    if not 0 <= r <= 1:
        raise ValueError(f"expected a shared part r from 0 to 1, got {r}")


def _checked(right: np.ndarray) -> np.ndarray:
    right = np.asarray(right)
    if right.ndim != 2 or right.dtype != bool or not right.shape[0] or right.shape[1] < 2:
        raise ValueError(f"expected right bool (k, n), n >= 2, got {right.dtype} {right.shape}")
    return right
