"""How large a network's signals are, layer by layer, on the way forward and on the way back.

For looking at a network before training, or after a few steps of it. Dropout is off; batch
normalisation uses the statistics of the pictures given, as in training.
"""

from __future__ import annotations

import copy
from functools import partial
from typing import NamedTuple

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from fer_utils.models.torch_net import TorchNet


class Signal(NamedTuple):
    """What leaves one convolution or dense layer, before any activation behind it.

    `size` and `gradient` are root mean squares over all its numbers: of the numbers z, and of the
    loss's derivative with respect to them, the loss being summed over the pictures. `below` is the
    share of numbers z <= 0, where a ReLU would give 0; `dead` is the share of units (channels of a
    convolution) that are there at every place of every picture.
    """

    layer: str
    size: float
    gradient: float
    below: float
    dead: float


def signals(net: TorchNet, images: Tensor, labels: Tensor) -> list[Signal]:
    """One `Signal` for each convolution and dense layer outside blocks, in order.

    images: float (N, C, H, W); labels: int64 (N,). The network is left as it is.
    """
    net = copy.deepcopy(net).train()
    kept: dict[str, Tensor] = {}
    for name, module in net.named_children():
        if isinstance(module, nn.Dropout):
            module.eval()
        if isinstance(module, nn.Conv2d | nn.Linear):
            module.register_forward_hook(partial(_keep, kept, name))
    F.cross_entropy(net(images), labels, reduction="sum").backward()
    return [_signal(name, numbers) for name, numbers in kept.items()]


def _keep(kept: dict[str, Tensor], name: str, module: nn.Module, given: object, made: Tensor):
    made.retain_grad()
    kept[name] = made


def _signal(name: str, numbers: Tensor) -> Signal:
    values = numbers.detach()
    below = values <= 0
    silent = below.transpose(0, 1).flatten(1).all(1)  # (units,)
    return Signal(
        name,
        _root_mean_square(values),
        _root_mean_square(numbers.grad),
        below.float().mean().item(),
        silent.float().mean().item(),
    )


def _root_mean_square(values: Tensor) -> float:
    return torch.sqrt(values.double().square().mean()).item()
