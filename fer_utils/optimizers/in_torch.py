"""The optimizers of the PyTorch loop, and their state as a checkpoint keeps it."""

from __future__ import annotations

from collections.abc import Mapping

import torch
from torch import nn

from fer_utils.experiments.config import TrainConfig
from fer_utils.optimizers import ADAM_EPSILON
from fer_utils.optimizers.muon_torch import Muon


def of_config(net: nn.Module, config: TrainConfig) -> torch.optim.Optimizer:
    """The optimizer of the configuration, fused where PyTorch has a fused one."""
    shared = {"lr": config.learning_rate, "weight_decay": config.weight_decay}
    if config.optimizer == "sgd":
        return torch.optim.SGD(net.parameters(), momentum=config.momentum, fused=True, **shared)
    if config.optimizer == "nadam":
        # Keras lets the momentum warm up 250 times as fast as PyTorch's default, 0.004
        return torch.optim.NAdam(net.parameters(), eps=ADAM_EPSILON, momentum_decay=1.0, **shared)
    if config.optimizer == "muon":
        precision = torch.bfloat16 if config.precision == "bf16" else torch.float32
        return Muon(net, eps=ADAM_EPSILON, precision=precision, **shared)
    kind = {"adam": torch.optim.Adam, "adamw": torch.optim.AdamW}[config.optimizer]
    return kind(net.parameters(), eps=ADAM_EPSILON, fused=True, **shared)


def state(optimizer: torch.optim.Optimizer) -> dict[str, torch.Tensor]:
    """Its moments and counts of steps, "<number of the weights>/<name>" -> tensor."""
    return {
        f"{index}/{name}": value
        for index, values in optimizer.state_dict()["state"].items()
        for name, value in values.items()
    }


def restore(optimizer: torch.optim.Optimizer, saved: Mapping[str, torch.Tensor]) -> None:
    """Take over what `state` of an optimizer of the same weights gave."""
    content = optimizer.state_dict()
    for name, value in saved.items():
        index, _, key = name.partition("/")
        content["state"].setdefault(int(index), {})[key] = value
    optimizer.load_state_dict(content)
    _lay_out_as_the_weights(optimizer)


def _lay_out_as_the_weights(optimizer: torch.optim.Optimizer) -> None:
    """Give moments that were loaded the memory format of their weights.

    A fused optimizer walks both by address: in another format each weight would meet the moments of
    another one, on a CPU without a word. NAdam reads its own scalar on the host at every step.
    """
    for weights, moments in optimizer.state.items():
        for name, value in moments.items():
            if value.shape == weights.shape:
                moments[name] = torch.empty_like(weights).copy_(value)
            elif name == "mu_product":
                moments[name] = value.cpu()
