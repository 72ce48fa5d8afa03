"""Figures of merit where a picture has several labels at once, such as its action units.

Conventions:

- `present` are the true labels, 0 or 1, (n, A); `predicted` likewise; `scores` float (n, A), the
  higher the surer, such as probabilities;
- every figure is a fraction 0 .. 1; precision and recall of a label that is never predicted, or
  never present, are 0, and so is its F1; its average precision is NaN where it is never present;
- "macro" means each label counts the same, "weighted" as often as it is present; macro figures are
  over the labels that are present at least once;
- shapes that differ, values that are not 0 or 1 and n = 0 are a ValueError.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd
from sklearn import metrics as sk


@dataclass(frozen=True)
class UnitRow:
    """One label's figures."""

    name: str
    accuracy: float
    precision: float
    recall: float
    f1: float
    average_precision: float | None  # None where no scores are known
    support: int  # pictures where it is present


@dataclass(frozen=True)
class UnitMetrics:
    """All figures of one set of predictions."""

    n: int
    accuracy: float  # share of all n * A answers that are right
    all_absent: float  # the accuracy of always answering "absent"
    precision: float  # micro: of all answers "present", how many are right
    recall: float  # micro: of all labels present, how many are found
    macro_f1: float
    weighted_f1: float
    exact_match: float  # share of pictures whose every label is right
    macro_average_precision: float | None
    per_unit: tuple[UnitRow, ...]

    def table(self) -> pd.DataFrame:
        """A row a label: accuracy, precision, recall, F1, average precision and n present."""
        columns = ["accuracy", "precision", "recall", "f1", "average_precision", "support"]
        rows = [[getattr(row, name) for name in columns] for row in self.per_unit]
        names = pd.Index([row.name for row in self.per_unit])
        shown = ["accuracy", "precision", "recall", "F1", "average precision", "n present"]
        return pd.DataFrame(rows, index=names, columns=shown)


def summary(
    present: np.ndarray,
    predicted: np.ndarray,
    names: Sequence[str],
    scores: np.ndarray | None = None,
) -> UnitMetrics:
    """All figures at once; average precision only where `scores` are given."""
    present, predicted = _checked(present, predicted, len(names))
    per_unit = _rows(present, predicted, names, scores)
    kept = present.any(0)
    f1 = np.array([row.f1 for row in per_unit])
    precise = [row.average_precision for row in per_unit]
    micro = sk.precision_recall_fscore_support(
        present.ravel(), predicted.ravel(), average="binary", zero_division=0
    )
    return UnitMetrics(
        n=len(present),
        accuracy=float((present == predicted).mean()),
        all_absent=float((present == 0).mean()),
        precision=float(micro[0]),
        recall=float(micro[1]),
        macro_f1=float(f1[kept].mean()) if kept.any() else 0.0,
        weighted_f1=float(f1 @ present.sum(0) / max(present.sum(), 1)),
        exact_match=float((present == predicted).all(1).mean()),
        macro_average_precision=None
        if scores is None or not kept.any()
        else float(np.array(precise, float)[kept].mean()),
        per_unit=per_unit,
    )


def f1_of(precision: float, recall: float) -> float:
    """The harmonic mean 2pr / (p + r), 0 where both are 0; ValueError outside 0 to 1."""
    if not (0 <= precision <= 1 and 0 <= recall <= 1):
        raise ValueError(f"expected fractions from 0 to 1, got {precision} and {recall}")
    return 2 * precision * recall / (precision + recall) if precision + recall else 0.0


def bootstrap(
    figure: str,
    present: np.ndarray,
    predicted: np.ndarray,
    groups: np.ndarray,
    draws: int = 500,
    seed: int = 0,
) -> tuple[float, float]:
    """95% interval of "macro_f1", "weighted_f1" or "exact_match" under new draws of people.

    groups: whom each picture shows, (n,). Whole groups are drawn with replacement, as pictures of
    one person are no independent evidence; the interval is between the 2.5 and 97.5 percentiles.
    """
    present, predicted = _checked(present, predicted, np.shape(present)[-1])
    people, member = np.unique(np.asarray(groups), return_inverse=True)
    rng = np.random.default_rng(seed)
    chance = np.full(len(people), 1 / len(people))
    values = [
        _weighted_figure(figure, present, predicted, rng.multinomial(len(people), chance)[member])
        for _ in range(draws)
    ]
    low, high = np.percentile(values, [2.5, 97.5])
    return float(low), float(high)


def _weighted_figure(
    figure: str, present: np.ndarray, predicted: np.ndarray, times: np.ndarray
) -> float:
    """A figure where each picture counts `times` as often, (n,)."""
    if figure == "exact_match":
        return float(times @ (present == predicted).all(1) / times.sum())
    support = times @ present
    both, answered = times @ (present & predicted), times @ predicted
    f1 = 2 * both / np.maximum(support + answered, 1)
    if figure == "macro_f1":
        return float(f1[support > 0].mean()) if (support > 0).any() else 0.0
    if figure == "weighted_f1":
        return float(f1 @ support / max(support.sum(), 1))
    raise ValueError(f"figure={figure!r}: expected macro_f1, weighted_f1 or exact_match")


def _rows(present, predicted, names, scores) -> tuple[UnitRow, ...]:
    if scores is not None and np.shape(scores) != present.shape:
        raise ValueError(f"expected scores of shape {present.shape}, got {np.shape(scores)}")
    rows = []
    for i, name in enumerate(names):
        truth, answer = present[:, i], predicted[:, i]
        precise = None
        if scores is not None:
            precise = (
                float(sk.average_precision_score(truth, scores[:, i])) if truth.any() else np.nan
            )
        precision, recall, f1, _ = sk.precision_recall_fscore_support(
            truth, answer, average="binary", zero_division=0
        )
        figures = (float((truth == answer).mean()), float(precision), float(recall), float(f1))
        rows.append(UnitRow(name, *figures, precise, int(truth.sum())))
    return tuple(rows)


def _checked(present, predicted, units: int) -> tuple[np.ndarray, np.ndarray]:
    """Both as int64 (n, A), or a ValueError that says what is wrong."""
    present, predicted = np.asarray(present), np.asarray(predicted)
    if present.ndim != 2 or present.shape != predicted.shape or not present.size:
        raise ValueError(
            "expected present and predicted of the same shape (n, A) with n >= 1, "
            f"got {present.shape} and {predicted.shape}"
        )
    if present.shape[1] != units:
        raise ValueError(f"{units} names for {present.shape[1]} labels; give one each")
    for name, values in (("present", present), ("predicted", predicted)):
        if not np.isin(values, (0, 1)).all():
            raise ValueError(f"{name} holds other values than 0 and 1; threshold scores first")
    return present.astype(np.int64), predicted.astype(np.int64)
