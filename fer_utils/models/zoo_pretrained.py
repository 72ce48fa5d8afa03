"""The pre-trained networks of the book, from the number of classes to a `PretrainedSpec`.

Copenhagen's parameter counts are published and fix the heads: pooled over all places for
ResNet50V2, flattened at 128 pixels for EfficientNetV2B3. Heads that no count fixes are our
assumption.
"""

from __future__ import annotations

from collections.abc import Callable

from fer_utils.models.double_conv import KERAS_BATCH_NORM
from fer_utils.models.layers import Act, Dense, Dropout, Flatten, GlobalAvgPool, Layer
from fer_utils.models.pretrained import PretrainedSpec

SQUEEZENET_SIZES = (48, 96, 128)
WRONG_VALUES = ("zero_one", "minus_one_one")  # for SqueezeNet
# Last layers that Copenhagen unfreezes. Its counts fix both: of ResNet50V2 "the last 50" are 49 of
# the backbone and the average pooling behind it.
RESNET_UNFROZEN, EFFICIENTNET_UNFROZEN = 49, 109
# The last stage of SqueezeNet, behind its last pooling: four fires of four layers.
SQUEEZENET_LAST_STAGE = 16

Maker = Callable[[int], PretrainedSpec]


def resnet50v2(classes: int = 7) -> PretrainedSpec:
    """Copenhagen's ResNet50V2 at 128 pixels: 24,098,951 parameters for seven classes.

    Given: bilinear from 48 to 128 pixels, dense 256 and 32, each with BatchNorm and dropout. The
    count fixes the average pooling. Assumed: ReLU, dropout 0.5 behind BatchNorm.
    """
    return _resnet50v2("resnet50v2", _two_dense(classes), frozen=False)


def resnet50v2_frozen(classes: int = 7) -> PretrainedSpec:
    """`resnet50v2` of which only the head learns: 533,575 parameters."""
    return _resnet50v2("resnet50v2_frozen", _two_dense(classes), frozen=True)


def resnet50v2_single_frozen(classes: int = 7) -> PretrainedSpec:
    """The same backbone with one dense layer: 14,343 of 23,579,143 parameters learn."""
    return _resnet50v2("resnet50v2_single_frozen", (GlobalAvgPool(), Dense(classes)), frozen=True)


def efficientnetv2b3(classes: int = 7) -> PretrainedSpec:
    """Copenhagen's EfficientNetV2B3: 38,361,669 parameters for seven classes.

    Given: flatten, dense 1024, 256, with dropout. The count fixes 4 by 4 places, so 128 pixels as
    for ResNet50V2. Assumed: ReLU, dropout 0.5.
    """
    return _efficientnetv2b3("efficientnetv2b3", classes, frozen=False)


def efficientnetv2b3_frozen(classes: int = 7) -> PretrainedSpec:
    """`efficientnetv2b3` of which only the head learns: 25,431,047 parameters."""
    return _efficientnetv2b3("efficientnetv2b3_frozen", classes, frozen=True)


def vgg16_maastricht(classes: int = 7) -> PretrainedSpec:
    """Maastricht's VGG16. Known is the accuracy; size, head and that all learns are assumed."""
    return _assumed("vgg16_maastricht", "vgg16", classes, "Maastricht")


def vgg16_dcnn(classes: int = 7) -> PretrainedSpec:
    """The DCNN report's VGG16. Known is the accuracy; size and head are assumed."""
    return _assumed("vgg16_dcnn", "vgg16", classes, "DCNN")


def resnet50_dcnn(classes: int = 7) -> PretrainedSpec:
    """The DCNN report's ResNet50. Known is the accuracy; size and head are assumed."""
    return _assumed("resnet50_dcnn", "resnet50", classes, "DCNN")


def squeezenet_name(size: int, kind: str = "") -> str:
    """`squeezenet_<size>`, and behind it "random", "frozen" or a range of values."""
    return f"squeezenet_{size}" + (f"_{kind}" if kind else "")


def _squeezenet(size: int, kind: str = "", **settings: object) -> Maker:
    """SqueezeNet 1.1 (Iandola et al. 2016) with an average pooling and one dense layer."""

    def network(classes: int = 7) -> PretrainedSpec:
        return PretrainedSpec(
            squeezenet_name(size, kind),
            "squeezenet",
            size,
            (GlobalAvgPool(), Dropout(0.2), Dense(classes)),
            source="ours: SqueezeNet 1.1, small enough to fine-tune without a GPU",
            **settings,
        )

    return network


def _two_dense(classes: int) -> tuple[Layer, ...]:
    def block(units: int) -> tuple[Layer, ...]:
        return Dense(units), Act("relu"), KERAS_BATCH_NORM, Dropout(0.5)

    return (GlobalAvgPool(), *block(256), *block(32), Dense(classes))


def _resnet50v2(name: str, head: tuple[Layer, ...], frozen: bool) -> PretrainedSpec:
    source = "Copenhagen report, ResNet50V2; activations and dropout rates are our assumption"
    return PretrainedSpec(name, "resnet50v2", 128, head, frozen=frozen, source=source)


def _efficientnetv2b3(name: str, classes: int, frozen: bool) -> PretrainedSpec:
    hidden = [layer for n in (1024, 256) for layer in (Dense(n), Act("relu"), Dropout(0.5))]
    head = (Flatten(), *hidden, Dense(classes))
    source = "Copenhagen report, EfficientNetV2B3; activations and dropout rates are our assumption"
    return PretrainedSpec(name, "efficientnetv2b3", 128, head, frozen=frozen, source=source)


def _assumed(name: str, backbone: str, classes: int, report: str) -> PretrainedSpec:
    head = (GlobalAvgPool(), Dense(256), Act("relu"), Dropout(0.5), Dense(classes))
    source = f"{report} report, {backbone}; 48 pixels and the head are our assumption"
    return PretrainedSpec(name, backbone, 48, head, source=source)


PRETRAINED: dict[str, Maker] = {
    network.__name__: network
    for network in (
        *(resnet50v2, resnet50v2_frozen, resnet50v2_single_frozen),
        *(efficientnetv2b3, efficientnetv2b3_frozen),
        *(vgg16_maastricht, vgg16_dcnn, resnet50_dcnn),
    )
}
for _size in SQUEEZENET_SIZES:
    PRETRAINED[squeezenet_name(_size)] = _squeezenet(_size)
    # Without training behind it no range is the right one; He's weights want pixels of about 1.
    PRETRAINED[squeezenet_name(_size, "random")] = _squeezenet(
        _size, "random", weights="random", values="minus_one_one"
    )
for _size in SQUEEZENET_SIZES[:2]:
    PRETRAINED[squeezenet_name(_size, "frozen")] = _squeezenet(_size, "frozen", frozen=True)
# What the wrong range of values costs, seen where the backbone cannot adapt to it.
for _size in SQUEEZENET_SIZES[:2]:
    for _values in WRONG_VALUES:
        PRETRAINED[squeezenet_name(_size, _values)] = _squeezenet(
            _size, _values, frozen=True, values=_values
        )
