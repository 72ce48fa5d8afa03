"""The layer records a network is written in: plain data, no framework.

Conventions: a spatial shape is (H, W, C), a vector's is (C,), both without the batch; sizes are in
pixels. Padding is Keras' rule: "valid" gives floor((n - k) / s) + 1, "same" gives ceil(n / s) and
puts the odd pixel of padding after (bottom, right). Convolution pads with 0, max-pooling with -inf.
Every record knows its output shape and its variables from the shape of what it is given.
"""

from __future__ import annotations

from dataclasses import dataclass, fields
from typing import ClassVar

from fer_utils.models.layer_base import (
    Layer,
    Shape,
    Variable,
    check_one_of,
    check_penalty,
    check_spatial,
    check_whole,
    slid,
)
from fer_utils.models.layer_blocks import Residual, SqueezeExcite

__all__ = [
    "Act", "BatchNorm", "Conv", "Dense", "Dropout", "Flatten", "GlobalAvgPool", "Layer", "MaxPool",
    "Residual", "Shape", "SqueezeExcite", "Variable", "layer_from_dict",
]  # fmt: skip

INITS = ("torch", "glorot_uniform", "he_normal")
EDGE_INIT = "prewitt_sobel"  # of one convolution, never of a whole network
EDGE_FILTERS = 6
ACTIVATIONS = ("relu", "leaky_relu", "elu", "silu", "gelu", "tanh", "sigmoid", "linear")
PADDINGS = ("same", "valid")


def _words(shape: str, record: Conv | Dense) -> str:
    words = [shape] + ([] if record.bias else ["no bias"]) + ([record.init] if record.init else [])
    return ", ".join(words + ([f"L2 {record.l2:g}"] if record.l2 else []))


@dataclass(frozen=True)
class Conv(Layer):
    """Convolution, `kernel` pixels square. `init` overrides the network's (see `initial.py`).

    `l2` adds l2 * sum(kernel ** 2) to the loss, as Keras' kernel regulariser; the bias is left out.
    """

    kind: ClassVar[str] = "conv"
    filters: int
    kernel: int = 3
    stride: int = 1
    padding: str = "same"
    bias: bool = True
    init: str | None = None
    l2: float = 0.0

    def __post_init__(self) -> None:
        check_whole(self, filters=self.filters, kernel=self.kernel, stride=self.stride)
        check_one_of(self, "padding", self.padding, PADDINGS)
        check_one_of(self, "init", self.init, (None, *INITS, EDGE_INIT))
        check_penalty(self, self.l2)
        if self.init == EDGE_INIT and (self.filters, self.kernel) != (EDGE_FILTERS, 3):
            raise ValueError(
                f"Conv: init {EDGE_INIT!r} is for {EDGE_FILTERS} filters 3x3, got {self.filters} "
                f"filters {self.kernel}x{self.kernel}"
            )

    def output_shape(self, shape: Shape) -> Shape:
        height, width, channels = check_spatial(self, shape)
        if self.init == EDGE_INIT and channels != 1:
            raise ValueError(
                f"init {EDGE_INIT!r} is for one channel, got {channels}; "
                "use it in the first layer, on grey images"
            )
        height = slid(height, self.kernel, self.stride, self.padding)
        return height, slid(width, self.kernel, self.stride, self.padding), self.filters

    def variables(self, shape: Shape) -> dict[str, Variable]:
        kernel = {"kernel": Variable((self.kernel, self.kernel, shape[-1], self.filters))}
        return kernel | ({"bias": Variable((self.filters,))} if self.bias else {})

    def settings(self) -> str:
        size = f"{self.filters} filters {self.kernel}x{self.kernel}"
        stride = f", stride {self.stride}" if self.stride > 1 else ""
        return _words(f"{size}{stride}, {self.padding}", self)


@dataclass(frozen=True)
class BatchNorm(Layer):
    """Batch normalisation over all but the channels.

    `momentum` is the share of the new batch in the running statistics, Torch's convention (Keras
    writes one minus it). Torch's running variance takes the batch's unbiased variance, Keras' the
    biased one: a factor n / (n - 1) with n = N * H * W, which the builders leave as it is.
    """

    kind: ClassVar[str] = "batch_norm"
    epsilon: float = 1e-5
    momentum: float = 0.1

    def __post_init__(self) -> None:
        if not self.epsilon > 0:
            raise ValueError(f"BatchNorm: expected epsilon above 0, got {self.epsilon!r}")
        if not 0 < self.momentum <= 1:
            raise ValueError(
                f"BatchNorm: expected momentum in (0, 1], the share of the new batch (Keras' 0.99 "
                f"is 0.01 here), got {self.momentum!r}"
            )

    def variables(self, shape: Shape) -> dict[str, Variable]:
        learned, running = Variable(shape[-1:]), Variable(shape[-1:], trainable=False)
        return {"scale": learned, "offset": learned, "mean": running, "variance": running}

    def settings(self) -> str:
        return f"epsilon {self.epsilon:g}, momentum {self.momentum:g}"


