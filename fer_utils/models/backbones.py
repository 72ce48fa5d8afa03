"""The pre-trained networks without their classifiers, as data: what they take, give and weigh.

Everything here can be read without a framework. Counts and shapes are facts of Keras' models; a
test builds each and compares. Images are RGB, (N, size, size, 3).
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

KERAS = "https://storage.googleapis.com/tensorflow/keras-applications"
NOTOP = "weights_tf_dim_ordering_tf_kernels_notop.h5"


@dataclass(frozen=True)
class ValueRange:
    """Network input = scale * pixel + offset, for pixels 0 to 255; one offset a channel."""

    scale: float
    offset: tuple[float, float, float] = (0.0, 0.0, 0.0)


# Caffe's networks take blue first. The three channels of a grey picture are equal, so what is left
# of that order is the order of the means of ImageNet, blue, green, red.
VALUE_RANGES = {
    "zero_255": ValueRange(1.0),
    "zero_one": ValueRange(1 / 255),
    "minus_one_one": ValueRange(1 / 127.5, (-1.0, -1.0, -1.0)),
    "caffe": ValueRange(1.0, (-103.939, -116.779, -123.68)),
}


@dataclass(frozen=True)
class WeightsFile:
    """A published file of weights: `md5` is of the whole file."""

    name: str
    url: str
    md5: str


@dataclass(frozen=True)
class Backbone:
    """A pre-trained network up to its last feature maps (h, w, channels)."""

    name: str
    maker: str  # the class in `keras.applications`, or "squeezenet"
    channels: int
    trainable: int  # parameters by gradient
    total: int  # with the running statistics of BatchNorm
    layers: int
    values: str  # of VALUE_RANGES: what it was trained on
    weights: WeightsFile
    side: Callable[[int], int]  # height and width of its feature maps, from those of its input


def value_range(backbone: str) -> ValueRange:
    """The range of values that a backbone of `BACKBONES` was trained on, and so expects."""
    return VALUE_RANGES[get(backbone).values]


def get(name: str) -> Backbone:
    """The backbone of that name; ValueError naming those there are."""
    if name not in BACKBONES:
        raise ValueError(f"unknown backbone {name!r}; expected one of {', '.join(BACKBONES)}")
    return BACKBONES[name]


def _halved(times: int) -> Callable[[int], int]:
    """The side after `times` halvings that round up: -(-n // 2)."""
    return lambda n: -(-n // 2**times)


def _squeezenet_side(n: int) -> int:
    """Four windows of 3 pixels with stride 2, without padding."""
    for _ in range(4):
        n = (n - 3) // 2 + 1
    return n


def _published(file: str, url: str, md5: str) -> WeightsFile:
    return WeightsFile(file, f"{url}/{file}", md5)


BACKBONES = {
    backbone.name: backbone
    for backbone in (
        Backbone(
            *("resnet50v2", "ResNet50V2", 2048, 23_519_360, 23_564_800, 190, "minus_one_one"),
            _published(
                f"resnet50v2_{NOTOP}", f"{KERAS}/resnet", "fac2f116257151a9d068a22e544a4917"
            ),
            _halved(5),
        ),
        Backbone(
            *("resnet50", "ResNet50", 2048, 23_534_592, 23_587_712, 175, "caffe"),
            _published(f"resnet50_{NOTOP}", f"{KERAS}/resnet", "4d473c1dd8becc155b73f8504c6f6626"),
            _halved(5),
        ),
        Backbone(
            *("efficientnetv2b3", "EfficientNetV2B3", 1536, 12_821_406, 12_930_622, 409),
            "zero_255",  # it scales them itself
            _published(
                "efficientnetv2-b3_notop.h5",
                f"{KERAS}/efficientnet_v2",
                "f6abf7b5849ac99a89b50dd3fd532856",
            ),
            _halved(5),
        ),
        Backbone(
            *("vgg16", "VGG16", 512, 14_714_688, 14_714_688, 19, "caffe"),
            _published(f"vgg16_{NOTOP}", f"{KERAS}/vgg16", "6d6bbae143d832006294945121d1f1fc"),
            lambda n: n // 32,
        ),
        Backbone(
            *("squeezenet", "squeezenet", 512, 722_496, 722_496, 37, "caffe"),
            _published(
                f"squeezenet_{NOTOP}",
                "https://github.com/rcmalli/keras-squeezenet/releases/download/v1.0",
                "80b66c92d79d4310e07fb60a297bf0d1",
            ),
            _squeezenet_side,
        ),
    )
}
