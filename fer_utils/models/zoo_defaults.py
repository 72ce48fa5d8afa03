"""A small CNN in PyTorch's defaults, and again with one default of Keras at a time: ours.

Small enough to train over many seeds, with a layer of every kind that has such a default. Both
frameworks build every variant alike; what a default is worth shows in either.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

from fer_utils.models.double_conv import KERAS_BATCH_NORM
from fer_utils.models.layers import Act, BatchNorm, Conv, Dense, Flatten, Layer, MaxPool
from fer_utils.models.spec import NetSpec

TORCH_BATCH_NORM = BatchNorm()
FILTERS = (16, 32, 64, 128)
DECAY = 1e-3  # Copenhagen's weight decay in PyTorch; here also the strength of Keras' L2


def small_cnn(
    classes: int = 7,
    *,
    name: str = "small_cnn",
    init: str = "torch",
    batch_norm: BatchNorm = TORCH_BATCH_NORM,
    l2: float = 0.0,
) -> NetSpec:
    """Four times convolution 3x3, BatchNorm, ReLU and pool, the first at half the resolution, and
    one dense layer: 98,535 trainable parameters for seven classes."""
    layers: list[Layer] = []
    for filters in FILTERS:
        stride = 1 if layers else 2
        layers += [Conv(filters, stride=stride, l2=l2), batch_norm, Act("relu"), MaxPool(2)]
    layers[-1] = MaxPool(3)
    return NetSpec(
        name,
        (*layers, Flatten(), Dense(classes, l2=l2)),
        init=init,
        source="ours: a small CNN, for one default of a framework at a time",
    )


_CHANGES: dict[str, dict] = {  # what differs from `small_cnn`
    "": {},
    "_glorot": {"init": "glorot_uniform"},
    "_keras_momentum": {
        "batch_norm": replace(TORCH_BATCH_NORM, momentum=KERAS_BATCH_NORM.momentum)
    },
    "_keras_epsilon": {"batch_norm": replace(TORCH_BATCH_NORM, epsilon=KERAS_BATCH_NORM.epsilon)},
    "_keras": {"init": "glorot_uniform", "batch_norm": KERAS_BATCH_NORM},
    "_keras_l2": {"init": "glorot_uniform", "batch_norm": KERAS_BATCH_NORM, "l2": DECAY},
}


def _variant(name: str, changes: dict) -> Callable[[int], NetSpec]:
    def network(classes: int = 7) -> NetSpec:
        return small_cnn(classes, name=name, **changes)

    return network


SMALL_CNNS = {
    f"small_cnn{suffix}": _variant(f"small_cnn{suffix}", changes)
    for suffix, changes in _CHANGES.items()
}
