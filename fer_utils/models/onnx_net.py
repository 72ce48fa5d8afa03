"""A `NetSpec` and its weights as an ONNX graph, which runs without this package, in a browser too.

The graph is written from the layer records, not traced: it needs NumPy and `onnx`, no framework. A
value inside it is (N, C, H, W) float32 as in `torch_net`, and Flatten goes through (N, H, W, C) as
it does there. Weights given in float16 are stored so and widened when the graph is loaded. Training
aids (dropout, L2) leave no trace. Operators: https://onnx.ai/onnx/operators, version `OPSET`.
"""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np
from onnx import NodeProto, TensorProto, helper, numpy_helper

from fer_utils.models import layers as records
from fer_utils.models.initial import check_weights
from fer_utils.models.layer_base import Layer, Shape, same_padding
from fer_utils.models.spec import NetSpec

OPSET = 17
_OPERATORS = {"relu": "Relu", "elu": "Elu", "tanh": "Tanh", "sigmoid": "Sigmoid"}


class Graph:
    """Nodes and constants as they are added; a value is known by its name."""

    def __init__(self) -> None:
        self.nodes: list[NodeProto] = []
        self.constants: list[TensorProto] = []

    def add(self, operator: str, *inputs: str, **attributes: object) -> str:
        """A node of one output; the name of that."""
        name = f"{operator.lower()}_{len(self.nodes)}"
        self.nodes.append(helper.make_node(operator, inputs, [name], name, **attributes))
        return name

    def constant(self, values: np.ndarray | Sequence | float, name: str = "") -> str:
        """An array; float16 is widened to float32, other floats are stored as float32."""
        values = np.asarray(values)
        half = values.dtype == np.float16
        if values.dtype.kind == "f" and not half:
            values = values.astype(np.float32)
        name = name or f"constant_{len(self.constants)}"
        self.constants.append(numpy_helper.from_array(np.ascontiguousarray(values), name))
        return self.add("Cast", name, to=TensorProto.FLOAT) if half else name


def add_network(graph: Graph, images: str, spec: NetSpec, weights: dict[str, np.ndarray]) -> str:
    """Add the network behind the value `images` (N, C, H, W); the name of its logits (N, classes).

    Raises ValueError for weights of another network.
    """
    check_weights({key: variable.shape for key, variable in spec.variables().items()}, weights)
    return _layers(graph, images, spec.layers, spec.input_shape, weights, "")


def _layers(
    graph: Graph, x: str, layers: Sequence[Layer], shape: Shape, weights: dict, prefix: str
) -> str:
    for index, layer in enumerate(layers):
        key = f"{prefix}{index:02d}_{layer.kind}/"
        own = {
            name: graph.constant(_turned(weights[key + name]), key + name)
            for name in layer.variables(shape)
        }
        if isinstance(layer, records.Residual):
            body = _layers(graph, x, layer.body, shape, weights, f"{key}body/")
            other = _layers(graph, x, layer.shortcut, shape, weights, f"{key}shortcut/")
            x = graph.add("Add", body, other)
        else:
            x = _layer(graph, x, layer, shape, own)
        shape = layer.output_shape(shape)
    return x


def _layer(graph: Graph, x: str, layer: Layer, shape: Shape, own: dict[str, str]) -> str:
    """One layer but a residual one; `own` are the names of its weights."""
    bias = [own["bias"]] if "bias" in own else []
    match layer:
        case records.Conv():
            window = _window(shape, layer.kernel, layer.stride, layer.padding)
            return graph.add("Conv", x, own["kernel"], *bias, **window)
        case records.BatchNorm():
            names = [own[name] for name in ("scale", "offset", "mean", "variance")]
            return graph.add("BatchNormalization", x, *names, epsilon=layer.epsilon)
        case records.Act():
            return _activation(graph, x, layer)
        case records.Dropout():
            return x
        case records.MaxPool():
            return graph.add("MaxPool", x, **_window(shape, layer.size, layer.step, layer.padding))
        case records.GlobalAvgPool():
            return graph.add("ReduceMean", x, axes=[2, 3], keepdims=0)
        case records.Flatten():
            return graph.add("Flatten", graph.add("Transpose", x, perm=[0, 2, 3, 1]))
        case records.Dense():
            return graph.add("Gemm", x, own["kernel"], *bias)
        case records.SqueezeExcite():
            return _squeeze_excite(graph, x, own)
    raise ValueError(f"no ONNX operator for the layer {layer!r}")


def _activation(graph: Graph, x: str, layer: records.Act) -> str:
    match layer.name:
        case "linear":
            return x
        case "leaky_relu":
            return graph.add("LeakyRelu", x, alpha=layer.slope)
        case "silu":
            return graph.add("Mul", x, graph.add("Sigmoid", x))
        case "gelu":  # x / 2 * (1 + erf(x / sqrt 2)); an operator of its own only from version 20
            part = graph.add("Erf", graph.add("Mul", x, graph.constant(math.sqrt(0.5))))
            half = graph.add("Mul", x, graph.constant(0.5))
            return graph.add("Mul", half, graph.add("Add", part, graph.constant(1.0)))
    return graph.add(_OPERATORS[layer.name], x)


def _squeeze_excite(graph: Graph, x: str, own: dict[str, str]) -> str:
    means = graph.add("ReduceMean", x, axes=[2, 3], keepdims=0)
    hidden = graph.add("Relu", graph.add("Gemm", means, own["reduce/kernel"], own["reduce/bias"]))
    gate = graph.add("Sigmoid", graph.add("Gemm", hidden, own["expand/kernel"], own["expand/bias"]))
    return graph.add("Mul", x, graph.add("Unsqueeze", gate, graph.constant([2, 3])))


def _window(shape: Shape, size: int, stride: int, padding: str) -> dict[str, list[int]]:
    """Attributes of a sliding window; pads are (top, left, bottom, right)."""
    pads = [0, 0, 0, 0]
    if padding == "same":
        (top, bottom), (left, right) = (same_padding(n, size, stride) for n in shape[:2])
        pads = [top, left, bottom, right]
    return {"kernel_shape": [size, size], "strides": [stride, stride], "pads": pads}


def _turned(values: np.ndarray) -> np.ndarray:
    """A convolution's kernel from (kh, kw, in, out) to ONNX's (out, in, kh, kw); others as is."""
    values = np.asarray(values)
    return values.transpose(3, 2, 0, 1) if values.ndim == 4 else values
