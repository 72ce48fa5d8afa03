"""A channel's weight is the mean of its gradients over all places, so where in the map the gradient
was large is forgotten: only the maps themselves say where. What lies below zero is cut off, so
Grad-CAM shows nothing against the class. Maps behind a ReLU are nowhere negative: where every
weight is, nothing is left at all."""

import numpy as np


def grad_cam(maps: np.ndarray, gradients: np.ndarray) -> np.ndarray:
    """Grad-CAM (h, w), before it is enlarged to the face, from a layer's maps (C, h, w).

    `gradients` (C, h, w) are those of the class's logit with respect to the maps.
    """
    weights = gradients.mean(axis=(1, 2), keepdims=True)  # (C, 1, 1)
    return np.maximum(0, (weights * maps).sum(axis=0))
