"""The expression model as ONNX: ONNX Runtime gives the probabilities of the package."""

from __future__ import annotations

import json
from dataclasses import replace

import numpy as np
import pytest

onnx = pytest.importorskip("onnx", reason="needs onnx: pip install -e '.[onnx]'")
onnxruntime = pytest.importorskip("onnxruntime", reason="needs onnxruntime: see above")
pytest.importorskip("torch")

from fer_utils import cli  # noqa: E402
from fer_utils.data import drawn_faces  # noqa: E402
from fer_utils.faces.expression_model import DEFAULT, ExpressionModel  # noqa: E402
from fer_utils.faces.onnx_file import to_onnx  # noqa: E402
from fer_utils.models.spec import Dense, Flatten, NetSpec  # noqa: E402

WANTED = 1e-3  # of probabilities, as the course promises
REACHED = 1e-5  # in float32


@pytest.fixture(scope="module")
def faces() -> np.ndarray:
    """Drawn faces, noise, and the two flat pictures."""
    noise = np.random.default_rng(0).integers(0, 256, (4, 48, 48), dtype=np.uint8)
    flat = np.repeat(np.array([0, 255], np.uint8), 48 * 48).reshape(2, 48, 48)
    return np.concatenate([drawn_faces.dataset(21).images, noise, flat])


def run(content: bytes, faces: np.ndarray) -> np.ndarray:
    return onnxruntime.InferenceSession(content).run(["probabilities"], {"faces": faces})[0]


@pytest.mark.parametrize("mirrored", [True, False])
@pytest.mark.parametrize("temperature", [1.0, 1.7])
def test_the_default_model_says_the_same(faces, mirrored, temperature):
    model = replace(ExpressionModel.default(), mirrored=mirrored, temperature=temperature)
    got, wanted = run(to_onnx(model), faces), model.probabilities(faces)
    assert got.shape == wanted.shape and got.dtype == np.float32
    assert np.abs(got - wanted).max() < REACHED < WANTED
    assert np.ptp(wanted, axis=0).max() > 0.5  # the faces are read differently
    np.testing.assert_allclose(run(to_onnx(model), faces[:1]), got[:1], atol=REACHED)


def test_it_is_no_larger_than_the_model_and_names_its_classes():
    model = ExpressionModel.default()
    content = to_onnx(model)
    assert len(content) < 1.05 * DEFAULT.stat().st_size
    properties = {p.key: p.value for p in onnx.load_from_string(content).metadata_props}
    assert tuple(json.loads(properties["classes"])) == model.classes
    assert to_onnx(model) == content  # the same model gives the same bytes


def test_colour_input_is_refused():
    spec = NetSpec("colour", (Flatten(), Dense(7)), (48, 48, 3))
    with pytest.raises(ValueError, match="takes 3 channels; expected 1"):
        to_onnx(ExpressionModel(spec, ("a",) * 7, 0.5, 0.25, {}))


def test_the_command_writes_it_and_replaces_nothing_unasked(tmp_path, faces, capsys):
    out = tmp_path / "made" / "model.onnx"
    assert cli.main(["model", "export", str(out)]) == 0
    assert str(out) in capsys.readouterr().out
    wanted = ExpressionModel.default().probabilities(faces[:2])
    np.testing.assert_allclose(run(out.read_bytes(), faces[:2]), wanted, atol=WANTED)
    out.write_bytes(b"mine")
    assert cli.main(["model", "export", str(out)]) == 1
    assert "--force" in capsys.readouterr().err and out.read_bytes() == b"mine"
    assert cli.main(["model", "export", str(out), "--force"]) == 0
    assert len(out.read_bytes()) > 1_000_000
