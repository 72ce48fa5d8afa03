"""Predictions scored against labels in another order: what accuracy that leaves.

Evaluate a network with a generator that shuffles, and read the labels from the folder: prediction i
is then compared with the label of any picture. With p_k the share of class k among the labels and
q_k its share among the predictions, a label and a prediction that have nothing to do with each
other agree with probability

    a = sum_k p_k q_k,

whatever the network knows. Over all orders of n predictions that is exactly the mean of the
accuracy; `expected_agreement` gives its standard deviation too.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from fer_utils.metrics.classification import Z_95


class Agreement(NamedTuple):
    """Accuracy of predictions in random order: mean and standard deviation over the orders."""

    mean: float
    deviation: float

    @property
    def interval(self) -> tuple[float, float, float]:
        """Mean, low, high: 95% of the orders lie between the last two, by the normal law."""
        half = Z_95 * self.deviation
        return self.mean, self.mean - half, self.mean + half


def expected_agreement(labels: np.ndarray, predicted: np.ndarray, classes: int) -> Agreement:
    """Mean and standard deviation of the accuracy over all orders of `predicted`; int (n,) both.

    The number right is a sum over pictures of c(i, order(i)), c = 1 where label and prediction
    agree. Its variance over orders (Hoeffding, 1951) is the sum over i and j of the squares of
    c - (its row's mean) - (its column's mean) + (its overall mean), over n - 1.

    Raises ValueError for fewer than two labels or another number of predictions.
    """
    labels, predicted = np.asarray(labels), np.asarray(predicted)
    n = len(labels)
    if labels.shape != predicted.shape or n < 2:
        raise ValueError(
            f"expected two or more labels and as many predictions, got {labels.shape} and "
            f"{predicted.shape}"
        )
    p, q = (np.bincount(x, minlength=classes) / n for x in (labels, predicted))
    mean = float(p @ q)
    # c(i, j) depends on the classes alone: n p_k rows and n q_l columns of each
    centred = np.eye(classes) - q[:, None] - p[None, :] + mean  # row k: mean q_k; column l: p_l
    variance = n * n * float(p @ centred**2 @ q) / (n - 1)
    return Agreement(mean, float(np.sqrt(variance)) / n)


def shuffled_accuracies(
    labels: np.ndarray, predicted: np.ndarray, times: int = 1000, seed: int = 0
) -> np.ndarray:
    """Accuracy of `predicted` in `times` random orders, float64 (times,)."""
    rng, labels = np.random.default_rng(seed), np.asarray(labels)
    return np.array([np.mean(rng.permutation(predicted) == labels) for _ in range(times)])


class ShuffledGenerator:
    """What an image generator with `shuffle=True` is: `classes` in the order of the folder, batches
    in another.

    Keras' `flow_from_directory` does this unless it is told otherwise, and so `model.predict` of it
    and its `classes` do not belong together.
    """

    def __init__(self, images: np.ndarray, labels: np.ndarray, shuffle: bool = True, seed: int = 0):
        self.images, self.classes = np.asarray(images), np.asarray(labels)
        order = np.random.default_rng(seed).permutation(len(self.classes))
        self.order = order if shuffle else np.arange(len(self.classes))

    def batches(self, size: int = 64):
        """Images of each batch, in the generator's own order."""
        for start in range(0, len(self.order), size):
            yield self.images[self.order[start : start + size]]
