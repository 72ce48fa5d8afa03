"""The optimizers of the Keras loop take the rates they are given."""

from __future__ import annotations

import numpy as np
import pytest

from fer_utils.experiments.config import TrainConfig

keras = pytest.importorskip("keras")
from fer_utils.optimizers import in_keras  # noqa: E402

PLATEAU = TrainConfig(epochs=2, learning_rate=1e-3, schedule="plateau", train_on="nine_tenths")


def test_a_plateau_begins_with_the_rate_of_its_stage():
    optimizer = in_keras.of_config(PLATEAU, np.full(5, 0.25))
    assert float(optimizer.learning_rate) == 0.25
    optimizer.learning_rate = 0.125  # what the watcher does
    assert float(optimizer.learning_rate) == 0.125


def test_other_schedules_are_read_from_the_table():
    optimizer = in_keras.of_config(TrainConfig(epochs=2), np.array([0.5, 0.25, 0.125]))
    assert float(optimizer.learning_rate) == 0.5
    optimizer.iterations.assign(2)
    assert float(optimizer.learning_rate) == 0.125
