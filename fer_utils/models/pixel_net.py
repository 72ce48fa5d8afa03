"""`PixelNet`: a trained Torch network with its scaling inside, from pixels to logits, to look into.

What explains a network asks about pixels, so the scaling has to be part of what is asked.
"""

from __future__ import annotations

import copy

import numpy as np
import torch
from torch import Tensor, nn

from fer_utils.models.torch_net import TorchNet


class PixelNet(nn.Module):
    """Logits (N, K) of pixels in 0..1, float32 (N, C, H, W).

    net: copied, set to evaluation, its weights frozen. mean, std: of the pixels in 0..1, as in
    training. temperature: divides the logits.
    """

    def __init__(
        self, net: TorchNet, mean: float = 0.0, std: float = 1.0, temperature: float = 1.0
    ) -> None:
        super().__init__()
        net = copy.deepcopy(net).eval().requires_grad_(False)
        self.net = net.to(memory_format=torch.channels_last)  # a third faster on a CPU
        self.mean, self.std, self.temperature = mean, std, temperature

    def forward(self, pixels: Tensor) -> Tensor:
        return self.net((pixels - self.mean) / self.std) / self.temperature

    def layer(self, key: str) -> nn.Module:
        """A layer by its key in the spec. ValueError that lists the keys."""
        layers = dict(self.net.named_children())
        if key not in layers:
            raise ValueError(f"{self.net.spec.name} has no layer {key!r}; it has {list(layers)}")
        return layers[key]

    def until(self, key: str) -> nn.Module:
        """Pixels to what leaves the layer `key`. ValueError as in `layer`."""
        self.layer(key)
        return _Until(self, list(dict(self.net.named_children())).index(key) + 1)


class _Until(nn.Module):
    """The first `count` layers of a `PixelNet`, sharing its weights."""

    def __init__(self, whole: PixelNet, count: int) -> None:
        super().__init__()
        self.body, self.mean, self.std = whole.net[:count], whole.mean, whole.std

    def forward(self, pixels: Tensor) -> Tensor:
        return self.body((pixels - self.mean) / self.std)


def pixels(faces: np.ndarray) -> Tensor:
    """Grey faces uint8 (N, H, W) as float32 (N, 1, H, W) in 0..1; ValueError for anything else."""
    faces = np.asarray(faces)
    if faces.ndim != 3 or faces.dtype != np.uint8:
        raise ValueError(f"expected grey faces uint8 (N, H, W), got {faces.dtype} {faces.shape}")
    return torch.from_numpy(faces.astype(np.float32) / 255)[:, None]
