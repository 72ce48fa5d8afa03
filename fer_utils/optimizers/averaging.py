"""Weight averaging: an exponential moving average of a network's weights after every step.

Polyak and Juditsky (1992) average the weights of a run; with a decay the early ones are forgotten.
PyTorch's `AveragedModel` does the same, but counts its steps in a tensor on the host and carries it
to the device at each of them, which makes the host wait for a GPU.
"""

from __future__ import annotations

import copy

import torch
from torch import nn


class Averaged:
    """A copy of a network. The first `update` takes the network's weights over; each further one
    makes every weight decay * its own + (1 - decay) * the network's. Running statistics are always
    the network's."""

    def __init__(self, net: nn.Module, decay: float):
        self.net, self.decay, self.started = copy.deepcopy(net).requires_grad_(False), decay, False
        self.pairs = (list(self.net.parameters()), list(net.parameters()))
        self.statistics = (list(self.net.buffers()), list(net.buffers()))

    @torch.no_grad()
    def update(self) -> None:
        """Take in the network's weights as they are now. Never waits for the device."""
        if self.started:
            torch._foreach_lerp_(*self.pairs, 1 - self.decay)
        else:
            torch._foreach_copy_(*self.pairs)
            self.started = True
        if self.statistics[0]:
            torch._foreach_copy_(*self.statistics)

    def load(self, state: dict[str, torch.Tensor]) -> None:
        """Go on from an average that was made before."""
        self.net.load_state_dict(state)
        self.started = True
