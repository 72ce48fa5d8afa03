"""Shuffled pixel i is pixel `order[i]` of before, so row i of the new matrix is row `order[i]` of
the old one. Nothing in the network's answers tells the two problems apart: it never knew a
neighbour."""

import numpy as np


def weights_for_shuffled(weights: np.ndarray, order: np.ndarray) -> np.ndarray:
    """The first layer (pixels, units) that does to images[:, order] what `weights` do to images."""
    return weights[order]
