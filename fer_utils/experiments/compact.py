"""The package's default expression model: ours, trained from scratch on FER2013."""

from __future__ import annotations

from fer_utils.data.augment import Augment
from fer_utils.experiments.experiment import Experiment
from fer_utils.experiments.recipes import one_cycle, without_gpu

_MOVED_AND_ERASED = Augment(
    horizontal_flip=0.5,
    shift=0.08,
    rotation=10.0,
    scale=0.1,
    erasing=0.3,
    erasing_area=(0.02, 0.15),
)
_CONFIG = one_cycle(60, 2e-3, augment=_MOVED_AND_ERASED, ema=0.998)

COMPACT = (
    Experiment(
        network="compact_vgg",
        recipe="ours",
        chapter="09",
        config=_CONFIG,
        on_cpu=without_gpu(_CONFIG, 40),
        seeds=(0,),
        keep="probabilities",
    ),
)
