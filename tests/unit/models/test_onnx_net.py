"""The ONNX graph of a network gives the logits of the PyTorch network, layer type by layer type."""

from __future__ import annotations

import numpy as np
import pytest

onnx = pytest.importorskip("onnx", reason="needs onnx: pip install -e '.[onnx]'")
onnxruntime = pytest.importorskip("onnxruntime", reason="needs onnxruntime: see above")
torch = pytest.importorskip("torch")

from fer_utils.models import onnx_net, torch_net, zoo  # noqa: E402
from fer_utils.models.initial import initial_weights  # noqa: E402
from fer_utils.models.layers import ACTIVATIONS  # noqa: E402
from fer_utils.models.spec import (  # noqa: E402
    Act,
    BatchNorm,
    Conv,
    Dense,
    Dropout,
    Flatten,
    GlobalAvgPool,
    MaxPool,
    NetSpec,
    Residual,
    SqueezeExcite,
)

TOLERANCE = 1e-5  # of logits, relative to the largest
LAYERS = {
    "global average": GlobalAvgPool(),
    "batch norm": BatchNorm(epsilon=0.1),
    "dropout": Dropout(0.5),
    "squeeze and excite": SqueezeExcite(2),
    "identity residual": Residual((Conv(3), BatchNorm(), Act("relu"), Conv(3))),
    "projected residual": Residual((Conv(6, stride=2),), (Conv(6, 1, stride=2), BatchNorm())),
    "conv without bias": Conv(4, bias=False),
    "leaky relu 0.3": Act("leaky_relu", slope=0.3),
}
LAYERS |= {name: Act(name) for name in ACTIVATIONS}
LAYERS |= {
    f"{record.kind} {size}, stride {stride}, {padding}": record(*sizes, padding=padding)
    for padding in ("same", "valid")
    for size, stride in ((2, 1), (3, 2), (4, 3))
    for record, sizes in ((Conv, (4, size, stride)), (MaxPool, (size, stride)))
}


def scrambled(spec: NetSpec) -> dict[str, np.ndarray]:
    """Random weights in which BatchNorm's four arrays differ from where they start."""
    rng = np.random.default_rng(0)
    return {
        key: rng.uniform(0.5, 2, v.shape) if "e" == key[-1] else rng.normal(0, 0.3, v.shape)
        for key, v in spec.variables().items()
    }


def exported(spec: NetSpec, weights: dict[str, np.ndarray], images: np.ndarray) -> np.ndarray:
    """Logits of images (N, H, W, C) by ONNX Runtime."""
    graph = onnx_net.Graph()
    logits = onnx_net.add_network(graph, "images", spec, weights)
    info, real = onnx.helper.make_tensor_value_info, onnx.TensorProto.FLOAT
    height, width, channels = spec.input_shape
    made = onnx.helper.make_graph(
        graph.nodes,
        "test",
        [info("images", real, ["n", channels, height, width])],
        [info(logits, real, ["n", spec.classes])],
        graph.constants,
    )
    versions = [onnx.helper.make_opsetid("", onnx_net.OPSET)]
    model = onnx.helper.make_model(made, opset_imports=versions, ir_version=8)
    onnx.checker.check_model(model, full_check=True)
    session = onnxruntime.InferenceSession(model.SerializeToString())
    return session.run(None, {"images": images.transpose(0, 3, 1, 2)})[0]


def check(spec: NetSpec, weights: dict[str, np.ndarray]) -> None:
    """Assert that ONNX Runtime and PyTorch agree on noise, half of it below zero."""
    images = np.random.default_rng(1).normal(size=(3, *spec.input_shape)).astype(np.float32)
    net = torch_net.build(spec, seed=0).eval()
    torch_net.set_weights(net, {k: np.asarray(v, np.float32) for k, v in weights.items()})
    with torch.inference_mode():
        wanted = net(torch.from_numpy(images.transpose(0, 3, 1, 2).copy())).numpy()
    got = exported(spec, weights, images)
    np.testing.assert_allclose(got, wanted, atol=TOLERANCE * np.abs(wanted).max(), rtol=0)
    assert np.ptp(got, axis=0).min() > 0  # the pictures make a difference


@pytest.mark.parametrize("shape", [(11, 9, 3), (12, 8, 3)], ids=["odd", "even"])
@pytest.mark.parametrize("name", LAYERS)
def test_each_layer(name, shape):
    layer = LAYERS[name]
    flat = () if isinstance(layer, GlobalAvgPool) else (Flatten(),)
    spec = NetSpec("one", (Conv(3, 1), layer, *flat, Dense(5)), shape)
    check(spec, scrambled(spec))


def test_batch_norm_of_a_vector():
    spec = NetSpec("vector", (Flatten(), Dense(6, bias=False), BatchNorm(), Dense(3)), (4, 4, 1))
    check(spec, scrambled(spec))


@pytest.mark.parametrize("name", ["compact_vgg", "zagreb_fully_connected"])
def test_networks_of_the_course_with_half_precision_weights(name):
    spec = zoo.get(name)
    halves = {k: v.astype(np.float16) for k, v in initial_weights(spec, 0).items()}
    check(spec, halves)


def test_weights_of_another_network_are_refused():
    spec = zoo.get("compact_vgg")
    weights = initial_weights(spec, 0)
    weights.pop("00_conv/kernel")
    with pytest.raises(ValueError, match="missing '00_conv/kernel'"):
        onnx_net.add_network(onnx_net.Graph(), "images", spec, weights)
