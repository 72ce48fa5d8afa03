"""How far apart two pictures are as rows of numbers: what a fully connected network compares."""

from __future__ import annotations

import numpy as np


def to_itself_moved(images: np.ndarray, pixels: int) -> float:
    """Distance of pictures to themselves moved sideways by `pixels`, mean over uint8 (N, H, W).

    Root mean square over the columns that both share, grey levels over 255, so 0..1. Raises
    ValueError when nothing is shared.
    """
    width = images.shape[2]
    if not 0 <= pixels < width:
        raise ValueError(f"pixels={pixels}: expected 0 to {width - 1}, the width less one")
    x = images.astype(np.float32) / 255
    return _distance(x[:, :, pixels:], x[:, :, : width - pixels])


def to_a_stranger(images: np.ndarray, seed: int = 0) -> float:
    """Distance of pictures to one drawn at random among the others, mean over uint8 (N, H, W)."""
    if len(images) < 2:
        raise ValueError("needs two pictures or more")
    x = images.astype(np.float32) / 255
    steps = np.random.default_rng(seed).integers(1, len(x), len(x))
    return _distance(x, x[(np.arange(len(x)) + steps) % len(x)])


def _distance(first: np.ndarray, second: np.ndarray) -> float:
    """Mean over pictures of the root mean square difference of their pixels."""
    return float(np.sqrt(((first - second) ** 2).mean(axis=(1, 2))).mean())
