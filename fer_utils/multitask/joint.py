"""Training one network for an emotion and action units at once: the joint loss, and `fit`.

The loss of a picture is

    emotions * c_y * CE(y)  +  action_units / A * sum over a of BCE_a,

in nats: cross entropy of its emotion y times the class weight c_y, and the mean binary cross
entropy over A action units, whose positive part is multiplied by w_a. A batch's loss is the mean
over its pictures. A picture without an emotion (class `facs.UNLABELLED`) has a first part of 0.
`action_units` is the lambda of the joint loss; with 0 in one place the network learns the other
task alone. The train_accuracy in the history is that of emotions, unlabelled ones not being right.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from pathlib import Path

import numpy as np
from sklearn.utils.class_weight import compute_class_weight

from fer_utils.data.dataset import FaceDataset
from fer_utils.data.facs import UNLABELLED, unit_name
from fer_utils.experiments.action_units import Tasks
from fer_utils.experiments.config import TrainConfig
from fer_utils.models.multitask import MultiTaskSpec
from fer_utils.training.batches import Parts
from fer_utils.training.job import Fitted, Job

# settings of a TrainConfig that mean here what they mean elsewhere; any other must be at default
UNDERSTOOD = (
    *("epochs", "batch_size", "drop_last", "optimizer", "learning_rate", "momentum", "schedule"),
    *("warm_up", "label_smoothing", "augment", "ema", "precision", "scaling", "seed"),
    *("evaluate_on", "weight_decay"),
)


@dataclass(frozen=True)
class JointTargets:
    """What the loss compares with: `rows` float32 (N, K + A), `positive` float32 (A,).

    The first K columns of a row are the emotion as a weighted one-hot vector, all 0 where nobody
    named it; the others are the action units, 0 or 1. `positive` are the w_a.
    """

    rows: np.ndarray
    positive: np.ndarray


def joint_targets(
    data: FaceDataset, spec: MultiTaskSpec, tasks: Tasks, label_smoothing: float = 0.0
) -> JointTargets:
    """Targets of a training part.

    Raises ValueError when its emotions or action units are not those of the network, in its order.
    """
    check_fits(data, spec)
    k = len(spec.emotions)
    labelled = data.labels < k
    one_hot = np.eye(k, dtype=np.float32)[np.minimum(data.labels, k - 1)]
    one_hot = one_hot * (1 - label_smoothing) + label_smoothing / k
    weights = np.ones(k)
    if tasks.balanced_emotions and labelled.any():
        seen = np.unique(data.labels[labelled])
        weights[seen] = compute_class_weight("balanced", classes=seen, y=data.labels[labelled])
    of_picture = np.where(labelled, weights[np.minimum(data.labels, k - 1)], 0) * tasks.emotions
    units = data.action_units.astype(np.float32)
    positive = np.ones(units.shape[1], np.float32)
    if tasks.balanced_units:
        present = units.sum(0)
        positive = np.where(present > 0, (len(units) - present) / np.maximum(present, 1), 1)
    rows = np.concatenate([one_hot * of_picture[:, None], units], 1)
    return JointTargets(rows.astype(np.float32), positive.astype(np.float32))


def check_fits(data: FaceDataset, spec: MultiTaskSpec) -> None:
    """ValueError unless the data set's emotions and units are those of the network, in order."""
    emotions = tuple(name for name in data.classes if name != UNLABELLED)
    if emotions != spec.emotions or data.classes[: len(emotions)] != emotions:
        raise ValueError(
            f"the network reads {spec.emotions}, data set {data.name!r} has {data.classes}; "
            "bring it into shape with facs.grouped"
        )
    wanted = tuple(map(unit_name, spec.action_units))
    if data.action_units is None or data.action_unit_names != wanted:
        raise ValueError(
            f"the network reads {', '.join(wanted)}, data set {data.name!r} has "
            f"{', '.join(data.action_unit_names) or 'no action units'}; choose with facs.with_units"
        )


def fit(
    spec: MultiTaskSpec,
    config: TrainConfig,
    data: FaceDataset,
    tasks: Tasks | None = None,
    *,
    framework: str = "torch",
    checkpoint: Path | None = None,
    initial: Mapping[str, np.ndarray] | None = None,
    progress: bool = True,
) -> Fitted:
    """Train on `data.part("train")` for all epochs, then read the splits `config.evaluate_on`.

    The logits of `Fitted` are float32 (n, K + A); `spec.split` parts them. Augmentation touches
    training pictures only. A run with a `checkpoint` goes on from it when it was stopped.
    `initial` are weights to begin with, those of a run of the same network.

    Raises ValueError for settings of `config` that have no meaning here (early stopping and what
    else is not in `UNDERSTOOD`), for an unknown framework and for data that do not fit the network;
    `journal.TrainingDiverged` when the loss stops being finite.
    """
    tasks = tasks or Tasks()
    train = data.part("train")
    _check_config(config, framework)
    targets = joint_targets(train, spec, tasks, config.label_smoothing)
    parts = Parts(train, None, {name: data.part(name) for name in config.evaluate_on})
    for part in parts.evaluated.values():
        check_fits(part, spec)
    known_by = _fingerprint(data, tasks, targets, initial)
    job = Job(spec.net, config, parts, framework, known_by, checkpoint, progress=progress)
    if framework == "keras":
        from fer_utils.multitask.joint_keras import fit as fit_keras

        return fit_keras(job, spec, targets, tasks.action_units, initial)
    from fer_utils.multitask.joint_torch import fit as fit_torch

    return fit_torch(job, spec, targets, tasks.action_units, initial)


def _fingerprint(
    data: FaceDataset,
    tasks: Tasks,
    targets: JointTargets,
    initial: Mapping[str, np.ndarray] | None,
) -> str:
    """What tells the run's checkpoint from those of other data, tasks and beginnings."""
    digest = hashlib.sha256(f"{data.fingerprint} {sorted(asdict(tasks).items())}".encode())
    digest.update(targets.rows)
    for key, values in sorted((initial or {}).items()):
        digest.update(key.encode() + np.ascontiguousarray(values).tobytes())
    return digest.hexdigest()


def _check_config(config: TrainConfig, framework: str) -> None:
    if framework not in ("torch", "keras"):
        raise ValueError(f"framework={framework!r}: expected 'torch' or 'keras'")
    if unknown := sorted(set(config.to_dict()) - set(UNDERSTOOD)):
        raise ValueError(
            f"settings {unknown} have no meaning in multi-task training; weigh the tasks with Tasks"
        )
    if config.optimizer == "muon":
        raise ValueError('"muon" takes the last layer for the only output; there are two here')
    if config.weight_decay and not config.decoupled:
        raise ValueError(
            'weight_decay is for "adamw" here; for an L2 penalty give the network its l2'
        )
