"""Chapter 13: how far networks from scratch go, and what each part of the recipe is worth.

- ABLATION: the compact network with one part more at a time, scored on the validation tenth. On a
  GPU it learns from all of the other nine tenths, on a CPU by the shared budget of sweeps.
- The final runs learn from all of Training for a length fixed beforehand, and the test splits are
  read once a seed, plain and in ten views.
- Each has a *twin* that learned from nine tenths: on the tenth that it has not seen, choices are
  made and temperatures fitted.
- The student learns from the two large networks, its twin from their twins; without a GPU both
  learn from one network of their own kind. Teachers come first, on the same machine.
"""

from __future__ import annotations

from dataclasses import replace

from fer_utils.data.augment import Augment
from fer_utils.experiments.compact import COMPACT
from fer_utils.experiments.config import TrainConfig
from fer_utils.experiments.experiment import Experiment
from fer_utils.experiments.recipes import (
    DEFAULT_TEACHER,
    MODERATE,
    SHARED_BUDGET,
    TEACHING,
    one_cycle,
    without_gpu,
)
from fer_utils.models.zoo_honest import HONEST as HONEST_NETWORKS

CHAPTER = "13"
TWIN = "nine-tenths"
_SHIPPED = COMPACT[0]
_ERASED = _SHIPPED.config.augment
_HELD_OUT: dict = {"train_on": "nine_tenths", "evaluate_on": ("validation",)}

BASE = "erasing"  # what the further parts are compared with
_PLAIN = one_cycle(60, 2e-3, augment=Augment(), label_smoothing=0.0, **_HELD_OUT)
_BASE = replace(_PLAIN, augment=_ERASED)
_FASTER = replace(_BASE, learning_rate=5e-3)
# name -> network, configuration, and which earlier part it is compared with
PARTS: dict[str, tuple[str, TrainConfig, str]] = {
    "plain": ("compact_vgg", _PLAIN, ""),
    "flip": ("compact_vgg", replace(_PLAIN, augment=Augment(horizontal_flip=0.5)), "plain"),
    "affine": ("compact_vgg", replace(_PLAIN, augment=MODERATE), "flip"),
    BASE: ("compact_vgg", _BASE, "affine"),
    "mixup": ("compact_vgg", replace(_BASE, mixup=0.2), BASE),
    "label-smoothing": ("compact_vgg", replace(_BASE, label_smoothing=0.1), BASE),
    "ema": ("compact_vgg", replace(_BASE, ema=0.998), BASE),
    "sam": ("compact_vgg", replace(_BASE, sam=0.05), BASE),
    "rate": ("compact_vgg", _FASTER, BASE),
    "muon": ("compact_vgg", replace(_FASTER, optimizer="muon"), "rate"),
    "excited": ("compact_vgg_se", _BASE, BASE),
    "flattened": ("compact_vgg_flat", _BASE, BASE),
    "distilled": (
        "compact_vgg",
        replace(_BASE, teachers=(f"vgg_se-7-{TWIN}",), **TEACHING),
        BASE,
    ),
}


def _on_cpu(config: TrainConfig) -> TrainConfig | None:
    """By the shared budget; None for what needs teachers, whose training needs a GPU."""
    budget = {"epochs": SHARED_BUDGET.epochs, "train_on": SHARED_BUDGET.train_on}
    return None if config.teachers else replace(config, **budget, precision="float32")


ABLATION = {
    part: Experiment(
        *(network, part, CHAPTER, config, _on_cpu(config)), seeds=(0, 1), gpu=bool(config.teachers)
    )
    for part, (network, config, _) in PARTS.items()
}

_LARGE = one_cycle(100, 2e-3, batch_size=256, augment=_ERASED, mixup=0.2, ema=0.999, views=("ten",))
_STUDENT = one_cycle(
    100,
    2e-3,
    augment=_ERASED,
    ema=0.998,
    teachers=("vgg_se-7-ours", "resnet_se-7-ours"),
    views=("ten",),
    **TEACHING,
)


def _twin(config: TrainConfig) -> TrainConfig:
    """The same recipe on nine tenths, with its teachers' twins, read in all views."""
    teachers = tuple(name.replace("-ours", f"-{TWIN}") for name in config.teachers)
    return replace(config, teachers=teachers, views=("mirrored", "ten"), **_HELD_OUT)


def _final(network: str, recipe: str, config: TrainConfig, seeds: int) -> Experiment:
    return Experiment(
        *(network, recipe, CHAPTER, config),
        seeds=tuple(range(seeds)),
        keep="probabilities",
        gpu=network in HONEST_NETWORKS,
    )


SINGLE = _final("vgg_se", "ours", _LARGE, 5)
OTHERS = (_final("resnet_se", "ours", _LARGE, 2), _final("khaireddin_vgg", "ours", _LARGE, 2))
# Without a GPU there are no large teachers, and the student learns from its like, the package's
# model, which helps as well (Furlanello et al., 2018: "born again"). It learns as long as that
# did: the two differ in the teacher (and perhaps in precision, see `Experiment.config_on`). The
# chapter reads its answers alone; a model that is published measures its own probabilities.
STUDENT = replace(
    _final("compact_vgg", "student", _STUDENT, 3),
    keep="labels",
    on_cpu=without_gpu(replace(_STUDENT, teachers=(DEFAULT_TEACHER,)), _SHIPPED.on_cpu.epochs),
)
# Of the package's model as it is: a CPU made it, so its twin has that length on a GPU too.
DEFAULT_TWIN = replace(
    _final("compact_vgg", TWIN, _twin(_SHIPPED.config_on(gpu=False, bf16=True)), 1),
    on_cpu=_twin(_SHIPPED.on_cpu),
)
TWINS = (
    _final("vgg_se", TWIN, _twin(_LARGE), 1),
    _final("resnet_se", TWIN, _twin(_LARGE), 1),
    DEFAULT_TWIN,
    replace(
        _final("compact_vgg", f"student-{TWIN}", _twin(_STUDENT), 1),
        on_cpu=_twin(STUDENT.on_cpu),
    ),
)
HONEST = (SINGLE, *OTHERS, STUDENT, *TWINS, *ABLATION.values())
