"""Configurations that several experiments share."""

from __future__ import annotations

from dataclasses import replace

from fer_utils.data.augment import Augment
from fer_utils.experiments.config import TrainConfig

SLIGHT = Augment(horizontal_flip=0.5, shift=0.03, rotation=5.0, scale=0.05)
MODERATE = Augment(horizontal_flip=0.5, shift=0.08, rotation=10.0, scale=0.1)

# Of copies of the rarest class: the Copenhagen report names turns, shifts, shears and flips, not
# how far. It regrets vertical flips and large turns: those are the second.
RARE = Augment(horizontal_flip=0.5, rotation=15.0, shift=0.1, shear=10.0)
RARE_REGRETTED = replace(RARE, vertical_flip=0.5, rotation=90.0)

DEFAULT_TEACHER = "compact_vgg-7-ours"  # the run that the package's model came from
TEACHING: dict = {"teachers_share": 0.7, "teachers_temperature": 2.0}

# Sweeps and ablations: 10,000 training images, 10 epochs, scored on the validation tenth.
SHARED_BUDGET = TrainConfig(
    epochs=10,
    optimizer="adamw",
    weight_decay=0.01,
    schedule="one_cycle",
    precision="bf16",
    train_on="ten_thousand",
    evaluate_on=("validation",),
)


def one_cycle(epochs: int, learning_rate: float, **changed: object) -> TrainConfig:
    """The recipe of *ours* for convolutional networks: AdamW on one cycle (Smith, 2018) with
    moved, turned, zoomed and mirrored pictures and label smoothing, in bf16; `changed` as named."""
    settings: dict = {
        "batch_size": 128,
        "optimizer": "adamw",
        "weight_decay": 0.05,
        "schedule": "one_cycle",
        "label_smoothing": 0.1,
        "augment": MODERATE,
        "precision": "bf16",
    }
    return TrainConfig(epochs=epochs, learning_rate=learning_rate, **{**settings, **changed})


def taught(epochs: int, learning_rate: float, **changed: object) -> TrainConfig:
    """`one_cycle` with the package's compact network, itself from scratch, as the teacher
    (Hinton et al., 2015): its answers say more of a picture than one label does."""
    lessons = {"teachers": (DEFAULT_TEACHER,), **TEACHING}
    return one_cycle(epochs, learning_rate, **{**lessons, **changed})


def without_gpu(config: TrainConfig, epochs: int) -> TrainConfig:
    """What a CPU has time for: so many epochs, in float32, which most CPUs compute faster (one with
    units for bf16 does not, see `Experiment.config_on`)."""
    return replace(config, epochs=epochs, precision="float32")
