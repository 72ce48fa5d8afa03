"""The network behind the package's default expression model: ours."""

from __future__ import annotations

from fer_utils.models.layers import Act, BatchNorm, Conv, Dense, Dropout, GlobalAvgPool, MaxPool
from fer_utils.models.spec import NetSpec

_STAGES = ((32, 1), (64, 2), (128, 2), (192, 2))  # filters and convolutions before each pool


def compact_vgg(classes: int = 7) -> NetSpec:
    """A small VGG (Simonyan & Zisserman, 2015) for 48x48: 3x3 convolutions, BatchNorm before every
    ReLU, one convolution at 48 pixels and two each at 24, 12 and 6, averaged instead of flattened.
    """
    layers = []
    for filters, convolutions in _STAGES:
        layers += [Conv(filters, bias=False), BatchNorm(), Act("relu")] * convolutions
        layers.append(MaxPool(2))
    layers[-1] = GlobalAvgPool()
    return NetSpec(
        "compact_vgg",
        (*layers, Dropout(0.3), Dense(classes)),
        init="he_normal",
        source="ours: the package's default expression model",
    )
