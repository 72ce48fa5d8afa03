"""Muon, the optimizer (see `optimizers.muon`), in PyTorch."""

from __future__ import annotations

import torch
from torch import nn

from fer_utils.optimizers import muon

BETAS = (0.9, 0.999)  # of AdamW


def orthogonalised(matrix: torch.Tensor, precision: torch.dtype) -> torch.Tensor:
    """Float (M, N) to the nearly orthogonal matrix in its directions (see `muon.newton_schulz`)."""
    upright = len(matrix) > matrix.shape[1]
    x = (matrix / (matrix.norm() + 1e-7)).to(precision)
    x = muon.newton_schulz(x.T if upright else x, lambda one: one.T).to(matrix.dtype)
    return x.T if upright else x


class Muon(torch.optim.Optimizer):
    """Muon for a network's hidden weights, AdamW for its other parameters.

    `precision` is that of the polynomial: bfloat16 is enough, and faster where it is native.
    """

    def __init__(
        self,
        net: nn.Module,
        *,
        lr: float,
        weight_decay: float = 0.0,
        eps: float = 1e-8,
        precision: torch.dtype = torch.bfloat16,
    ):
        weights = [one for one in net.parameters() if one.ndim >= 2][1:-1]
        hidden = {id(one) for one in weights}
        others = [one for one in net.parameters() if id(one) not in hidden]
        groups = [{"params": weights, "hidden": True}, {"params": others, "hidden": False}]
        # a network of two layers has no hidden weights
        super().__init__(
            [group for group in groups if group["params"]], {"lr": lr, "weight_decay": weight_decay}
        )
        self.eps, self.precision = eps, precision

    @torch.no_grad()
    def step(self) -> None:
        """Move every parameter that has a gradient. Never waits for the device."""
        for group in self.param_groups:
            move = self._along_matrix if group["hidden"] else self._along_adam
            for weight in group["params"]:
                if weight.grad is not None:
                    weight.mul_(1 - group["lr"] * group["weight_decay"])
                    weight.sub_(group["lr"] * move(weight, self.state[weight]))

    def _along_matrix(self, weight: torch.Tensor, state: dict) -> torch.Tensor:
        """The step of a hidden weight over its learning rate, in the weight's shape."""
        if not state:
            state["momentum"] = torch.zeros_like(weight)
        mean = state["momentum"].lerp_(weight.grad, 1 - muon.MOMENTUM)
        ahead = weight.grad.lerp(mean, muon.MOMENTUM)
        matrix = orthogonalised(ahead.flatten(1), self.precision)
        return muon.length(matrix.shape) * matrix.view(weight.shape)

    def _along_adam(self, weight: torch.Tensor, state: dict) -> torch.Tensor:
        """The step of AdamW over its learning rate."""
        if not state:
            state["step"] = torch.zeros(())
            state["exp_avg"] = torch.zeros_like(weight)
            state["exp_avg_sq"] = torch.zeros_like(weight)
        state["step"] += 1
        bias = [1 - beta ** float(state["step"]) for beta in BETAS]
        mean = state["exp_avg"].lerp_(weight.grad, 1 - BETAS[0])
        square = state["exp_avg_sq"].lerp_(weight.grad.square(), 1 - BETAS[1])
        return mean / bias[0] / ((square / bias[1]).sqrt() + self.eps)
