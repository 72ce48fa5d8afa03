"""Does a map mean anything? Deletion and insertion, and the network with its weights thrown away.

Conventions as in `interpret_maps`. Faces are taken apart in square blocks of pixels, since single
pixels that go missing are noise of a kind no network has seen. A random order deletes blocks of
the same size and colour, so a map that beats it knows *which* they are.

Petsiuk, Das & Saenko (2018): deletion covers the most important blocks first, and the sooner the
probability falls the better the map; insertion uncovers them first, on a blurred face, and the
sooner it rises the better. Adebayo et al. (2018): a map that stays the same while the network's
weights become random shows the face, not the network.
"""

from __future__ import annotations

import copy
from collections.abc import Mapping, Sequence

import cv2
import numpy as np
import torch
from torch import nn

from fer_utils.interpret_maps import probabilities
from fer_utils.metrics.classification import Z_95
from fer_utils.models import torch_net
from fer_utils.models.initial import initial_weights
from fer_utils.models.pixel_net import PixelNet

BLOCK = 4  # pixels a side
BLUR = 6.0  # pixels, the deviation of the blur under insertion


def block_order(maps: np.ndarray, block: int = BLOCK, seed: int = 0) -> np.ndarray:
    """Numbers of the blocks by their mean in the map, largest first, int (N, blocks).

    maps: (N, H, W). Blocks count row by row; ties (where Grad-CAM is zero, say) fall at random.
    Raises ValueError where the side is no multiple of the block.
    """
    n, height, width = maps.shape
    if height % block or width % block:
        raise ValueError(f"maps of {height}x{width} pixels do not divide into blocks of {block}")
    means = maps.reshape(n, height // block, block, width // block, block).mean(axis=(2, 4))
    means = means.reshape(n, -1)
    chance = np.random.default_rng(seed).random(means.shape)
    return np.lexsort((chance, -means), axis=1)


def random_order(n: int, blocks: int, seed: int = 0) -> np.ndarray:
    """An order of its own for each of n faces, int (n, blocks)."""
    return np.random.default_rng(seed).random((n, blocks)).argsort(axis=1)


def deletion(
    net: nn.Module,
    faces: np.ndarray,
    targets: np.ndarray,
    order: np.ndarray,
    grey: float = 0.5,
    steps: int = 12,
    block: int = BLOCK,
) -> np.ndarray:
    """Probability of the target, (N, steps + 1), while blocks turn grey, first to last of `order`.

    Column 0 is the whole face, the last one nothing but grey.
    """
    empty = np.full_like(faces, round(255 * grey))
    return _curve(net, faces, empty, targets, order, steps, block)


def insertion(
    net: nn.Module,
    faces: np.ndarray,
    targets: np.ndarray,
    order: np.ndarray,
    steps: int = 12,
    block: int = BLOCK,
) -> np.ndarray:
    """Probability of the target, (N, steps + 1), while blocks of a blurred face turn sharp.

    Column 0 is the blurred face, the last one the whole face.
    """
    blurred = np.stack([cv2.GaussianBlur(face, (0, 0), BLUR) for face in faces])
    return _curve(net, blurred, faces, targets, order, steps, block)


def area(curves: np.ndarray) -> np.ndarray:
    """The mean height of curves (N, steps + 1) between their first and last point, (N,)."""
    return (curves[:, 1:] + curves[:, :-1]).mean(axis=1) / 2


def interval(values: np.ndarray) -> tuple[float, float, float]:
    """Mean over faces, (N,), and its 95% interval by the normal law; NaN are left out.

    Raises ValueError for fewer than two values.
    """
    values = np.asarray(values, np.float64)
    values = values[~np.isnan(values)]
    if len(values) < 2:
        raise ValueError(f"an interval needs two values at least, got {len(values)}")
    mean, error = values.mean(), values.std(ddof=1) / np.sqrt(len(values))
    return float(mean), float(mean - Z_95 * error), float(mean + Z_95 * error)


def by_class(
    values: np.ndarray, labels: np.ndarray, classes: Sequence[str]
) -> dict[str, tuple[float, float, float]]:
    """`interval` of the values (N,) of each class, labels int (N,), and of all of them last.

    Rows are named "fear, n = 9" and "all, n = 60". NaN are left out; a class of
    fewer than two faces has no row.
    """
    known = ~np.isnan(values)
    values, labels = values[known], labels[known]
    rows = [(name, values[labels == k]) for k, name in enumerate(classes)]
    kept = [(name, some) for name, some in rows if len(some) > 1]
    return {f"{name}, n = {len(some)}": interval(some) for name, some in [*kept, ("all", values)]}


def _curve(
    net: nn.Module,
    first: np.ndarray,
    last: np.ndarray,
    targets: np.ndarray,
    order: np.ndarray,
    steps: int,
    block: int,
) -> np.ndarray:
    """From the pictures `first` to `last`, block by block."""
    n, blocks = order.shape
    places = order.argsort(axis=1)  # when each block is changed
    across = first.shape[2] // block
    curve = []
    for step in range(steps + 1):
        changed = (places < round(step * blocks / steps)).reshape(n, -1, across)
        mask = changed.repeat(block, axis=1).repeat(block, axis=2)
        found = probabilities(net, np.where(mask, last, first))
        curve.append(found[np.arange(n), targets])
    return np.stack(curve, axis=1)


def learned_layers(net: torch_net.TorchNet) -> list[list[str]]:
    """Keys of the layers that hold weights, from the last to the first; a BatchNorm goes with the
    convolution or dense layer before it."""
    groups: list[list[str]] = []
    for key in dict.fromkeys(name.split("/")[0] for name in net.spec.variables()):
        if key.endswith("batch_norm") and groups:
            groups[-1].append(key)
        else:
            groups.append([key])
    return groups[::-1]


def randomised(whole: PixelNet, layers: int, seed: int = 0) -> PixelNet:
    """The network with its last `layers` layers as freshly built; the others as trained.

    ValueError for more layers than it has.
    """
    groups = learned_layers(whole.net)
    if not 0 <= layers <= len(groups):
        raise ValueError(f"layers={layers}: {whole.net.spec.name} has {len(groups)} with weights")
    fresh = {key for group in groups[:layers] for key in group}
    weights: Mapping[str, np.ndarray] = torch_net.weights(whole.net)
    initial = initial_weights(whole.net.spec, seed)
    mixed = {k: initial[k] if k.split("/")[0] in fresh else v for k, v in weights.items()}
    other = copy.deepcopy(whole)
    with torch.no_grad():
        torch_net.set_weights(other.net, mixed)
    return other


def similarity(first: np.ndarray, second: np.ndarray) -> np.ndarray:
    """Spearman's rank correlation of the sizes of two maps of each face, (N,).

    Maps are (N, H, W); 1 is the same order of pixels, 0 none. NaN where a map has one value only.
    """
    from scipy.stats import rankdata  # here: the book documents this file beside a mock of PyTorch

    ranks = [rankdata(np.abs(maps).reshape(len(maps), -1), axis=1) for maps in (first, second)]
    a, b = (one - one.mean(axis=1, keepdims=True) for one in ranks)
    scale = np.sqrt(np.square(a).sum(1) * np.square(b).sum(1))
    return np.divide((a * b).sum(1), scale, out=np.full(len(a), np.nan), where=scale > 0)
