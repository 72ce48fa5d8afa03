"""Every layer but the last is followed by ReLU; the last by the softmax. Taking the largest logit
of a row away changes no probability, since numerator and denominator shrink by the same factor, and
keeps `exp` from overflowing."""

import numpy as np


def probabilities(images: np.ndarray, weights: list, biases: list) -> np.ndarray:
    """The network's answers (n, classes) to images (n, pixels).

    weights: a matrix (inputs, units) for each layer; biases: a row (units,) for each.
    """
    x = images
    for i, (matrix, bias) in enumerate(zip(weights, biases, strict=True)):
        x = x @ matrix + bias
        if i < len(weights) - 1:
            x = np.maximum(x, 0)
    likely = np.exp(x - x.max(axis=1, keepdims=True))
    return likely / likely.sum(axis=1, keepdims=True)
