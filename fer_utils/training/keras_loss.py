"""The loss of `training.targets` in Keras, and the training accuracy beside it.

What the loop hands Keras as `y` is float32 (B, 1 + K): the image's own label, which counts for the
accuracy, and its target, which counts for the loss. Where there are teachers, their answers stand
behind it (B, 1 + 2K), and the loss is that of `training.distillation`.
"""

from __future__ import annotations

from collections.abc import Callable

import keras
import numpy as np

from fer_utils.training.targets import LEAST_DOUBT


def joined(labels: np.ndarray, *targets: np.ndarray) -> np.ndarray:
    """`y` float32 of labels int (B,), targets (B, K) and, where given, teachers' answers (B, K)."""
    return np.concatenate([labels[:, None], *targets], axis=1).astype(np.float32)


def losses(
    offset: np.ndarray, gamma: float, share: float = 0.0, temperature: float = 1.0
) -> Callable:
    """A function from `y` and logits (B, K) to the loss of each image in nats (B,); `share` of it
    against the teachers' answers, softened by `temperature`."""
    ops = keras.ops

    def cross_entropy(y, logits):
        logits = ops.cast(logits, "float32")
        log_p = ops.log_softmax(logits + ops.convert_to_tensor(offset), axis=-1)
        classes = len(offset)
        terms = y[:, 1 : 1 + classes] * log_p
        if gamma:
            terms = terms * ops.maximum(1 - ops.exp(log_p), LEAST_DOUBT) ** gamma
        if share:
            softened = ops.log_softmax(logits / temperature, axis=-1)
            theirs = temperature**2 * y[:, 1 + classes :] * softened
            terms = (1 - share) * terms + share * theirs
        return -ops.sum(terms, axis=-1)

    return cross_entropy


def accuracy(y, logits):
    """1 for each image whose most likely class is its own label, else 0, float32 (B,)."""
    ops = keras.ops
    own = ops.cast(y[:, 0], "int32")
    return ops.cast(own == ops.cast(ops.argmax(logits, axis=-1), "int32"), "float32")
