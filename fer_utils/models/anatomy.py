"""What can be read off a network without running it: what a unit sees, where the weights sit, and
what a picture costs."""

from __future__ import annotations

import math

from fer_utils.models.layers import Conv, Dense, Flatten, GlobalAvgPool, MaxPool
from fer_utils.models.spec import NetSpec

_EACH_UNIT_ALONE = ("batch_norm", "act", "dropout")


def receptive_field(spec: NetSpec) -> dict[str, int]:
    """{layer key: side in pixels of the square of the picture that one unit of the layer sees}.

    For every layer before Flatten or GlobalAvgPool. A window of k units that stand j pixels apart
    widens the field by (k - 1) j; a stride s makes j s times as large. The side is that of a unit
    far from the edge and may be larger than the picture. BatchNorm counts as after training, when
    it looks at no other unit. Raises ValueError for layers that are no plain chain.
    """
    fields: dict[str, int] = {}
    side, apart = 1, 1
    for placed in spec.placed:
        layer = placed.layer
        if isinstance(layer, Flatten | GlobalAvgPool):
            break
        if isinstance(layer, Conv):
            side, apart = side + (layer.kernel - 1) * apart, apart * layer.stride
        elif isinstance(layer, MaxPool):
            side, apart = side + (layer.size - 1) * apart, apart * layer.step
        elif layer.kind not in _EACH_UNIT_ALONE:
            raise ValueError(
                f"{spec.name}: what a unit of {placed.key} sees is not a square that can be "
                "counted along a chain of layers"
            )
        fields[placed.key] = side
    return fields


def parameters_by_kind(spec: NetSpec) -> dict[str, int]:
    """Trainable parameters of each kind of layer that has any: {"conv": ..., "dense": ...}."""
    found: dict[str, int] = {}
    for placed in spec.placed:
        shapes = placed.layer.variables(placed.input_shape).values()
        if trainable := sum(math.prod(v.shape) for v in shapes if v.trainable):
            kind = placed.layer.kind
            found[kind] = found.get(kind, 0) + trainable
    return found


def multiplications(spec: NetSpec) -> int:
    """Multiplications by a weight of a convolution or a dense layer, for one picture."""
    total = 0
    for placed in spec.placed:
        if isinstance(placed.layer, Conv | Dense):
            kernel = placed.layer.variables(placed.input_shape)["kernel"].shape
            positions = math.prod(placed.output_shape[:-1])  # a dense layer has one
            total += positions * math.prod(kernel)
    return total
