"""Mean and variance are taken over the batch and all places of a channel, not over the channels of
a picture. The scale of what comes in drops out, which is why BatchNorm takes over a part of the
work of the initial weights."""

import numpy as np


def batch_norm(maps: np.ndarray, gamma: np.ndarray, beta: np.ndarray, epsilon: float) -> np.ndarray:
    """Maps (N, H, W, C) as BatchNorm hands them on while training; gamma and beta are (C,)."""
    mean = maps.mean(axis=(0, 1, 2))
    variance = maps.var(axis=(0, 1, 2))
    return gamma * (maps - mean) / np.sqrt(variance + epsilon) + beta
