"""The mean lets a sure view outweigh two that waver, which a vote does not; and it forgives a view
that is far off, which a mean of logarithms does not. The leak-free accuracy has its own
denominator: pictures that also stand in Training are left out, not counted as wrong."""

import numpy as np


def two_accuracies(
    views: np.ndarray, labels: np.ndarray, leaked: np.ndarray
) -> tuple[float, float]:
    """Accuracy of the views' mean probabilities, and the same without leaked pictures.

    views: probabilities (views, n, K); labels: (n,); leaked: bool (n,), stands in Training too.
    """
    right = views.mean(axis=0).argmax(axis=1) == labels
    return float(right.mean()), float(right[~leaked].mean())
