"""The loss of `training.targets` in PyTorch."""

from __future__ import annotations

import torch
import torch.nn.functional as F

from fer_utils.training.targets import LEAST_DOUBT


def losses(
    logits: torch.Tensor, targets: torch.Tensor, offset: torch.Tensor, gamma: float
) -> torch.Tensor:
    """Loss of each image in nats, float32 (B,), of logits and targets (B, K) and offset (K,)."""
    logits = logits + offset
    if not gamma:
        return F.cross_entropy(logits, targets, reduction="none")
    log_p = F.log_softmax(logits, dim=1)
    doubt = (1 - log_p.exp()).clamp(min=LEAST_DOUBT)
    return -(targets * doubt**gamma * log_p).sum(1)
