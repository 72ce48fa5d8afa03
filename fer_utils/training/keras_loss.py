"""The loss of `training.targets` in Keras, and the training accuracy beside it.

What the loop hands Keras as `y` is float32 (B, 1 + K): the image's own label, which counts for the
accuracy, and its target, which counts for the loss.
"""

from __future__ import annotations

from collections.abc import Callable

import keras
import numpy as np

from fer_utils.training.targets import LEAST_DOUBT


def joined(labels: np.ndarray, targets: np.ndarray) -> np.ndarray:
    """`y` float32 (B, 1 + K) of labels int (B,) and targets (B, K)."""
    return np.concatenate([labels[:, None], targets], axis=1).astype(np.float32)


def losses(offset: np.ndarray, gamma: float) -> Callable:
    """A function from `y` (B, 1 + K) and logits (B, K) to the loss of each image in nats (B,)."""
    ops = keras.ops

    def cross_entropy(y, logits):
        logits = ops.cast(logits, "float32") + ops.convert_to_tensor(offset)
        log_p = ops.log_softmax(logits, axis=-1)
        terms = y[:, 1:] * log_p
        if gamma:
            terms = terms * ops.maximum(1 - ops.exp(log_p), LEAST_DOUBT) ** gamma
        return -ops.sum(terms, axis=-1)

    return cross_entropy


def accuracy(y, logits):
    """1 for each image whose most likely class is its own label, else 0, float32 (B,)."""
    ops = keras.ops
    own = ops.cast(y[:, 0], "int32")
    return ops.cast(own == ops.cast(ops.argmax(logits, axis=-1), "int32"), "float32")
