"""Ensembles: the averaged probabilities of several networks, and what each of them adds.

Conventions: `members` maps a name to probabilities float (n, K) of the same n images, in one order;
labels int (n,). Nothing is chosen here by the labels that score it: members are taken in the order
given, or all subsets of a size are averaged over.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from itertools import combinations

import numpy as np

from fer_utils.data.dataset import CLASSES
from fer_utils.metrics.classification import with_interval
from fer_utils.metrics.paired import PairedDifference, paired_difference

MOST_SUBSETS = 5000  # of one size; beyond, as many are drawn


def averaged(members: Mapping[str, np.ndarray]) -> np.ndarray:
    """Mean of the probabilities, float64 (n, K). ValueError without members of one shape."""
    shapes = {np.shape(one) for one in members.values()}
    if len(shapes) != 1:
        raise ValueError(f"expected probabilities (n, K) of the same images, got {sorted(shapes)}")
    return np.mean([np.asarray(one, np.float64) for one in members.values()], axis=0)


def of_records(
    records: Sequence, split: str, classes: Sequence[str] = CLASSES
) -> dict[str, np.ndarray]:
    """Members by experiment and seed, from records that keep probabilities of the split and answer
    with these classes: networks of fewer classes were asked another question."""
    found = {}
    for record in records:
        made = record.predictions.get(split)
        known = made is not None and made.probabilities is not None
        if known and tuple(record.classes) == tuple(classes):
            name = f"{record.experiment}, {record.framework}, seed {record.seed}"
            found[name] = made.probabilities
    return found


def by_size(
    labels: np.ndarray, members: Mapping[str, np.ndarray], seed: int = 0
) -> dict[int, tuple[float, float, float]]:
    """Accuracy of an ensemble by its size, mean over all its subsets, with the Wilson interval at n
    images: {1: (value, low, high), ...}."""
    labels, names, n = np.asarray(labels), list(members), len(labels)
    rng, found = np.random.default_rng(seed), {}
    for size in range(1, len(names) + 1):
        subsets = list(combinations(names, size))
        if len(subsets) > MOST_SUBSETS:
            chosen = rng.choice(len(subsets), MOST_SUBSETS, replace=False)
            subsets = [subsets[i] for i in chosen]
        right = [_right(labels, {k: members[k] for k in one}).mean() for one in subsets]
        found[size] = with_interval(float(np.mean(right)), n)
    return found


def gains(labels: np.ndarray, members: Mapping[str, np.ndarray]) -> dict[str, PairedDifference]:
    """What each member adds: the ensemble of all minus the one without it, on the same images.

    Raises ValueError for fewer than two members.
    """
    if len(members) < 2:
        raise ValueError(f"expected two members or more, got {len(members)}")
    whole = averaged(members).argmax(1)
    found = {}
    for name in members:
        rest = {other: likely for other, likely in members.items() if other != name}
        found[name] = paired_difference(labels, whole, averaged(rest).argmax(1))
    return found


def in_order(
    labels: np.ndarray, members: Mapping[str, np.ndarray]
) -> dict[str, tuple[float, float, float]]:
    """Accuracy with its interval of the first member, of the first two, and so on, by the name of
    the member that came last."""
    labels, found, taken = np.asarray(labels), {}, {}
    for name, likely in members.items():
        taken[name] = likely
        found[name] = with_interval(float(_right(labels, taken).mean()), len(labels))
    return found


def _right(labels: np.ndarray, members: Mapping[str, np.ndarray]) -> np.ndarray:
    return averaged(members).argmax(1) == labels
