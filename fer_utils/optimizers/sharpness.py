"""Sharpness-aware minimisation (Foret et al., 2021), in PyTorch.

A step takes the gradient twice. The first one leads uphill, by `radius` in the joint norm of all
weights, to about the worst point near by; the second is taken there, and the step is made with it
from where the weights were. It costs twice the time. Running statistics of BatchNorm are those of
the first pass, as in the authors' code; dropout draws anew in the second.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

import torch
from torch import nn


@contextmanager
def uphill(net: nn.Module, radius: float) -> Iterator[None]:
    """Inside, the weights are moved by `radius` along their gradients; afterwards they are back.

    Gradients are cleared before, so that those taken inside are what an optimizer then sees.
    Never waits for the device.
    """
    weights = [one for one in net.parameters() if one.grad is not None]
    gradients = [one.grad for one in weights]
    length = torch.linalg.vector_norm(torch.stack([one.norm() for one in gradients]))
    scale = radius / (length + 1e-12)
    moves = [one * scale for one in gradients]
    normed = [m for m in net.modules() if isinstance(m, nn.modules.batchnorm._BatchNorm)]
    momenta = [one.momentum for one in normed]
    with torch.no_grad():
        torch._foreach_add_(weights, moves)
    net.zero_grad(set_to_none=True)
    for one in normed:
        one.momentum = 0.0
    try:
        yield
    finally:
        for one, momentum in zip(normed, momenta, strict=True):
            one.momentum = momentum
        with torch.no_grad():
            torch._foreach_sub_(weights, moves)