@dataclass(frozen=True)
class Act(Layer):
    """Activation; `slope` is leaky ReLU's below zero. ELU has alpha 1, GELU is the exact one."""

    kind: ClassVar[str] = "act"
    name: str
    slope: float = 0.01

    def __post_init__(self) -> None:
        check_one_of(self, "activation", self.name, ACTIVATIONS)
        if self.name != "leaky_relu" and self.slope != 0.01:
            raise ValueError(
                f"Act: slope {self.slope!r} has no meaning for {self.name!r}, only for 'leaky_relu'"
            )

    def settings(self) -> str:
        return f"leaky_relu, slope {self.slope:g}" if self.name == "leaky_relu" else self.name


@dataclass(frozen=True)
class Dropout(Layer):
    """Sets each value to 0 with probability `rate` while training, scales the others up."""

    kind: ClassVar[str] = "dropout"
    rate: float

    def __post_init__(self) -> None:
        if not 0 <= self.rate < 1:
            raise ValueError(f"Dropout: expected rate in [0, 1), got {self.rate!r}")

    def settings(self) -> str:
        return f"rate {self.rate:g}"


@dataclass(frozen=True)
class MaxPool(Layer):
    """Maximum over windows of `size` pixels square; `stride` None means `size`."""

    kind: ClassVar[str] = "max_pool"
    size: int = 2
    stride: int | None = None
    padding: str = "valid"

    def __post_init__(self) -> None:
        check_whole(self, size=self.size, stride=self.step)
        check_one_of(self, "padding", self.padding, PADDINGS)

    @property
    def step(self) -> int:
        """The stride in pixels."""
        return self.size if self.stride is None else self.stride

    def output_shape(self, shape: Shape) -> Shape:
        height, width, channels = check_spatial(self, shape)
        height = slid(height, self.size, self.step, self.padding)
        return height, slid(width, self.size, self.step, self.padding), channels

    def settings(self) -> str:
        return f"{self.size}x{self.size}, stride {self.step}, {self.padding}"


@dataclass(frozen=True)
class GlobalAvgPool(Layer):
    """Mean over height and width: (H, W, C) to (C,)."""

    kind: ClassVar[str] = "global_avg_pool"

    def output_shape(self, shape: Shape) -> Shape:
        return check_spatial(self, shape)[-1:]


@dataclass(frozen=True)
class Flatten(Layer):
    """One vector of all values in the order height, width, channel."""

    kind: ClassVar[str] = "flatten"

    def output_shape(self, shape: Shape) -> Shape:
        height, width, channels = check_spatial(self, shape)
        return (height * width * channels,)


@dataclass(frozen=True)
class Dense(Layer):
    """Fully connected layer of a vector; `init` and `l2` as in `Conv`."""

    kind: ClassVar[str] = "dense"
    units: int
    bias: bool = True
    init: str | None = None
    l2: float = 0.0

    def __post_init__(self) -> None:
        check_whole(self, units=self.units)
        check_one_of(self, "init", self.init, (None, *INITS))
        check_penalty(self, self.l2)

    def output_shape(self, shape: Shape) -> Shape:
        if len(shape) != 1:
            raise ValueError(
                f"Dense needs a vector, got a spatial input {shape}; "
                "put Flatten() or GlobalAvgPool() before it"
            )
        return (self.units,)

    def variables(self, shape: Shape) -> dict[str, Variable]:
        kernel = {"kernel": Variable((shape[-1], self.units))}
        return kernel | ({"bias": Variable((self.units,))} if self.bias else {})

    def settings(self) -> str:
        return _words(f"{self.units} units", self)


KINDS: dict[str, type[Layer]] = {record.kind: record for record in Layer.__subclasses__()}


def layer_from_dict(entry: dict) -> Layer:
    """The record `to_dict` wrote; ValueError for an unknown layer or field."""
    settings = dict(entry)
    kind = settings.pop("layer", None)
    if kind not in KINDS:
        raise ValueError(f"unknown layer {kind!r}; expected one of {', '.join(KINDS)}")
    known = [field.name for field in fields(KINDS[kind])]
    if unknown := sorted(set(settings) - set(known)):
        raise ValueError(f"layer {kind!r}: unknown fields {unknown}; known are {known}")
    for name, value in settings.items():
        if isinstance(value, list):
            settings[name] = tuple(layer_from_dict(layer) for layer in value)
    return KINDS[kind](**settings)
