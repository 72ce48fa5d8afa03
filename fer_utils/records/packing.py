"""Predictions as a few bytes each: exact labels, and log-probabilities in 8 bits.

Conventions:

- labels are whole numbers 0 .. K-1, kept exactly, in the fewest bits that hold K-1 (3 for K = 7);
- probabilities are kept as log-ratios to the predicted class, log(p / p_predicted), in 255 equal
  steps from 0 down to `FLOOR` nats; the predicted class itself is always 0 and takes no room;
- reading renormalises each row to sum to 1, so a log-ratio is off by at most half a step
  (0.024 nats), and a class less likely than e^-12 of the predicted one is read as e^-12 of it.

Nothing here needs more than numpy to be read again.
"""

from __future__ import annotations

import numpy as np

from fer_utils.data.bits import pack_bits, unpack_bits

FLOOR = -12.0  # nats: the least log-ratio that is told apart
STEPS = 255


def bits_per_label(classes: int) -> int:
    """ceil(log2 K), at least 1. K must be 2 to 256."""
    if not 2 <= classes <= 256:
        raise ValueError(f"expected 2 to 256 classes, got {classes}")
    return (classes - 1).bit_length()


def pack_labels(labels: np.ndarray, classes: int) -> np.ndarray:
    """Labels int (n,) in 0 .. classes-1 -> uint8 (ceil(n * bits / 8),), most significant bit first.

    Raises ValueError when a label is outside its range.
    """
    bits = bits_per_label(classes)
    labels = np.asarray(labels)
    bad = np.flatnonzero((labels < 0) | (labels >= classes))
    if len(bad):
        raise ValueError(
            f"label {labels[bad[0]]} at position {bad[0]} is outside 0 to {classes - 1}"
        )
    return pack_bits(labels, bits)


def unpack_labels(packed: np.ndarray, n: int, classes: int) -> np.ndarray:
    """The uint8 (n,) labels that `pack_labels` packed.

    Raises ValueError when `packed` has not the length of n labels, or holds a label >= classes.
    """
    bits = bits_per_label(classes)
    expected = -(-n * bits // 8)
    if packed.shape != (expected,) or packed.dtype != np.uint8:
        raise ValueError(
            f"expected {expected} bytes for {n} labels of {classes} classes, "
            f"got {packed.dtype} {packed.shape}"
        )
    labels = unpack_bits(packed, n, bits)
    if n and labels.max() >= classes:
        raise ValueError(
            f"label {labels.max()} among the packed labels, expected 0 to {classes - 1}"
        )
    return labels


def pack_log_probabilities(log_probabilities: np.ndarray, labels: np.ndarray) -> np.ndarray:
    """Log-probabilities float (n, K), natural logarithm -> uint8 (K - 1, n).

    labels: int (n,), the predicted class of each row, whose column is left out. The columns lie
    one after another, which compresses a little better than rows.
    """
    n, classes = log_probabilities.shape
    predicted = np.take_along_axis(log_probabilities, labels.astype(np.int64)[:, None], axis=1)
    ratio = np.clip(log_probabilities - predicted, FLOOR, 0.0)  # (n, K)
    codes = np.rint(ratio / FLOOR * STEPS).astype(np.uint8)
    return np.ascontiguousarray(codes[_others(labels, classes)].reshape(n, classes - 1).T)


def unpack_log_probabilities(packed: np.ndarray, labels: np.ndarray, classes: int) -> np.ndarray:
    """The float32 (n, K) log-probabilities that `pack_log_probabilities` packed, rows sum to 1.

    Raises ValueError when `packed` does not fit n labels of K classes.
    """
    n = len(labels)
    if packed.shape != (classes - 1, n) or packed.dtype != np.uint8:
        raise ValueError(
            f"expected packed log-probabilities uint8 {(classes - 1, n)}, "
            f"got {packed.dtype} {packed.shape}"
        )
    ratio = np.zeros((n, classes))
    ratio[_others(labels, classes)] = (packed.T * (FLOOR / STEPS)).reshape(-1)
    total = np.log(np.exp(ratio).sum(axis=1, keepdims=True))
    return (ratio - total).astype(np.float32)


def _others(labels: np.ndarray, classes: int) -> np.ndarray:
    """Mask (n, K), True everywhere but in the column of each row's label."""
    return np.arange(classes) != labels.astype(np.int64)[:, None]
