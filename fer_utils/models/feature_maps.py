"""What each step of a convolutional block does to a picture, in plain NumPy, to look at.

Conventions. Pictures are (N, H, W), uint8 or float; feature maps are float32 (N, H, W, C), one map
a channel; a kernel is (k, k, C, K) as in the neutral weights of `initial`, k odd. Nothing here
learns: the trained networks are built by `torch_net` and `keras_net`, and tests hold each step
against PyTorch's.
"""

from __future__ import annotations

import numpy as np
from numpy.lib.stride_tricks import sliding_window_view

from fer_utils.models.initial import initial_weights
from fer_utils.models.spec import NetSpec


def first_kernel(
    weights: dict[str, np.ndarray], spec: NetSpec, seed: int = 0
) -> tuple[np.ndarray, bool]:
    """The kernel (k, k, C, K) of the network's first convolution, and whether it was trained.

    weights: of a run, all of them or the few that a record keeps. Where the kernel is not among
    them, it is that of a network freshly built with `seed`. Raises ValueError for a network that
    does not begin with a convolution.
    """
    first = spec.placed[0]
    if first.layer.kind != "conv":
        raise ValueError(f"{spec.name} begins with {first.key}; expected a convolution")
    name = f"{first.key}/kernel"
    kernel = weights.get(name)
    if kernel is not None:
        return kernel, True
    return initial_weights(spec, seed)[name], False


def strongest(kernel: np.ndarray, n: int) -> np.ndarray:
    """The `n` filters of largest norm, (k, k, C, n), the strongest first."""
    norms = np.linalg.norm(kernel.reshape(-1, kernel.shape[-1]), axis=0)
    return kernel[..., np.argsort(-norms, kind="stable")[:n]]


def smoothness(kernel: np.ndarray) -> float:
    """How far neighbouring weights of a kernel (k, k, C, K) are alike, -1 to 1: their correlation
    about zero, over all pairs side by side and one above the other. 0 where the kernel is zero, and
    about 0 for weights drawn independently. ValueError for k = 1, which has no neighbours.
    """
    if kernel.shape[0] < 2:
        raise ValueError(f"a kernel {kernel.shape} has no neighbouring weights")
    w = np.asarray(kernel, np.float64)
    product = (w[:-1] * w[1:]).sum() + (w[:, :-1] * w[:, 1:]).sum()
    first = np.square(w[:-1]).sum() + np.square(w[:, :-1]).sum()
    second = np.square(w[1:]).sum() + np.square(w[:, 1:]).sum()
    return float(product / np.sqrt(first * second)) if first * second > 0 else 0.0


def standardised(pictures: np.ndarray) -> np.ndarray:
    """Pictures (N, H, W) as maps (N, H, W, 1) with mean 0 and deviation 1 over all of them."""
    maps = np.asarray(pictures, dtype=np.float32)[..., None]
    return (maps - maps.mean()) / (maps.std() or 1)


def moved(pictures: np.ndarray, down: int, right: int) -> np.ndarray:
    """Pictures (N, H, W) or maps (N, H, W, C) moved by whole pixels; 0 comes in at the edge."""
    height, width = pictures.shape[1:3]
    if abs(down) >= height or abs(right) >= width:
        raise ValueError(f"cannot move pictures {height}x{width} by {down} and {right} pixels")
    result = np.zeros_like(pictures)
    target = (slice(None), _span(down, height), _span(right, width))
    result[target] = pictures[:, _span(-down, height), _span(-right, width)]
    return result


def _span(by: int, size: int) -> slice:
    """Positions of an axis that are still filled after moving by `by`."""
    return slice(max(by, 0), size + min(by, 0))


def convolve(maps: np.ndarray, kernel: np.ndarray) -> np.ndarray:
    """Maps (N, H, W, C) under a kernel (k, k, C, K): (N, H, W, K), padded with 0, without bias.

    Like every framework it does not flip the kernel, which in other fields is cross-correlation.
    """
    size = kernel.shape[0]
    if kernel.ndim != 4 or size % 2 == 0 or maps.ndim != 4 or maps.shape[-1] != kernel.shape[2]:
        raise ValueError(
            f"expected maps (N, H, W, C) and a kernel (k, k, C, K) with odd k, "
            f"got {maps.shape} and {kernel.shape}"
        )
    edge = size // 2
    padded = np.pad(np.float32(maps), ((0, 0), (edge, edge), (edge, edge), (0, 0)))
    windows = sliding_window_view(padded, (size, size), axis=(1, 2))  # (N, H, W, C, k, k)
    return np.tensordot(windows, np.float32(kernel), axes=((4, 5, 3), (0, 1, 2)))


def batch_norm(maps: np.ndarray, epsilon: float = 1e-5) -> np.ndarray:
    """Each channel of (N, H, W, C) with mean 0 and variance 1 over pictures and pixels.

    As while training, before the learned scale and offset.
    """
    mean, variance = maps.mean(axis=(0, 1, 2)), maps.var(axis=(0, 1, 2))
    return (maps - mean) / np.sqrt(variance + epsilon)


def relu(maps: np.ndarray) -> np.ndarray:
    """The positive part."""
    return np.maximum(maps, 0)


def dropout(maps: np.ndarray, rate: float, seed: int = 0) -> tuple[np.ndarray, np.ndarray]:
    """As while training: maps with silenced units at 0 and the others divided by 1 - rate.

    Returns the maps and a mask, bool and of the same shape, of the units kept.
    """
    if not 0 <= rate < 1:
        raise ValueError(f"expected rate in [0, 1), got {rate}")
    kept = np.random.default_rng(seed).random(maps.shape) >= rate
    return (maps * kept / (1 - rate)).astype(maps.dtype), kept


def max_pool(maps: np.ndarray, size: int = 2) -> np.ndarray:
    """The maximum of each `size` by `size` square of (N, H, W, C); an odd rest is left out."""
    n, height, width, channels = maps.shape
    rows, columns = height // size, width // size
    cut = maps[:, : rows * size, : columns * size]
    return cut.reshape(n, rows, size, columns, size, channels).max(axis=(2, 4))
