"""The Keras loop on each backend: same path as on PyTorch's own loop, resumable, with averages."""

from __future__ import annotations

import importlib.util
import os
import subprocess
import sys
from pathlib import Path

import pytest

pytest.importorskip("torch")
pytest.importorskip("keras")

SCRIPT = """
import sys
from dataclasses import replace
from pathlib import Path
import keras
import numpy as np
from fer_utils.data.augment import Augment
from fer_utils.models.layers import Act, Dense
from fer_utils.models.spec import NetSpec
from fer_utils.experiments.config import TrainConfig
from fer_utils.experiments.environment import computes_on_gpu, hardware
from fer_utils.training import keras_loop, torch_loop
from tests.unit.training.helpers import job, tiny_dense

backend, folder = sys.argv[1], Path(sys.argv[2])
assert keras.backend.backend() == backend
assert hardware("keras").startswith("CPU, ") != computes_on_gpu("keras")
config = TrainConfig(epochs=3, batch_size=16, learning_rate=0.02, optimizer="sgd", ema=0.8,
                     momentum=0.0, schedule="one_cycle", weight_decay=0.01, train_on="nine_tenths",
                     augment=Augment(horizontal_flip=0.5, shift=0.1))
theirs = keras_loop.fit(job(config, "keras", tiny_dense(), folder / "run.safetensors"))
ours = torch_loop.fit(job(config, "torch", tiny_dense()))
for a, b in zip(ours.history, theirs.history, strict=True):
    for name in ("train_loss", "validation_loss", "learning_rate"):
        assert abs(a[name] - b[name]) < 1e-3, (name, a, b)
for name, value in ours.weights.items():
    assert np.abs(value - theirs.weights[name]).max() < 1e-3, name

plateau = replace(config, schedule="plateau", ema=0.0, patience=1, factor=0.5, epochs=4)
fitted = keras_loop.fit(job(plateau, "keras", tiny_dense()))
reference = torch_loop.fit(job(plateau, "torch", tiny_dense()))
rates = [[row["learning_rate"] for row in one.history] for one in (fitted, reference)]
assert np.allclose(*rates), rates
assert abs(fitted.history[-1]["train_loss"] - reference.history[-1]["train_loss"]) < 1e-3
hidden = (*tiny_dense().layers[:-1], Dense(8), Act("tanh"), Dense(3))
deeper = NetSpec("deeper", hidden, input_shape=(8, 8, 1))
muon = replace(config, optimizer="muon", ema=0.0)
ours = torch_loop.fit(job(muon, "torch", deeper))
theirs = keras_loop.fit(job(muon, "keras", deeper))
for name, value in ours.weights.items():
    assert np.abs(value - theirs.weights[name]).max() < 1e-3, name
print("same path")
"""


@pytest.mark.parametrize("backend", ["torch", "jax"])
def test_the_keras_loop_takes_the_same_path_on_another_backend(backend, tmp_path):
    if importlib.util.find_spec(backend) is None:
        pytest.skip(f"{backend} is not installed")
    done = subprocess.run(
        [sys.executable, "-c", SCRIPT, backend, str(tmp_path)],
        env=os.environ | {"KERAS_BACKEND": backend, "OMP_NUM_THREADS": "1"},
        cwd=Path(__file__).parents[3],
        capture_output=True,
        text=True,
    )
    assert done.returncode == 0, done.stderr[-3000:]
    assert "same path" in done.stdout


@pytest.mark.parametrize("backend", ["torch", "jax"])
def test_stages_and_lower_rates_hold_on_another_backend(backend):
    if importlib.util.find_spec(backend) is None:
        pytest.skip(f"{backend} is not installed")
    chosen = "share_of_each_step or unfreezes_and_nothing_else or more_slowly"
    done = subprocess.run(
        [sys.executable, "-m", "pytest", "-q", "tests/unit/training/test_staged.py", "-k", chosen],
        env=os.environ | {"KERAS_BACKEND": backend, "OMP_NUM_THREADS": "1"},
        cwd=Path(__file__).parents[3],
        capture_output=True,
        text=True,
    )
    assert done.returncode == 0, done.stdout[-3000:]
    assert "3 passed" in done.stdout
