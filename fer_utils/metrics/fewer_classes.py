"""A network of many classes, asked about the pictures of a few: why fewer classes are easier.

Conventions: `confusion` is (K, K), rows true; `keep` names some of the K `classes`, in any order.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import NamedTuple

import numpy as np

from fer_utils.data.dataset import renumber
from fer_utils.metrics.classification import with_interval
from fer_utils.metrics.paired import PairedDifference, paired_difference


class Answers(NamedTuple):
    """How the pictures of the classes kept are answered, as counts."""

    n: int
    right: int
    within: int  # wrong, but one of the classes kept
    outside: int  # taken for a class that is not kept


def answers(confusion: np.ndarray, classes: Sequence[str], keep: Sequence[str]) -> Answers:
    """Right answers and the two kinds of errors on the pictures of `keep`.

    Raises ValueError for an unknown class and a matrix of another size.
    """
    confusion = np.asarray(confusion)
    if confusion.shape != (len(classes), len(classes)):
        raise ValueError(f"expected a matrix for {len(classes)} classes, got {confusion.shape}")
    kept = np.flatnonzero(renumber(np.arange(len(classes)), classes, keep) >= 0)
    rows = confusion[kept]
    n, right, inside = rows.sum(), confusion[kept, kept].sum(), rows[:, kept].sum()
    return Answers(int(n), int(right), int(inside - right), int(n - inside))


def merged(
    labels: np.ndarray, classes: Sequence[str], groups: Sequence[Sequence[str]]
) -> tuple[np.ndarray, tuple[str, ...]]:
    """Labels int (n,) or (..., n), true or predicted, with the classes of each group made one.

    Returns the labels of the classes left, int64, and their names; a group is named "a or b" and
    stands where its first class stood. No picture is left out. Raises ValueError for an unknown
    class and one in two groups.
    """
    head = {name: name for name in classes}
    for group in groups:
        if unknown := [name for name in group if head.get(name) != name]:
            raise ValueError(f"{unknown}: expected classes of {list(classes)}, each in one group")
        head |= dict.fromkeys(group, " or ".join(group))
    names = tuple(dict.fromkeys(head.values()))
    places = np.array([names.index(head[name]) for name in classes])
    return places[np.asarray(labels)], names


def answer_within(
    labels: np.ndarray, probabilities: np.ndarray, classes: Sequence[str], keep: Sequence[str]
) -> tuple[np.ndarray, np.ndarray]:
    """The pictures of `keep` when only `keep` can be answered: the most likely of these.

    labels: int (n,), index into `classes`. probabilities: float (n, K). Returns true and predicted
    labels, int64 (m,) each, index into `keep`.
    """
    asked = renumber(labels, classes, keep)
    chosen = asked >= 0
    columns = [list(classes).index(name) for name in keep]
    return asked[chosen], np.asarray(probabilities)[chosen][:, columns].argmax(axis=1)


def learned_minus_asked(
    labels: np.ndarray,
    probabilities: np.ndarray,
    classes: Sequence[str],
    keep: Sequence[str],
    learned: np.ndarray,
) -> PairedDifference:
    """Accuracy of a network trained on `keep` minus that of one of all classes which may answer
    `keep` only (see `answer_within`), on the same pictures.

    learned: int (m,), index into `keep`, what the first answers to the pictures of `keep`.
    """
    true, asked = answer_within(labels, probabilities, classes, keep)
    return paired_difference(true, learned, asked)


def steps(
    labels: np.ndarray,
    predicted: np.ndarray,
    probabilities: np.ndarray,
    classes: Sequence[str],
    keep: Sequence[str],
) -> dict[str, tuple[int, int]]:
    """From the whole question to the smaller one, as (right answers, pictures).

    All pictures; only those of `keep`, every class still an answer; only the answers of `keep`.
    labels and predicted: int (n,), index into `classes`. probabilities: float (n, K).
    """
    labels, right = np.asarray(labels), np.asarray(labels) == np.asarray(predicted)
    of_kept = renumber(labels, classes, keep) >= 0
    true, answered = answer_within(labels, probabilities, classes, keep)
    return {
        f"all pictures, {len(classes)} answers": (int(right.sum()), len(right)),
        f"{len(keep)} classes, {len(classes)} answers": (int(right[of_kept].sum()), len(true)),
        f"{len(keep)} classes, {len(keep)} answers": (int((true == answered).sum()), len(true)),
    }


def asked_twice(
    labels: np.ndarray,
    likely: Mapping[str, Sequence[np.ndarray]],
    classes: Sequence[str],
    keep: Sequence[str],
) -> dict[str, tuple[tuple[float, float, float], ...]]:
    """The first and the last of the `steps` of several networks, as accuracies.

    labels: int (n,). likely: by network the probabilities float (n, K) of each of its seeds.
    Returns by network (value, low, high) of all pictures and of those of `keep`: means over its
    seeds, with Wilson's interval at the number of pictures.
    """
    found = {}
    for name, seeds in likely.items():
        counted = [list(steps(labels, p.argmax(1), p, classes, keep).values()) for p in seeds]
        whole, _, fewer = np.mean(counted, axis=0).tolist()
        found[name] = tuple(with_interval(right / n, int(n)) for right, n in (whole, fewer))
    return found
