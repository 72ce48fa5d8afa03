"""The network behind the package's default expression model, and two changes of it: ours."""

from __future__ import annotations

from fer_utils.models.layers import (
    Act,
    BatchNorm,
    Conv,
    Dense,
    Dropout,
    Flatten,
    GlobalAvgPool,
    MaxPool,
    SqueezeExcite,
)
from fer_utils.models.spec import NetSpec

_STAGES = ((32, 1), (64, 2), (128, 2), (192, 2))  # filters and convolutions before each pool


def compact_vgg(classes: int = 7) -> NetSpec:
    """A small VGG (Simonyan & Zisserman, 2015) for 48x48: 3x3 convolutions, BatchNorm before every
    ReLU, one convolution at 48 pixels and two each at 24, 12 and 6, averaged instead of flattened.
    """
    return _compact("compact_vgg", classes, "ours: the package's default expression model")


def compact_vgg_se(classes: int = 7) -> NetSpec:
    """The same with squeeze-and-excitation (Hu et al., 2018) before every pool."""
    return _compact("compact_vgg_se", classes, "ours: an ablation of compact_vgg", excite=True)


def compact_vgg_flat(classes: int = 7) -> NetSpec:
    """The same with the last 6x6 map flattened instead of averaged."""
    return _compact("compact_vgg_flat", classes, "ours: an ablation of compact_vgg", flat=True)


def _compact(
    name: str, classes: int, source: str, excite: bool = False, flat: bool = False
) -> NetSpec:
    layers = []
    for filters, convolutions in _STAGES:
        layers += [Conv(filters, bias=False), BatchNorm(), Act("relu")] * convolutions
        layers += [SqueezeExcite()] if excite else []
        layers.append(MaxPool(2))
    layers[-1] = Flatten() if flat else GlobalAvgPool()
    end = (Dropout(0.3), Dense(classes))
    return NetSpec(name, (*layers, *end), init="he_normal", source=source)
