"""Which convolutions a training on a CPU computes by Winograd's algorithm, and switching it on.

It saves multiplications and pays with additions and copies: each channel's tiles are evaluated and
interpolated, however many channels it is multiplied with. So it gains where there are many.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from functools import partial

import torch
from torch import Tensor, nn

from fer_utils.models.torch_winograd import KERNELS, TILE, conv2d

WORTH = 1.1  # so much faster, or it stays as it is
# What evaluating a channel costs beside multiplying it with one other, by size of the kernel. Made
# on a CPU with AVX2; with AVX-512 multiplying is twice as fast, moving is not.
UPKEEP = {3: 82, 5: 45}
AGAINST = {"AVX2": 1, "AVX512": 2}


@contextmanager
def used(nets: Sequence[nn.Module], image_shape: tuple[int, int, int]) -> Iterator[int]:
    """Inside, those convolutions of networks in float32 on a CPU are faster; yields how many.

    image_shape: (C, H, W) of the inputs, which says how large each map is. Weights stay where they
    are, outputs and gradients are the same up to rounding. On a GPU, under autocast and on
    processors that this was not made for, nothing changes.
    """
    modules = [net.get_submodule(name) for net in nets for name in worthwhile(net, image_shape)]
    for module in modules:
        module.forward = partial(_forward, module)
    try:
        yield len(modules)
    finally:
        for module in modules:
            del module.forward  # the class's again


def worthwhile(net: nn.Module, image_shape: tuple[int, int, int]) -> list[str]:
    """Names of the convolutions of `net` that are expected to gain."""
    weights = next(net.parameters())
    slower = AGAINST.get(torch.backends.cpu.get_cpu_capability())
    if weights.device.type != "cpu" or slower is None:
        return []
    found: list[str] = []

    def look(name: str, module: nn.Conv2d, given: tuple[Tensor], made: Tensor) -> None:
        if speed_up(module, tuple(made.shape[2:]), slower) >= WORTH:
            found.append(name)

    hooks = [
        module.register_forward_hook(partial(look, name))
        for name, module in net.named_modules()
        if type(module) is nn.Conv2d
    ]
    was_training = net.training
    with torch.no_grad():
        net.eval()(torch.zeros(1, *image_shape))
    net.train(was_training)
    for hook in hooks:
        hook.remove()
    return found


def speed_up(module: nn.Conv2d, outputs: tuple[int, int], slower: float = 1) -> float:
    """About how many times as fast as ever a convolution gets with so many outputs (H, W); 0 where
    it cannot: strides, groups, dilations, uneven or named paddings, other kernels."""
    size, padding = module.kernel_size[0], module.padding
    plain = module.stride == module.dilation == (1, 1) and module.groups == 1
    even = module.kernel_size == (size, size) and padding in {(n, n) for n in range(size)}
    if not (plain and even and size in KERNELS):
        return 0.0
    tiles = math.prod(-(-length // (TILE + 1 - size)) for length in outputs)
    fewer = size**2 * math.prod(outputs) / (TILE**2 * tiles)  # multiplications
    pairs = module.in_channels * module.out_channels
    upkeep = slower * UPKEEP[size] * (module.in_channels + module.out_channels)
    return fewer * pairs / (pairs + upkeep)


def _forward(module: nn.Conv2d, x: Tensor) -> Tensor:
    if x.dtype != torch.float32 or torch.is_autocast_enabled("cpu"):
        return type(module).forward(module, x)
    return conv2d(x, module.weight, module.bias, module.padding[0])
