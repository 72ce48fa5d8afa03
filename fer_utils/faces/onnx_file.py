"""The expression model as one ONNX file: grey faces in, probabilities out, nothing left to do.

The scaling of the pixels, the mirrored second look, the temperature and the softmax are part of the
graph, so that whoever runs it (a browser, a phone, another language) only cuts out the face. The
file's metadata hold the classes in order.
"""

from __future__ import annotations

import json

from fer_utils.faces.expression_model import ExpressionModel

INPUT, OUTPUT = "faces", "probabilities"


def to_onnx(model: ExpressionModel) -> bytes:
    """The file's content: `faces` uint8 (N, H, W) to `probabilities` float32 (N, K), N at least 1.

    Weights are stored as the model has them, in float16 for one that was read from a file.

    Raises ImportError without the package onnx, ValueError for colour input or for weights that
    are not the network's.
    """
    try:
        import onnx
        from onnx import TensorProto, helper
    except ImportError as error:
        raise ImportError(
            "writing ONNX needs onnx: pip install -c constraints.txt -e '.[onnx]'"
        ) from error
    from fer_utils.models import onnx_net

    height, width, channels = model.spec.input_shape
    if channels != 1:
        raise ValueError(
            f"network {model.spec.name!r} takes {channels} channels; expected 1, grey faces"
        )
    graph = onnx_net.Graph()
    answer = _read(graph, model)
    graph.nodes.append(helper.make_node("Identity", [answer], [OUTPUT], OUTPUT))
    described = helper.make_graph(
        graph.nodes,
        model.spec.name,
        [helper.make_tensor_value_info(INPUT, TensorProto.UINT8, ["n", height, width])],
        [helper.make_tensor_value_info(OUTPUT, TensorProto.FLOAT, ["n", len(model.classes)])],
        graph.constants,
    )
    versions = [helper.make_opsetid("", onnx_net.OPSET)]
    made = helper.make_model(
        described,
        opset_imports=versions,
        ir_version=helper.find_min_ir_version_for(versions),
        producer_name="fer_utils",
    )
    helper.set_model_props(made, {"classes": json.dumps(model.classes)})
    onnx.checker.check_model(made, full_check=True)
    return made.SerializeToString(deterministic=True)


def _read(graph, model: ExpressionModel) -> str:
    """Nodes from the input to the probabilities; the steps of `ExpressionModel._batch`."""
    from onnx import TensorProto

    from fer_utils.models import onnx_net

    grey = graph.add("Cast", INPUT, to=TensorProto.FLOAT)
    grey = graph.add("Unsqueeze", grey, graph.constant([1]))
    grey = graph.add("Div", grey, graph.constant(255.0))
    grey = graph.add("Sub", grey, graph.constant(model.mean))
    grey = graph.add("Div", grey, graph.constant(model.std))
    if model.mirrored:  # both looks go through the network in one batch
        limits = [graph.constant([n]) for n in (-1, -model.spec.input_shape[1] - 1, 3, -1)]
        grey = graph.add("Concat", grey, graph.add("Slice", grey, *limits), axis=0)
    logits = onnx_net.add_network(graph, grey, model.spec, model.weights)
    answer = graph.add("Div", logits, graph.constant(model.temperature))
    answer = graph.add("Softmax", answer, axis=1)
    if not model.mirrored:
        return answer
    looks = graph.add("Reshape", answer, graph.constant([2, -1, len(model.classes)]))
    return graph.add("ReduceMean", looks, axes=[0], keepdims=0)
