"""Networks of chapter 13, for a GPU: two of ours, and the one behind a famous figure.

Ours have squeeze-and-excitation (Hu et al., 2018) and end in a mean over pixels instead of wide
dense layers, so that most of their parameters are filters.
"""

from __future__ import annotations

from fer_utils.models.layer_blocks import Residual, SqueezeExcite
from fer_utils.models.layers import (
    Act,
    BatchNorm,
    Conv,
    Dense,
    Dropout,
    Flatten,
    GlobalAvgPool,
    Layer,
    MaxPool,
)
from fer_utils.models.spec import NetSpec

_VGG_STAGES = ((64, 2), (128, 2), (256, 3), (512, 3))  # filters and convolutions before each pool
_RESNET_STAGES = (64, 128, 256, 512)
_KHAIREDDIN_STAGES = ((64, 2), (128, 2), (256, 2), (512, 2))


def _block(filters: int, stride: int = 1) -> list[Layer]:
    return [Conv(filters, stride=stride, bias=False), BatchNorm(), Act("relu")]


def vgg_se(classes: int = 7) -> NetSpec:
    """A VGG (Simonyan & Zisserman, 2015) of ten 3x3 convolutions at 48, 24, 12 and 6 pixels, with
    BatchNorm before every ReLU and squeeze-and-excitation before every pool."""
    layers: list[Layer] = []
    for filters, convolutions in _VGG_STAGES:
        layers += _block(filters) * convolutions
        layers += [SqueezeExcite(), MaxPool(2)]
    layers[-1] = GlobalAvgPool()
    source = "ours: the single network of chapter 13"
    end = (Dropout(0.4), Dense(classes))
    return NetSpec("vgg_se", (*layers, *end), init="he_normal", source=source)


def _residual(filters: int, stride: int, projected: bool) -> list[Layer]:
    body = (*_block(filters, stride), Conv(filters, bias=False), BatchNorm(), SqueezeExcite())
    project = (Conv(filters, kernel=1, stride=stride, bias=False), BatchNorm())
    return [Residual(body, project if projected else ()), Act("relu")]


def resnet_se(classes: int = 7) -> NetSpec:
    """A ResNet18 (He et al., 2016) for 48 pixels: one 3x3 convolution without a pool in front, four
    stages of two blocks at 48, 24, 12 and 6 pixels, squeeze-and-excitation in every block."""
    layers = _block(_RESNET_STAGES[0])
    for index, filters in enumerate(_RESNET_STAGES):
        layers += _residual(filters, 1 if index == 0 else 2, projected=index > 0)
        layers += _residual(filters, 1, projected=False)
    end = (GlobalAvgPool(), Dropout(0.4), Dense(classes))
    source = "ours: another kind of network for the ensemble of chapter 13"
    return NetSpec("resnet_se", (*layers, *end), init="he_normal", source=source)


def khaireddin_vgg(classes: int = 7, size: int = 48) -> NetSpec:
    """The VGG of Khaireddin & Chen (2021), as their code has it: eight convolutions in pairs, dense
    layers of 4,096 twice. Theirs reads crops of 40 pixels; here it reads `size`."""
    layers: list[Layer] = []
    for filters, convolutions in _KHAIREDDIN_STAGES:
        layers += [Conv(filters), BatchNorm(), Act("relu")] * convolutions + [MaxPool(2)]
    layers += [Flatten(), *[Dense(4096), Dropout(0.2), Act("relu")] * 2]
    source = "Khaireddin & Chen (2021), github.com/usef-kh/fer"
    return NetSpec("khaireddin_vgg", (*layers, Dense(classes)), (size, size, 1), source=source)


HONEST = {network.__name__: network for network in (vgg_se, resnet_se, khaireddin_vgg)}
