"""`Job` and `Fitted`: what a training loop is given and what it gives back."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from fer_utils.data import views
from fer_utils.data.dataset import FaceDataset
from fer_utils.experiments.config import TrainConfig
from fer_utils.models.layers import BatchNorm
from fer_utils.models.spec import NetSpec
from fer_utils.training import checkpoint as checkpoints
from fer_utils.training.batches import Parts, Scaling


@dataclass(frozen=True)
class Job:
    """One run to make. A loop takes it and needs nothing else."""

    spec: NetSpec
    config: TrainConfig
    parts: Parts
    framework: str  # "torch" or "keras"
    fingerprint: str  # of the whole dataset
    checkpoint: Path | None = None  # None keeps none
    checkpoint_seconds: float = 30.0  # between two that are written; the last always is
    progress: bool = True
    on_epoch: Callable[[dict], None] | None = (
        None  # gets each epoch's row; may raise to end the run
    )

    @property
    def label(self) -> str:
        """What the progress bar says."""
        return f"{self.spec.name}, {self.framework}, seed {self.config.seed}"

    @property
    def readings(self) -> tuple[str, ...]:
        """What the run answers at its end: every evaluated part, and its views (`config.views`)."""
        views = self.config.views
        return tuple(
            name
            for part in self.parts.evaluated
            for name in (part, *(f"{part}/{v}" for v in views))
        )

    @property
    def key(self) -> str:
        """Hash that ties a checkpoint to this run."""
        return checkpoints.run_key(self.spec, self.config, self.framework, self.fingerprint)

    def saved(self) -> tuple[dict[str, np.ndarray], dict] | None:
        """Arrays and state of the last finished epoch, None when there is none."""
        return checkpoints.read(self.checkpoint, self.key) if self.checkpoint else None

    def keeper(self) -> checkpoints.Keeper:
        """What keeps the run's epochs at `checkpoint`; with None nothing is given to it."""
        return checkpoints.Keeper(self.checkpoint, self.key, self.checkpoint_seconds)


@dataclass(frozen=True)
class Fitted:
    """A trained network as framework-neutral arrays (see `models.parity`), and its history."""

    weights: dict[str, np.ndarray]
    history: list[dict]
    logits: dict[str, np.ndarray]  # of each reading (`Job.readings`), float32 (n, K)
    scaling: Scaling


def read_all(job: Job, predict: Callable[[np.ndarray], np.ndarray]) -> dict[str, np.ndarray]:
    """Logits float32 (n, K) of each of `job.readings`; `predict` gives those of pictures (n, H, W).

    Those of several views are the logarithm of their mean probabilities.
    """
    found = {}
    for name in job.readings:
        split, _, kind = name.partition("/")
        images = job.parts.evaluated[split].images
        if kind:
            likely = views.mean_probabilities(lambda x: views.softmax(predict(x)), images, kind)
            found[name] = np.log(np.maximum(likely, 1e-30)).astype(np.float32)
        else:
            found[name] = predict(images)
    return found


def refuse_torch_only(config: TrainConfig) -> None:
    """Raise ValueError for settings that only the PyTorch loop has."""
    if config.torch_only:
        raise ValueError(f"{', '.join(config.torch_only)}: in PyTorch only; use framework='torch'")


def check_recalibrate(job: Job) -> None:
    """Raise ValueError, before any training, where no batch normalisation is to be measured."""
    norms = [placed for placed in job.spec.placed if isinstance(placed.layer, BatchNorm)]
    if job.config.recalibrate and not norms:
        raise ValueError(
            f"{job.spec.name} has no batch normalisation to measure again: use recalibrate=False"
        )


def watched_figures(logits: np.ndarray, part: FaceDataset) -> dict[str, float]:
    """Loss in nats and accuracy on the watched part, from logits (n, K)."""
    shifted = logits - logits.max(axis=1, keepdims=True)
    log_probabilities = shifted - np.log(np.exp(shifted).sum(axis=1, keepdims=True))
    loss = -log_probabilities[np.arange(len(part)), part.labels].mean()
    accuracy = (logits.argmax(axis=1) == part.labels).mean()
    return {"validation_loss": float(loss), "validation_accuracy": float(accuracy)}
