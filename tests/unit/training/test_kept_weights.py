"""What the repository keeps of a run's weights: the right part, close to the whole, small."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from fer_utils import experiments
from fer_utils.experiments.experiment import CONVOLUTIONS
from fer_utils.faces.expression_model import DEFAULT
from fer_utils.models import zoo
from fer_utils.models.initial import initial_weights
from fer_utils.training import checkpoint, kept_weights

ROOT = Path(__file__).resolve().parents[3]
BUDGET = 3.5 * 2**20  # bytes of weights in the repository


def stored(tmp_path, weights, ship):
    """The file of an excerpt, and its weights as read back."""
    path = tmp_path / "kept.safetensors"
    checkpoint.save_weights(path, kept_weights.excerpt(weights, ship), key="a test")
    return path, kept_weights.load(path)


def test_a_number_keeps_the_strongest_units_of_the_first_layer():
    kernel = np.zeros((5, 3), np.float32)
    kernel[:, 1], kernel[:, 2] = 2, 1
    kept = kept_weights.excerpt({"01_dense/kernel": kernel, "03_dense/kernel": kernel.T}, 2)
    assert kept.keys() == {"01_dense/kernel"}
    assert kept["01_dense/kernel"].dtype == np.float16
    assert kept["01_dense/kernel"][0].tolist() == [2, 1]


def test_convolutions_are_kept_within_half_a_step_of_four_bits(tmp_path):
    spec = zoo.get("fer_cnn")
    weights = initial_weights(spec, seed=0)
    key = "03_conv/kernel"
    weights[key][..., 3] = 0  # a filter of zeros has no scale
    weights[key] = weights[key][..., :-1]  # the last filter has no neighbour to share a byte with
    weights["02_batch_norm/variance"] += 0.5
    _, read = stored(tmp_path, weights, CONVOLUTIONS)
    flatten = next(p.key for p in spec.placed if p.layer.kind == "flatten")
    assert sorted(read) == sorted(key for key in weights if key < flatten)
    for key, values in read.items():
        assert values.dtype == np.float32 and values.shape == weights[key].shape
        if values.ndim == 4 and key != "00_conv/kernel":
            step = np.abs(weights[key]).max(axis=(0, 1, 2)) / 7
            assert (np.abs(values - weights[key]) <= step / 2 + 1e-7).all()
        else:
            assert np.array_equal(values, weights[key].astype(np.float16))
    assert not read["03_conv/kernel"][..., 3].any()


def test_a_network_without_convolutions_has_none_to_keep():
    weights = initial_weights(zoo.get("fully_connected_1x512"), seed=0)
    with pytest.raises(ValueError, match="begins with 01_dense; ship a number"):
        kept_weights.excerpt(weights, CONVOLUTIONS)


def test_where_nothing_is_kept_nothing_is_read(tmp_path):
    assert kept_weights.load(tmp_path / "none.safetensors") == {}


def test_of_the_deeper_network_the_first_layer_is_kept_and_of_fer_cnn_its_convolutions():
    deeper, fer_cnn = (experiments.get(f"{name}-7-ours") for name in ("zagreb_deeper", "fer_cnn"))
    kept = kept_weights.excerpt(initial_weights(deeper.spec, 0), deeper.ship)
    assert {key: values.shape for key, values in kept.items()} == {"00_conv/kernel": (3, 3, 1, 64)}
    kept = kept_weights.excerpt(initial_weights(fer_cnn.spec, 0), fer_cnn.ship)
    convolutions = [key for key in kept if key.endswith("_conv/kernel")]
    assert len(convolutions) == 6 and not any("dense" in key for key in kept)
    for one in (deeper, fer_cnn):
        assert kept_weights.ships(one, "torch", 0)
        assert not kept_weights.ships(one, "torch", 1)
        assert kept_weights.command(one).startswith(f"python -m fer_utils train {one.name} ")


def test_all_weights_of_the_repository_stay_within_their_budget(tmp_path):
    """Those that are there, and those that full runs have yet to add."""
    found = [DEFAULT, *DEFAULT.parent.glob("*.onnx")]
    sizes = {path: path.stat().st_size for path in found}
    for experiment in experiments.EXPERIMENTS.values():
        if kept_weights.ships(experiment, "torch", 0):
            fresh = initial_weights(experiment.spec, seed=0)
            path, _ = stored(tmp_path, fresh, experiment.ship)
            sizes[experiment.name] = path.stat().st_size
    assert "fer_cnn-7-ours" in sizes and sum(sizes.values()) < BUDGET, sizes
    for path in (ROOT / "results" / "weights").glob("*/*.safetensors"):
        assert path.stat().st_size <= 1.1 * sizes[path.parent.name]
