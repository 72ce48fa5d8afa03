"""The joint loss in PyTorch, on the loop of `torch_loop`."""

from __future__ import annotations

from collections.abc import Mapping
from functools import partial

import numpy as np
import torch
import torch.nn.functional as F

from fer_utils.models import torch_net
from fer_utils.models.multitask import MultiTaskSpec
from fer_utils.multitask.joint import JointTargets
from fer_utils.training import torch_loop
from fer_utils.training.job import Fitted, Job


def joint_losses(
    spec: MultiTaskSpec,
    logits: torch.Tensor,
    targets: torch.Tensor,
    positive: torch.Tensor,
    units_weight: float,
) -> torch.Tensor:
    """Loss of each picture (B,) from logits and targets (B, K + A), see `multitask.joint`."""
    emotions, units = spec.split(logits)
    wanted, present = spec.split(targets)
    first = -(wanted * F.log_softmax(emotions, 1)).sum(1)
    each = F.binary_cross_entropy_with_logits(units, present, pos_weight=positive, reduction="none")
    return first + units_weight * each.mean(1)


def fit(
    job: Job,
    spec: MultiTaskSpec,
    targets: JointTargets,
    units_weight: float,
    initial: Mapping[str, np.ndarray] | None = None,
    device: torch.device | None = None,
) -> Fitted:
    """Train as `job` says with the joint loss; see `joint.fit`."""
    own = {"spec": spec, "targets": targets, "units_weight": units_weight, "initial": initial}
    kind = partial(JointLoop, **own)
    return torch_loop.fit(job, device, kind)


class JointLoop(torch_loop.Loop):
    """State of one run; only the loss is another one."""

    def __init__(
        self,
        job: Job,
        device: torch.device,
        spec: MultiTaskSpec,
        targets: JointTargets,
        units_weight: float,
        initial: Mapping[str, np.ndarray] | None = None,
    ):
        super().__init__(job, device)
        if initial is not None:
            torch_net.set_weights(self.net, dict(initial))
        self.spec, self.units_weight = spec, units_weight
        self.rows = torch.as_tensor(targets.rows).to(device)
        self.positive = torch.as_tensor(targets.positive).to(device)

    def scored(
        self, logits: torch.Tensor, chosen: torch.Tensor, mix: object
    ) -> tuple[torch.Tensor, torch.Tensor]:
        """The joint loss of each of the images `chosen` (B,), and the emotions right.

        `mix` belongs to settings that `joint.fit` refuses.
        """
        rows = self.rows[chosen]
        each = joint_losses(self.spec, logits, rows, self.positive, self.units_weight)
        right = self.spec.split(logits)[0].argmax(1) == self.labels[chosen]
        return each, right.sum()
