"""How large a network's signals are, layer by layer, on the way forward and on the way back.

For looking at a network before training, or after a few steps of it. Dropout is off; batch
normalisation uses the statistics of the pictures given, as in training.
"""

from __future__ import annotations

import copy
from collections.abc import Mapping, Sequence
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


def before_and_after(
    before: Sequence[Signal], after: Sequence[Signal]
) -> dict[str, dict[str, float]]:
    """{layer: {"dead before", "dead", "below 0", "gradient"}} of one network, read twice.

    All but "dead before" are of the later reading. The last layer is left out: no activation stands
    behind it. ValueError where the layers differ.
    """
    if [first.layer for first in before] != [now.layer for now in after]:
        raise ValueError("expected two readings of one network, got other layers: read it twice")
    return {
        now.layer: {
            "dead before": first.dead,
            "dead": now.dead,
            "below 0": now.below,
            "gradient": now.gradient,
        }
        for first, now in zip(before[:-1], after[:-1], strict=True)
    }


def by_layer(found: Mapping[str, Sequence[Signal]], field: str) -> dict[str, dict[str, float]]:
    """{network: {layer: value}} of one field of `Signal`, for `plots.line_panels`.

    Layers are named by kind, numbered where there are several: "conv 1", "conv 2", "dense"; the
    last layer is "last".
    """
    return {
        network: dict(zip(_names(some), (getattr(one, field) for one in some), strict=True))
        for network, some in found.items()
    }


def _names(found: Sequence[Signal]) -> list[str]:
    kinds = [signal.layer.partition("_")[2] for signal in found[:-1]]  # of "03_conv": conv
    return [
        f"{kind} {kinds[: i + 1].count(kind)}" if kinds.count(kind) > 1 else kind
        for i, kind in enumerate(kinds)
    ] + ["last"]


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
