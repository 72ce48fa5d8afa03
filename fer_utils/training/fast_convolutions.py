"""Which convolutions a training on a CPU computes by Winograd's algorithm, and switching it on.

It saves multiplications and pays with additions and copies: each channel's tiles are evaluated and
interpolated, however many channels it is multiplied with. So it gains where there are many.
`benchmarks/winograd.py` measures by how much.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from functools import partial

import torch
from torch import Tensor, nn

from fer_utils.models.layer_base import Shape
from fer_utils.models.torch_net import TorchNet
from fer_utils.models.torch_winograd import KERNELS, TILE, conv2d

# With AVX2 a step takes some 0.6 of the time; with AVX-512, which multiplies faster and moves as
# slowly, it was measured to take 1.4 times as long.
PROCESSORS = ("AVX2",)
WORTH = 1.1  # so much faster, or it stays as it is
# What evaluating a channel costs beside multiplying it with one other, by size of the kernel.
UPKEEP = {3: 82, 5: 45}


@contextmanager
def used(nets: Sequence[TorchNet]) -> Iterator[int]:
    """Inside, those convolutions of networks in float32 on a CPU are faster; yields how many.

    Weights stay where they are, outputs and gradients are the same up to rounding. On a GPU, under
    autocast and on processors where it was not measured, nothing changes.
    """
    modules = [net.get_submodule(name) for net in nets for name in worthwhile(net)]
    for module in modules:
        module.forward = partial(_forward, module)
    try:
        yield len(modules)
    finally:
        for module in modules:
            del module.forward  # the class's again


def worthwhile(net: TorchNet) -> list[str]:
    """Names of the convolutions of `net` that are expected to gain."""
    on_cpu = next(net.parameters()).device.type == "cpu"
    if not on_cpu or torch.backends.cpu.get_cpu_capability() not in PROCESSORS:
        return []
    shapes = {key.replace("/", "."): shape for key, shape in net.spec.output_shapes().items()}
    return [
        name
        for name, module in net.named_modules()
        if type(module) is nn.Conv2d and name in shapes and speed_up(module, shapes[name]) >= WORTH
    ]


def speed_up(module: nn.Conv2d, output: Shape) -> float:
    """About how many times as fast as ever a convolution gets with an output (H, W, K); 0 where it
    cannot: strides, groups, dilations, uneven or named paddings, other kernels."""
    size, padding = module.kernel_size[0], module.padding
    plain = module.stride == module.dilation == (1, 1) and module.groups == 1
    even = module.kernel_size == (size, size) and padding in {(n, n) for n in range(size)}
    if not (plain and even and size in KERNELS):
        return 0.0
    tiles = math.prod(-(-length // (TILE + 1 - size)) for length in output[:2])
    fewer = size**2 * math.prod(output[:2]) / (TILE**2 * tiles)  # multiplications
    pairs = module.in_channels * module.out_channels
    upkeep = UPKEEP[size] * (module.in_channels + module.out_channels)
    return fewer * pairs / (pairs + upkeep)


def _forward(module: nn.Conv2d, x: Tensor) -> Tensor:
    if x.dtype != torch.float32 or torch.is_autocast_enabled("cpu"):
        return type(module).forward(module, x)
    return conv2d(x, module.weight, module.bias, module.padding[0])
