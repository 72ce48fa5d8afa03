"""A first look at a data set: which pictures to show, and how much the class says about a pixel.

Functions that choose pictures return positions in the data set, int64; labels are int (N,),
pictures uint8 (N, H, W).
"""

from __future__ import annotations

import numpy as np

from fer_utils.data.audit import Audit
from fer_utils.data.neighbours import standardised


def examples(labels: np.ndarray, per_class: int, seed: int = 0) -> np.ndarray:
    """Random pictures of each class, class after class; all of a class that has fewer."""
    labels = np.asarray(labels)
    rng = np.random.default_rng(seed)
    chosen = [
        rng.permutation(np.flatnonzero(labels == label))[:per_class] for label in np.unique(labels)
    ]
    return np.concatenate([*chosen, np.zeros(0, np.int64)])


def least_typical(images: np.ndarray, n: int) -> np.ndarray:
    """The ``n`` pictures that correlate least with the mean picture, the least typical first.

    Flat pictures correlate with nothing and are left out; fewer than ``n`` when there are no more.
    """
    rows = standardised(images)
    mean = standardised(np.asarray(images).mean(axis=0, keepdims=True))[0]
    score = np.where(rows.any(axis=1), rows @ mean, np.inf)
    order = np.argsort(score, kind="stable")[:n]
    return order[np.isfinite(score[order])]


def class_share_of_variance(images: np.ndarray, labels: np.ndarray) -> float:
    """Share of the pixels' variance that lies between the classes' mean pictures, 0..1.

    The variance of each pixel splits into that of the class means (each class counting as many
    times as it has pictures) and that within the classes; both are summed over the pixels. 0 when
    all pictures are the same.
    """
    images, labels = np.asarray(images), np.asarray(labels)
    mean = images.mean(axis=0)
    between = within = 0.0
    for label in np.unique(labels):
        own = images[labels == label]
        between += len(own) * float(((own.mean(axis=0) - mean) ** 2).sum())
        within += len(own) * float(own.var(axis=0).sum())
    return between / (between + within) if between + within else 0.0


def contradictory_pairs(found: Audit, n: int) -> np.ndarray:
    """Up to ``n`` pairs of identical pictures under two labels, int64 (m, 2), one pair a group."""
    labels = found.dataset.labels
    pairs = []
    for group in found.contradictory_groups()[:n]:
        other = group[labels[group] != labels[group[0]]]
        pairs.append((group[0], other[0]))
    return np.array(pairs, dtype=np.int64).reshape(-1, 2)
