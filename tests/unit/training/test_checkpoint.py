from dataclasses import replace
from types import SimpleNamespace

import numpy as np
import pytest

from fer_utils.experiments.config import TrainConfig
from fer_utils.training import checkpoint

from .helpers import tiny_dense, tiny_net

CONFIG = TrainConfig(epochs=2)


def test_arrays_and_state_come_back_exactly(tmp_path):
    path = tmp_path / "run.safetensors"
    arrays = {"a": np.arange(6, dtype=np.float32).reshape(2, 3).T, "b/c": np.uint32(7)}
    checkpoint.write(path, arrays, {"history": [{"loss": 0.1}]}, "key")
    found, state = checkpoint.read(path, "key")
    assert np.array_equal(found["a"], arrays["a"])
    assert found["b/c"].shape == () and found["b/c"] == 7
    assert state == {"history": [{"loss": 0.1}]}
    assert list(tmp_path.iterdir()) == [path]  # no temporary file is left


def test_a_keeper_writes_now_and_then_and_on_request_what_was_true_when_it_was_kept(
    tmp_path, monkeypatch
):
    clock = SimpleNamespace(now=0.0)
    monkeypatch.setattr(checkpoint.time, "monotonic", lambda: clock.now)
    keeper = checkpoint.Keeper(tmp_path / "run.safetensors", "key", seconds=30)
    array, history = np.zeros(1), []
    seen = []
    for epoch, clock.now in enumerate((10, 30, 59, 60, 61), 1):
        array += 1
        history.append(epoch)
        keeper.keep({"a": array}, {"history": history})
        found = checkpoint.read(keeper.path, "key")
        seen.append(len(found[1]["history"]) if found else 0)
        assert not found or found[0]["a"] == seen[-1]
    assert seen == [0, 2, 2, 4, 4]
    array += 1
    history.append(6)  # an epoch that was not finished
    keeper.flush()
    arrays, state = checkpoint.read(keeper.path, "key")
    assert (arrays["a"], state) == (5, {"history": [1, 2, 3, 4, 5]})
    keeper.path.unlink()
    keeper.flush()
    assert not keeper.path.exists()  # nothing waits


def test_no_file_means_a_fresh_start(tmp_path):
    assert checkpoint.read(tmp_path / "none", "key") is None


def test_another_runs_checkpoint_is_refused_and_kept(tmp_path):
    path = tmp_path / "run.safetensors"
    checkpoint.write(path, {"a": np.zeros(1)}, {}, "key")
    with pytest.raises(ValueError, match="another network, configuration or data"):
        checkpoint.read(path, "other")
    assert path.is_file()


def test_a_half_written_checkpoint_is_named(tmp_path):
    path = tmp_path / "run.safetensors"
    checkpoint.write(path, {"a": np.zeros(100)}, {}, "key")
    path.write_bytes(path.read_bytes()[:-50])
    with pytest.raises(ValueError, match=r"run\.safetensors is damaged.*delete it"):
        checkpoint.read(path, "key")


def test_the_key_depends_on_network_configuration_framework_and_data():
    keys = {
        checkpoint.run_key(tiny_net(), CONFIG, "torch", "f"),
        checkpoint.run_key(tiny_dense(), CONFIG, "torch", "f"),
        checkpoint.run_key(tiny_net(), replace(CONFIG, seed=1), "torch", "f"),
        checkpoint.run_key(tiny_net(), CONFIG, "keras", "f"),
        checkpoint.run_key(tiny_net(), CONFIG, "torch", "g"),
    }
    assert len(keys) == 5


def test_weights_round_trip_through_half_precision(tmp_path):
    path = tmp_path / "weights.safetensors"
    assert checkpoint.load_weights(path) == {}
    checkpoint.save_weights(path, {"00_conv/kernel": np.ones((3, 3), np.float16)}, key="k")
    assert checkpoint.load_weights(path)["00_conv/kernel"].dtype == np.float32
    assert checkpoint.load_weights(path, "k").keys() == {"00_conv/kernel"}
    assert checkpoint.load_weights(path, "another run") == {}
    path.write_bytes(b"nonsense")
    with pytest.raises(ValueError, match="damaged"):
        checkpoint.load_weights(path)
