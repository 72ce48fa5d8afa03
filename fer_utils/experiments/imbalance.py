"""Chapter 08: strategies against the imbalance of the classes, and problems of fewer classes.

`STRATEGIES` names what each changes in a configuration that does nothing about the imbalance. All
are swept on the slim network and scored on the validation tenth, with probabilities, because
calibration is one of the figures. Then two networks learn from all of Training: the whole deeper
CNN with each strategy, which is meant for a GPU, and the slim network with "nothing", which serves
every strategy that moves answers afterwards. The same run on nine tenths of Training rehearses it:
how far to move answers can be chosen on the tenth that it has not seen.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from fer_utils.data.dataset import FIVE_CLASSES, THREE_CLASSES
from fer_utils.experiments.compact import COMPACT
from fer_utils.experiments.config import TrainConfig
from fer_utils.experiments.copenhagen import COPENHAGEN
from fer_utils.experiments.experiment import Experiment
from fer_utils.experiments.recipes import (
    DEFAULT_TEACHER,
    RARE,
    RARE_REGRETTED,
    SHARED_BUDGET,
    TEACHING,
    one_cycle,
    without_gpu,
)
from fer_utils.experiments.reported import COPENHAGEN_FIVE

NOTHING = "nothing"
STRATEGIES: dict[str, dict] = {
    NOTHING: {},
    "weights-as-reported": {"class_weights": "reported"},
    "weights-normalised": {"class_weights": "balanced"},
    "weights-effective": {"class_weights": "effective"},
    "oversampling": {"sampling": "oversample"},
    "balanced-batches": {"sampling": "balanced_batches"},
    "rare-augmented": {"rare_copies": 9, "rare_augment": RARE},
    "rare-upside-down": {"rare_copies": 9, "rare_augment": RARE_REGRETTED},
    "focal-loss": {"focal_gamma": 2.0},
    "logit-adjusted": {"logit_adjustment": 1.0},
    "mixup": {"mixup": 0.2},
    "label-smoothing": {"label_smoothing": 0.1},
}
SLIM, FULL = "zagreb_deeper_slim", "zagreb_deeper"
_SWEEP = replace(SHARED_BUDGET, precision="float32")  # faster than bf16 for so small a network
_BASE = one_cycle(16, 2e-3, label_smoothing=0.0, recalibrate=True)
_REHEARSED = replace(_BASE, train_on="nine_tenths", evaluate_on=("validation",))
# What sets the slim network's final runs and their rehearsal apart from the sweep's.
_ALL, _NINE = "-all-of-training", "-nine-tenths"
_ASSUMED = {
    "rare-augmented": "nine copies of each picture of disgust; how far they are turned, moved and "
    "sheared is not given",
    "rare-upside-down": "as rare-augmented; half upside down, turned up to 90 degrees",
}


def sweep() -> dict[str, Experiment]:
    """The slim network on the budget of all sweeps, by strategy."""
    return _by_strategy(SLIM)


def rehearsal() -> dict[str, Experiment]:
    """The slim network's final runs without the validation tenth, which they are scored on."""
    return _by_strategy(SLIM, _NINE)


def final(network: str) -> dict[str, Experiment]:
    """A network, SLIM or FULL, on all of Training, by those strategies that it is trained with."""
    return _by_strategy(network, _ALL if network == SLIM else "")


def _by_strategy(network: str, ending: str = "") -> dict[str, Experiment]:
    found = {one.recipe: one for one in IMBALANCE if one.network == network}
    return {name: found[name + ending] for name in STRATEGIES if name + ending in found}


def _experiments(
    network: str,
    config: TrainConfig,
    seeds: int,
    of: Sequence[str] = tuple(STRATEGIES),
    ending: str = "",
) -> tuple[Experiment, ...]:
    return tuple(
        Experiment(
            network=network,
            recipe=strategy + ending,
            chapter="08",
            config=made,
            on_cpu=without_gpu(made, made.epochs),
            seeds=tuple(range(seeds)),
            keep="probabilities",
            assumed=_ASSUMED.get(strategy, ""),
        )
        for strategy in of
        for made in [replace(config, **STRATEGIES[strategy])]
    )


# The package's network learns fewer classes from itself: its answers on all seven, as far as they
# are of those classes, teach a new one.
_TAUGHT = replace(COMPACT[0].config, teachers=(DEFAULT_TEACHER,), views=("ten",), **TEACHING)
# A short run has no use for averaged weights (chapter 13's ablation); Muon helps it most.
_SHORT = replace(_TAUGHT, optimizer="muon", learning_rate=8e-3, ema=0.0)
_REDUCED = tuple(
    replace(
        COMPACT[0],
        chapter="08",
        classes=classes,
        config=_TAUGHT,
        on_cpu=without_gpu(_SHORT, epochs),
    )
    for classes, epochs in ((FIVE_CLASSES, 24), (THREE_CLASSES, 60))
)
_THEIRS, _OURS = (
    replace(one, chapter="08", classes=FIVE_CLASSES, frameworks=("torch",), seeds=(0,))
    for one in COPENHAGEN
    if one.network == "copenhagen_keras" and one.recipe in ("as-reported", "ours")
)
_COPENHAGEN_FIVE = (
    replace(
        _THEIRS,
        on_cpu=without_gpu(_THEIRS.config, 12),
        reported={"test": COPENHAGEN_FIVE["native Keras"]},
        assumed="as for seven classes: 30 epochs, batch 64, pixels in 0..1, a tenth held out, "
        "mixed precision",
    ),
    replace(_OURS, on_cpu=without_gpu(_OURS.config, 12)),
)

IMBALANCE = (
    *_experiments(SLIM, _SWEEP, 2),
    *_experiments(FULL, _BASE, 3),
    *_experiments(SLIM, _BASE, 3, (NOTHING,), _ALL),
    *_experiments(SLIM, _REHEARSED, 2, (NOTHING,), _NINE),
    *_COPENHAGEN_FIVE,
    *_REDUCED,
)
