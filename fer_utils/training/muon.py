"""Muon (Jordan et al., 2024), in PyTorch: hidden layers step equally far in every direction.

A layer's gradient, averaged over steps, is a matrix of outputs by inputs (those of a convolution
are its window's). A few of its directions are far longer than the rest, and a plain step is mostly
along them. Muon replaces the matrix by the nearest one with all singular values alike: U V^T where
the gradient is U S V^T, nearly, by five steps of a polynomial (Newton and Schulz). The step is then
scaled to be as long as one of AdamW usually is (Liu et al., 2025), so that one learning rate and
one decoupled weight decay serve both.

The first and the last layer, biases and batch normalisation are no such matrices: AdamW moves them.
"""

from __future__ import annotations

import torch
from torch import nn

MOMENTUM, NEWTON_SCHULZ = 0.95, (3.4445, -4.7750, 2.0315)  # Jordan's
ADAM_LENGTH = 0.2  # root mean square of a step of AdamW over its rate (Liu et al.)
BETAS = (0.9, 0.999)  # of AdamW


def orthogonalised(matrix: torch.Tensor) -> torch.Tensor:
    """Float (M, N) to one with the same singular vectors and singular values from about 0.7 to 1.2;
    those far below the largest stay below."""
    a, b, c = NEWTON_SCHULZ
    upright = len(matrix) > matrix.shape[1]
    x = matrix.T if upright else matrix
    x = x / (x.norm() + 1e-7)
    for _ in range(5):
        square = x @ x.T
        x = a * x + (b * square + c * square @ square) @ x
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
        mean = state["momentum"].lerp_(weight.grad, 1 - MOMENTUM)
        ahead = weight.grad.lerp(mean, MOMENTUM)  # Nesterov's
        matrix = orthogonalised(ahead.flatten(1).to(self.precision))
        length = ADAM_LENGTH * max(matrix.shape) ** 0.5
        return length * matrix.to(weight.dtype).view(weight.shape)

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
