"""The optimizers of the Keras loop, with the rates of the whole run."""

from __future__ import annotations

from collections.abc import Callable

import keras
import numpy as np

from fer_utils.experiments.config import TrainConfig
from fer_utils.optimizers import ADAM_EPSILON
from fer_utils.optimizers.muon_keras import Muon


def of_config(
    config: TrainConfig,
    rates: np.ndarray,
    subclass: Callable[[type], type] = lambda kind: kind,
) -> keras.optimizers.Optimizer:
    """The optimizer of the configuration with the run's rates, or a stage's, float (steps,). A
    "plateau" begins with the first and is lowered from outside."""
    rate = float(rates[0]) if config.schedule == "plateau" else _RateTable(rates)
    shared = {"learning_rate": rate}
    if config.ema:
        shared |= {"use_ema": True, "ema_momentum": config.ema}
    if config.optimizer == "sgd":
        return subclass(keras.optimizers.SGD)(momentum=config.momentum, **shared)
    shared["epsilon"] = ADAM_EPSILON
    if config.optimizer == "adamw":
        return subclass(keras.optimizers.AdamW)(weight_decay=config.weight_decay, **shared)
    if config.optimizer == "muon":
        precision = "bfloat16" if config.precision == "bf16" else "float32"
        decay = config.weight_decay
        return subclass(Muon)(weight_decay=decay, precision=precision, **shared)
    kind = {"adam": keras.optimizers.Adam, "nadam": keras.optimizers.Nadam}[config.optimizer]
    return subclass(kind)(**shared)


class _RateTable(keras.optimizers.schedules.LearningRateSchedule):
    """The rate of each step, read from a table."""

    def __init__(self, rates: np.ndarray):
        self.rates = np.asarray(rates, np.float32)

    def __call__(self, step):
        last = len(self.rates) - 1
        step = keras.ops.minimum(keras.ops.cast(step, "int32"), last)
        return keras.ops.take(keras.ops.convert_to_tensor(self.rates), step)

    def get_config(self) -> dict:
        return {"rates": self.rates.tolist()}
