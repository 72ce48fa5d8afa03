"""Fixed stratified parts of Training, on which every choice is made.

The draw is the same on every machine and for ever: it uses numpy's `RandomState`, whose streams
are frozen, once per class. So a class has the same held-out pictures whichever other classes are
in the data set: holding out and choosing classes can be done in either order.
"""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from fer_utils.data.dataset import FaceDataset

VALIDATION_FRACTION = 0.1
SPLIT_SEED = 0


def stratified_holdout(
    labels: np.ndarray, fraction: float, seed: int
) -> tuple[np.ndarray, np.ndarray]:
    """Positions kept and held out, ``fraction`` of each class held out (halves rounded up).

    labels: int (N,). Returns two int64 arrays, sorted, that share nothing and together hold
    0 .. N-1. Raises `ValueError` for a fraction outside 0 to 1.
    """
    labels = np.asarray(labels)
    if not 0.0 <= fraction <= 1.0:
        raise ValueError(f"expected a fraction from 0 to 1, got {fraction}")
    held = np.zeros(len(labels), dtype=bool)
    for label in np.unique(labels):
        members = np.flatnonzero(labels == label)
        held[_draw(members, int(len(members) * fraction + 0.5), seed)] = True
    return np.flatnonzero(~held), np.flatnonzero(held)


def stratified_choice(labels: np.ndarray, n: int, seed: int) -> np.ndarray:
    """``n`` positions with the classes in the proportions of ``labels``, int64 (n,), sorted.

    Each class gets its exact share rounded down; what is left goes to the largest remainders.
    Raises `ValueError` when there are fewer than ``n``.
    """
    labels = np.asarray(labels)
    if not 0 <= n <= len(labels):
        raise ValueError(f"expected n from 0 to {len(labels)}, the number of labels; got {n}")
    classes, numbers = np.unique(labels, return_counts=True)
    take = numbers * n // max(len(labels), 1)
    remainder = numbers * n - take * len(labels)
    take[np.argsort(-remainder, kind="stable")[: n - take.sum()]] += 1
    chosen = [
        _draw(np.flatnonzero(labels == label), k, seed)
        for label, k in zip(classes, take, strict=True)
    ]
    return np.sort(np.concatenate([*chosen, np.zeros(0, np.int64)]))


def stratified_folds(labels: np.ndarray, folds: int, seed: int = SPLIT_SEED) -> np.ndarray:
    """The fold, 0 .. folds-1, of each of N pictures, int64 (N,); a class differs by one at most.

    Raises `ValueError` for fewer than two folds and for a class with fewer pictures than folds.
    """
    labels = np.asarray(labels)
    if folds < 2:
        raise ValueError(f"expected at least 2 folds, got {folds}")
    fold = np.zeros(len(labels), np.int64)
    for label in np.unique(labels):
        members = np.flatnonzero(labels == label)
        if len(members) < folds:
            raise ValueError(
                f"class {label} has {len(members)} pictures, too few for {folds} folds; use fewer"
            )
        fold[_draw(members, len(members), seed)] = np.arange(len(members)) % folds
    return fold


def validation_tenth(dataset: FaceDataset) -> tuple[FaceDataset, FaceDataset]:
    """Training without a fixed stratified tenth, and that tenth (``split == "validation"``)."""
    train = dataset.part("train")
    kept, held = stratified_holdout(train.labels, VALIDATION_FRACTION, SPLIT_SEED)
    validation = train.take(held)
    split = np.full(len(held), "validation")
    return train.take(kept), replace(validation, split=split, known_fingerprint=None)


def ten_thousand(dataset: FaceDataset) -> FaceDataset:
    """The fixed stratified 10,000 of the nine tenths that sweeps train on; all when fewer."""
    rest, _ = validation_tenth(dataset)
    if len(rest) <= 10_000:
        return rest
    return rest.take(stratified_choice(rest.labels, 10_000, SPLIT_SEED))


def _draw(members: np.ndarray, k: int, seed: int) -> np.ndarray:
    return members[np.random.RandomState(seed).permutation(len(members))[:k]]
