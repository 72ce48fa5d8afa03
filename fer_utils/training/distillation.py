"""Distillation (Hinton et al., 2015): a network learns from the answers of others.

With share a and temperature T of the configuration, the loss of an image is

    (1 - a) * loss of its label + a * T² * cross entropy(q, softmax(z / T)),

where q is the mean over the teachers of softmax(their logits / T). The teachers see the very batch
that the student sees, augmented and mixed (Beyer et al., 2022): they say something new of each
picture in every epoch, where a stored answer would be one and the same. They are computed in
PyTorch, whatever framework the student is in.

The teachers are all seeds of the experiments that `TrainConfig.teachers` names. The run that the
package's own model came from teaches with the weights of the package, so that its students have
one teacher on every machine; the weights of others lie in the cache of the machine that trained
them. A teacher must not have learned from what the student is scored on:
both train on the same part. One that knows more classes than the student teaches it too: of its
logits those of the student's classes count.
"""

from __future__ import annotations

import json

import numpy as np
import torch
import torch.nn.functional as F
from safetensors import safe_open
from torch import nn

from fer_utils.experiments import get
from fer_utils.experiments.config import TrainConfig
from fer_utils.experiments.experiment import Experiment
from fer_utils.models import torch_net
from fer_utils.records.model_answers import MODEL_FILE
from fer_utils.training import checkpoint, kept_weights
from fer_utils.training.job import Job


class Teachers:
    """The finished networks that a run learns from, and the columns of each one's logits that are
    the student's classes, in the student's order."""

    def __init__(
        self,
        nets: list[tuple[nn.Module, torch.Tensor]],
        share: float,
        temperature: float,
        half: bool = False,
    ):
        self.nets = [(net.eval().requires_grad_(False), columns) for net, columns in nets]
        self.share, self.temperature, self.half = share, temperature, half

    def answer(self, x: torch.Tensor) -> torch.Tensor:
        """Mean softened probabilities, float32 (B, K), of the network's own input; computed in
        bf16 where `half`."""
        with torch.no_grad(), torch.autocast(x.device.type, torch.bfloat16, enabled=self.half):
            logits = [net(x).float()[:, columns] for net, columns in self.nets]
        return torch.stack([(z / self.temperature).softmax(1) for z in logits]).mean(0)

    def mixed_in(
        self, losses: torch.Tensor, logits: torch.Tensor, answer: torch.Tensor
    ) -> torch.Tensor:
        """The losses of the labels (B,), with the teachers' part at its share."""
        theirs = F.cross_entropy(logits / self.temperature, answer, reduction="none")
        return (1 - self.share) * losses + self.share * self.temperature**2 * theirs


def load(job: Job, device: torch.device) -> Teachers | None:
    """The teachers of a job on a device, None where it has none.

    Raises FileNotFoundError where the weights of one are not here, naming the command that makes
    them, and ValueError for one that does not fit the student.
    """
    if not job.config.teachers:
        return None
    nets = []
    for name in job.config.teachers:
        teacher = get(name)
        own = teacher.config_here()
        _check_fit(job, teacher, own)
        columns = [teacher.classes.index(name) for name in job.parts.train.classes]
        columns = torch.tensor(columns, device=device)
        made = [_net(job, teacher, own.with_seed(seed)) for seed in teacher.seeds]
        nets += [(net.to(device, memory_format=torch.channels_last), columns) for net in made]
    config = job.config
    half = config.precision == "bf16"
    return Teachers(nets, config.teachers_share, config.teachers_temperature, half)


def _check_fit(job: Job, teacher: Experiment, own: TrainConfig) -> None:
    classes, knows = job.parts.train.classes, teacher.classes
    if job.config.train_on == "all":  # else the tenth held out of fewer classes may be another
        knows = tuple(name for name in classes if name in knows)
    for what, theirs, mine in (
        ("classes", knows, classes),
        ("train_on", own.train_on, job.config.train_on),
        ("scaling", own.scaling, job.config.scaling),
        ("network input", teacher.spec.input_shape, job.spec.input_shape),
    ):
        if theirs != mine:
            raise ValueError(
                f"teacher {teacher.name} has {what} {theirs!r}, the student {mine!r}; choose a "
                "teacher with the same"
            )


def _net(job: Job, teacher: Experiment, config: TrainConfig) -> nn.Module:
    weights = weights_of(teacher, config, job.fingerprint)
    if not weights:
        raise FileNotFoundError(
            f"teacher {teacher.name}, seed {config.seed}: its weights are not at "
            f"{kept_weights.cached_path(teacher, 'torch', config.seed)}, or of "
            f"another run; make them here with `python -m fer_utils train {teacher.name} "
            f"--framework torch --seed {config.seed}`"
        )
    net = torch_net.build(teacher.spec)
    torch_net.set_weights(net, weights)
    return net


def weights_of(teacher: Experiment, config: TrainConfig, fingerprint: str) -> dict[str, np.ndarray]:
    """The weights of a finished run in PyTorch, from the package or the cache; nothing where
    neither has them. `config` is that of the machine, with the seed."""
    key = checkpoint.run_key(teacher.spec, config, "torch", fingerprint)
    kept = kept_weights.cached_path(teacher, "torch", config.seed)
    return packaged(teacher, config.seed, fingerprint) or checkpoint.load_weights(kept, key)


def missing_teachers(student: Experiment, fingerprint: str) -> list[str]:
    """Names of the teachers of a student, here, one of whose seeds has no weights at hand."""
    teachers = [get(name) for name in student.config_here().teachers]
    return [
        one.name
        for one in teachers
        if not all(
            weights_of(one, one.config_here().with_seed(seed), fingerprint) for seed in one.seeds
        )
    ]


def packaged(teacher: Experiment, seed: int, fingerprint: str) -> dict[str, np.ndarray]:
    """Weights of the package's model, rounded to float16, where a run of this experiment, seed and
    data made it, on a GPU or by the shorter configuration of a CPU; else nothing."""
    with safe_open(MODEL_FILE, framework="numpy") as file:
        header = _header(file)
        card = header["card"]
        own = (card.get("experiment"), card.get("seed"), card.get("fingerprint"), header["spec"])
        if own != (teacher.name, seed, fingerprint, teacher.spec.to_dict()):
            return {}
        return {name: file.get_tensor(name) for name in file.keys()}  # noqa: SIM118


def packaged_card() -> dict:
    """The card of the package's model: experiment, seed, when its run was finished, figures."""
    with safe_open(MODEL_FILE, framework="numpy") as file:
        return _header(file)["card"]


def _header(file) -> dict:
    return json.loads(file.metadata()["expression_model"])
