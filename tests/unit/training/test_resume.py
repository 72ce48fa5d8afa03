"""A run killed with SIGKILL goes on and, on one thread, ends bit-identical to an unbroken one."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest
from safetensors.numpy import load_file

pytest.importorskip("torch")
pytest.importorskip("keras")

SCRIPT = """
import os, sys, signal
from pathlib import Path
from fer_utils.data.augment import Augment
from fer_utils.records.config import TrainConfig
from fer_utils.training import checkpoint, job as jobs
from tests.unit.training.helpers import job, tiny_net

framework, folder, kill_after = sys.argv[1], Path(sys.argv[2]), int(sys.argv[3])
config = TrainConfig(epochs=4, batch_size=16, learning_rate=0.02, schedule="one_cycle",
                     augment=Augment(horizontal_flip=0.5, rotation=10.0), ema=0.9,
                     train_on="nine_tenths", early_stopping=4)
saved = 0
write = checkpoint.write
def write_then_die(*arguments):
    global saved
    write(*arguments)
    saved += 1
    if saved == kill_after:
        os.kill(os.getpid(), signal.SIGKILL)
checkpoint.write = write_then_die
if framework == "torch":
    import torch
    torch.set_num_threads(1)
    from fer_utils.training.torch_loop import fit
else:
    import keras
    from fer_utils.training.keras_loop import fit
fitted = fit(job(config, framework, tiny_net(), checkpoint=folder / "run.safetensors"))
checkpoint.save_weights(folder / "weights.safetensors", {
    **fitted.weights, **{f"logits/{k}": v for k, v in fitted.logits.items()}}, key="")
print(len(fitted.history))
"""


def run(framework: str, folder: Path, kill_after: int = 0) -> subprocess.CompletedProcess:
    folder.mkdir(exist_ok=True)
    one_thread = dict.fromkeys(
        ("OMP_NUM_THREADS", "TF_NUM_INTRAOP_THREADS", "TF_NUM_INTEROP_THREADS"), "1"
    )
    environment = os.environ | one_thread | {"PYTHONPATH": "."}
    return subprocess.run(
        [sys.executable, "-c", SCRIPT, framework, str(folder), str(kill_after)],
        env=environment,
        cwd=Path(__file__).parents[3],
        capture_output=True,
        text=True,
    )


@pytest.mark.parametrize("framework", ["torch", "keras"])
def test_a_killed_run_resumes_bit_identical(framework, tmp_path):
    unbroken = run(framework, tmp_path / "unbroken")
    assert unbroken.returncode == 0, unbroken.stderr
    killed = run(framework, tmp_path / "killed", kill_after=2)
    assert killed.returncode == -signal.SIGKILL
    assert not (tmp_path / "killed" / "weights.safetensors").exists()
    resumed = run(framework, tmp_path / "killed")
    assert resumed.returncode == 0, resumed.stderr
    assert resumed.stdout.split()[-1] == unbroken.stdout.split()[-1] == "4"
    expected = load_file(tmp_path / "unbroken" / "weights.safetensors")
    found = load_file(tmp_path / "killed" / "weights.safetensors")
    assert expected.keys() == found.keys()
    for name, value in expected.items():
        assert value.tobytes() == found[name].tobytes(), name
