"""Chapter 05: what one default of a framework is worth, over five seeds on the shared budget.

SGD with momentum as in Copenhagen's report, where weight decay and L2 are the same but for their
factor, and 32-bit floats, so that frameworks differ in nothing that can be named. The rate was
chosen on the validation tenth.
"""

from __future__ import annotations

from dataclasses import replace

from fer_utils.experiments.config import TrainConfig
from fer_utils.experiments.experiment import Experiment
from fer_utils.experiments.recipes import SHARED_BUDGET
from fer_utils.models import zoo
from fer_utils.models.zoo_defaults import DECAY

_PLAIN = replace(
    SHARED_BUDGET, optimizer="sgd", learning_rate=0.05, weight_decay=0.0, precision="float32"
)


def _of(network: str, recipe: str = "defaults", config: TrainConfig = _PLAIN) -> Experiment:
    both = (network, recipe) == ("small_cnn", "defaults")  # of one the frameworks are compared
    return Experiment(
        network=network,
        recipe=recipe,
        chapter="05",
        config=config,
        frameworks=("torch", "keras") if both else ("torch",),
        seeds=(0, 1, 2, 3, 4),
    )


DEFAULTS = (
    *(_of(network) for network in zoo.SMALL_CNNS),
    _of("small_cnn", "decay", replace(_PLAIN, weight_decay=DECAY)),
    _of("small_cnn", "drop-last", replace(_PLAIN, drop_last=True)),
)
