"""A run killed with SIGKILL goes on and, on one thread, ends bit-identical to an unbroken one.

Its clock moves 20 seconds a look, so that of the epochs before the kill only the second is written.
"""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from safetensors.numpy import load_file

from fer_utils.experiments.config import TrainConfig
from fer_utils.models.layers import Act, Conv, Dense, GlobalAvgPool
from fer_utils.models.spec import NetSpec

from .helpers import job

pytest.importorskip("torch")
pytest.importorskip("keras")

SCRIPT = """
import itertools, os, sys, signal
from dataclasses import replace
from pathlib import Path
from types import SimpleNamespace
from fer_utils.data.augment import Augment
from fer_utils.experiments.config import TrainConfig
from fer_utils.training import checkpoint
from tests.unit.training.helpers import job, tiny_net

framework, folder, event = sys.argv[1], Path(sys.argv[2]), sys.argv[3]
config = TrainConfig(epochs=5, batch_size=16, learning_rate=0.02, schedule="one_cycle",
                     augment=Augment(horizontal_flip=0.5, rotation=10.0), ema=0.9,
                     train_on="nine_tenths", early_stopping=4, mixup=0.4, sampling="oversample")
seconds = 30.0
if event == "killed in epoch 4":
    checkpoint.time = SimpleNamespace(monotonic=itertools.count(0, 20).__next__)
if event == "stopped in epoch 5":
    seconds = 1e9
def on_epoch(row):
    if event == f"killed in epoch {row['epoch']}":
        os.kill(os.getpid(), signal.SIGKILL)
    if event == f"stopped in epoch {row['epoch']}":
        sys.exit(7)
if framework == "torch":
    import torch
    torch.set_num_threads(1)
    from fer_utils.training.torch_loop import fit
else:
    import keras
    from fer_utils.training.keras_loop import fit
the_job = job(config, framework, tiny_net(), checkpoint=folder / "run.safetensors")
the_job = replace(the_job, on_epoch=on_epoch, checkpoint_seconds=seconds)
saved = the_job.saved()
print("goes on after", len(saved[1]["history"]) if saved else 0, flush=True)
fitted = fit(the_job)
checkpoint.save_weights(folder / "weights.safetensors", {
    **fitted.weights, **{f"logits/{k}": v for k, v in fitted.logits.items()}}, key="")
print("epochs", len(fitted.history))
"""


def run(framework: str, folder: Path, event: str = "") -> subprocess.CompletedProcess:
    folder.mkdir(exist_ok=True)
    one_thread = dict.fromkeys(
        ("OMP_NUM_THREADS", "TF_NUM_INTRAOP_THREADS", "TF_NUM_INTEROP_THREADS"), "1"
    )
    environment = os.environ | one_thread | {"PYTHONPATH": "."}
    return subprocess.run(
        [sys.executable, "-c", SCRIPT, framework, str(folder), event],
        env=environment,
        cwd=Path(__file__).parents[3],
        capture_output=True,
        text=True,
    )


@pytest.mark.parametrize("framework", ["torch", "keras"])
def test_a_killed_and_a_stopped_run_resume_bit_identical(framework, tmp_path):
    unbroken, broken = tmp_path / "unbroken", tmp_path / "broken"
    whole = run(framework, unbroken)
    assert whole.returncode == 0, whole.stderr
    assert whole.stdout.split("\n")[:2] == ["goes on after 0", "epochs 5"]
    killed = run(framework, broken, "killed in epoch 4")
    assert killed.returncode == -signal.SIGKILL, killed.stderr
    stopped = run(framework, broken, "stopped in epoch 5")
    assert stopped.returncode == 7, stopped.stderr
    assert stopped.stdout == "goes on after 2\n"  # epoch 3 was not written
    resumed = run(framework, broken)
    assert resumed.returncode == 0, resumed.stderr
    assert resumed.stdout == "goes on after 4\nepochs 5\n"  # a stop writes what was held back
    expected = load_file(unbroken / "weights.safetensors")
    found = load_file(broken / "weights.safetensors")
    assert expected.keys() == found.keys()
    for name, value in expected.items():
        assert value.tobytes() == found[name].tobytes(), name


@pytest.mark.parametrize("optimizer", ["sgd", "adam", "adamw", "nadam", "muon"])
def test_the_moments_of_many_channels_come_back_to_their_own_weights(optimizer, tmp_path):
    from fer_utils.training.torch_loop import fit

    layers = (Conv(6), Act("relu"), Conv(8), Act("relu"), GlobalAvgPool(), Dense(3))
    spec = NetSpec("two_convolutions", layers, input_shape=(8, 8, 1))
    config = TrainConfig(epochs=4, batch_size=16, optimizer=optimizer, learning_rate=0.01)
    unbroken = fit(job(config, "torch", spec))
    broken = job(config, "torch", spec, checkpoint=tmp_path / "run.safetensors")

    def stop(row):
        if row["epoch"] == 3:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        fit(replace(broken, on_epoch=stop))
    assert len(broken.saved()[1]["history"]) == 2
    resumed = fit(broken)
    for name, value in unbroken.weights.items():
        np.testing.assert_allclose(resumed.weights[name], value, rtol=1e-5, atol=1e-7, err_msg=name)
