"""Several raters who named the same faces: accuracy of each, agreement, and a model beside them.

Conventions: `raters` maps a name to the classes it gave, int64 (n,) in the order of the faces, -1
where not answered; `labels` are the data set's, int64 (n,). Accuracy is agreement with these
labels, which are themselves people's opinions.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
import pandas as pd

from fer_utils.metrics.agreement import fleiss_kappa
from fer_utils.metrics.classification import confusion_matrix, with_interval
from fer_utils.metrics.paired import PairedDifference, paired_difference

EVERYBODY = "all raters"


def complete(raters: Mapping[str, np.ndarray]) -> tuple[np.ndarray, np.ndarray]:
    """Faces that all raters answered, int64 (m,), and their answers, int64 (raters, m)."""
    table = np.stack(list(raters.values()))
    rows = np.flatnonzero((table >= 0).all(0))
    return rows, table[:, rows]


def agreement(raters: Mapping[str, np.ndarray], classes: int) -> float:
    """Fleiss' kappa over the faces that all raters answered; NaN for less than two of either."""
    if len(raters) < 2 or len(complete(raters)[0]) < 2:
        return float("nan")
    return fleiss_kappa(complete(raters)[1], classes)


def pooled_confusion(
    raters: Mapping[str, np.ndarray], labels: np.ndarray, classes: int
) -> np.ndarray:
    """int64 (K, K) over all answers of all raters: label (row) by answer (column)."""
    named = np.stack(list(raters.values()))
    given = named >= 0
    return confusion_matrix(np.broadcast_to(labels, named.shape)[given], named[given], classes)


def rater_table(
    raters: Mapping[str, np.ndarray],
    labels: np.ndarray,
    seconds: Mapping[str, float] | None = None,
) -> pd.DataFrame:
    """A row a rater: faces, accuracy with its 95% Wilson interval, and `seconds` where given."""
    rows = {}
    for rater, named in raters.items():
        given = named >= 0
        if not given.any():
            continue
        right = (named == labels)[given]
        mean, low, high = with_interval(float(right.mean()), len(right))
        rows[rater] = {"faces": len(right), "accuracy": mean, "low": low, "high": high}
        if seconds is not None:
            rows[rater]["median seconds"] = seconds[rater]
    return pd.DataFrame.from_dict(rows, orient="index")


def against_model(
    raters: Mapping[str, np.ndarray], labels: np.ndarray, predicted: np.ndarray
) -> dict[str, PairedDifference]:
    """Model minus rater on the very faces that the rater answered, and on those that all did.

    predicted: the model's classes int (n,). The last entry, `EVERYBODY`, takes the raters' mean;
    it speaks of these raters, not of people in general.
    """
    found = {}
    for rater, named in raters.items():
        rows = np.flatnonzero(named >= 0)
        if len(rows):
            found[rater] = paired_difference(labels[rows], predicted[rows], named[rows])
    rows, table = complete(raters)
    if len(raters) > 1 and len(rows):
        found[EVERYBODY] = paired_difference(labels[rows], predicted[rows], table)
    return found


def simulated_raters(
    labels: np.ndarray,
    classes: Sequence[str],
    recall: Mapping[str, float],
    raters: int = 3,
    seed: int = 0,
) -> dict[str, np.ndarray]:
    """Made-up raters who name a class right as often as `recall` says, and otherwise one of the
    other classes at random: to see what figures look like before anybody answered.
    """
    rng = np.random.default_rng(seed)
    share = np.array([recall[name] for name in classes])[labels]
    found = {}
    for number in range(1, raters + 1):
        right = rng.random(len(labels)) < share
        other = (labels + rng.integers(1, len(classes), len(labels))) % len(classes)
        found[f"simulated {number}"] = np.where(right, labels, other)
    return found
