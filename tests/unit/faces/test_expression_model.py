"""The expression model: what is saved is what is read, and bad files are refused by name."""

from __future__ import annotations

import json

import numpy as np
import pytest
from safetensors.numpy import load_file, save_file

from fer_utils.data.dataset import CLASSES
from fer_utils.faces.expression_model import ExpressionModel
from fer_utils.models import initial, zoo


@pytest.fixture(scope="module")
def model() -> ExpressionModel:
    spec = zoo.get("compact_vgg")
    return ExpressionModel(spec, CLASSES, 0.5, 0.25, initial.initial_weights(spec, 0))


@pytest.fixture(scope="module")
def faces() -> np.ndarray:
    return np.random.default_rng(0).integers(0, 256, (5, 48, 48), dtype=np.uint8)


def test_probabilities_are_a_distribution(model, faces):
    found = model.probabilities(faces)
    assert found.shape == (5, 7) and found.dtype == np.float32
    np.testing.assert_allclose(found.sum(axis=1), 1, atol=1e-5)
    assert model.probabilities(faces[:0]).shape == (0, 7)


def test_a_face_and_its_mirror_image_read_alike(model, faces):
    mirrored = np.ascontiguousarray(faces[:, :, ::-1])
    np.testing.assert_allclose(model.probabilities(faces), model.probabilities(mirrored), atol=1e-6)


def test_saved_and_loaded_it_says_the_same(model, faces, tmp_path):
    model.save(tmp_path / "m.safetensors")
    again = ExpressionModel.load(tmp_path / "m.safetensors")
    assert (again.spec, again.classes, again.std) == (model.spec, CLASSES, 0.25)
    np.testing.assert_allclose(again.probabilities(faces), model.probabilities(faces), atol=2e-3)


def test_a_higher_temperature_is_less_sure(model, faces):
    cooler = ExpressionModel(model.spec, CLASSES, 0.5, 0.25, model.weights, temperature=10.0)
    assert cooler.probabilities(faces).max() < model.probabilities(faces).max()


def test_faces_of_another_shape_are_refused(model):
    with pytest.raises(ValueError, match=r"uint8 \(N, 48, 48\), got float64 \(1, 48, 48\)"):
        model.probabilities(np.zeros((1, 48, 48)))
    with pytest.raises(ValueError, match=r"got uint8 \(2, 32, 32\)"):
        model.probabilities(np.zeros((2, 32, 32), np.uint8))


def test_a_missing_or_damaged_file_is_named(tmp_path):
    with pytest.raises(FileNotFoundError, match="nothing.safetensors"):
        ExpressionModel.load(tmp_path / "nothing.safetensors")
    (tmp_path / "broken.safetensors").write_bytes(b"no model")
    with pytest.raises(ValueError, match="broken.safetensors is no expression model"):
        ExpressionModel.load(tmp_path / "broken.safetensors")


@pytest.mark.parametrize(
    ("change", "said"),
    [
        (lambda header, weights: header.pop("spec"), "spec"),
        (lambda header, weights: header.update(spec=3), "damaged"),
        (lambda header, weights: header.update(std=0), "expected above 0"),
        (lambda header, weights: header.update(temperature="hot"), "temperature is 'hot'"),
        (lambda header, weights: header.update(mean=float("nan")), "mean is nan"),
        (lambda header, weights: header.update(classes=["happy"]), "1 classes, but the network"),
        (lambda header, weights: header.update(surprise=1), "surprise"),
        (lambda header, weights: weights.pop("00_conv/kernel"), "missing '00_conv/kernel'"),
        (lambda header, weights: weights["01_batch_norm/scale"].fill(np.nan), "no finite numbers"),
    ],
)
def test_a_file_that_was_tampered_with_is_refused(model, tmp_path, change, said):
    path = tmp_path / "m.safetensors"
    model.save(path)
    weights = load_file(path)
    header = {
        "spec": model.spec.to_dict(),
        "classes": list(CLASSES),
        "mean": model.mean,
        "std": model.std,
    }
    change(header, weights)
    save_file(weights, path, metadata={"expression_model": json.dumps(header)})
    with pytest.raises(ValueError, match=f"m.safetensors is no expression model.*{said}"):
        ExpressionModel.load(path)
