"""A network as data: `NetSpec`, from which the Torch and the Keras builder make the same network.

The layer records and their conventions are in `layers.py` (importable from here too). Every layer
has a key, its index and kind: "00_conv", "07_residual/body/00_conv"; the keys name the modules, the
Keras layers and the weights. The last layer is a Dense that gives the logits, no softmax.
"""

from __future__ import annotations

import math
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import NamedTuple

from fer_utils.models.layers import (
    ACTIVATIONS,
    INITS,
    Act,
    BatchNorm,
    Conv,
    Dense,
    Dropout,
    Flatten,
    GlobalAvgPool,
    Layer,
    MaxPool,
    Residual,
    Shape,
    SqueezeExcite,
    Variable,
    layer_from_dict,
)
from fer_utils.models.spec_table import Parameters, Row, html_table, text_table

__all__ = [
    "ACTIVATIONS", "INITS", "Act", "BatchNorm", "Conv", "Dense", "Dropout", "Flatten",
    "GlobalAvgPool", "Layer", "MaxPool", "NetSpec", "Parameters", "Placed", "Residual", "Row",
    "SqueezeExcite", "Variable", "classic",
]  # fmt: skip


class Placed(NamedTuple):
    """A layer at its place in a network."""

    key: str
    layer: Layer
    input_shape: Shape
    output_shape: Shape


@dataclass(frozen=True)
class NetSpec:
    """A network from images (H, W, C) to logits (classes,).

    `init` is how weights start (see `initial.py`), `source` the citation, which is no part of
    `to_dict` or of equality. ValueError, naming the layer, for a network that cannot be built.
    """

    name: str
    layers: tuple[Layer, ...]
    input_shape: tuple[int, int, int] = (48, 48, 1)
    init: str = "torch"
    source: str = field(default="", compare=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "layers", tuple(self.layers))
        object.__setattr__(self, "input_shape", tuple(self.input_shape))
        if not re.fullmatch(r"[A-Za-z0-9][A-Za-z0-9_-]*", self.name):
            raise ValueError(
                f"network {self.name!r}: the name becomes a file's and a model's name; "
                "use letters, digits, '_' and '-'"
            )
        shape = self.input_shape
        if len(shape) != 3 or not all(isinstance(n, int) and n > 0 for n in shape):
            raise ValueError(f"network {self.name!r}: expected input_shape (H, W, C), got {shape}")
        if self.init not in INITS:
            raise ValueError(
                f"network {self.name!r}: unknown init {self.init!r}; expected one of {INITS}"
            )
        try:
            last = self.placed[-1] if self.placed else None
        except ValueError as error:
            raise ValueError(f"network {self.name!r}, {error}") from None
        if last is None or not isinstance(last.layer, Dense):
            found = "no layer" if last is None else f"layer {last.key}"
            raise ValueError(
                f"network {self.name!r} ends with {found}; the last layer must be a Dense with one "
                "unit per class: it gives the logits"
            )

    @cached_property
    def placed(self) -> tuple[Placed, ...]:
        """Every layer with its key and shapes; the layers of a residual one before itself."""
        return tuple(_walk(self.layers, self.input_shape))

    @property
    def classes(self) -> int:
        """Number of logits."""
        return self.layers[-1].units  # type: ignore[attr-defined]

    @property
    def penalties(self) -> dict[str, float]:
        """{layer key: l2} of the layers whose kernels are penalised in the loss."""
        found = {placed.key: getattr(placed.layer, "l2", 0.0) for placed in self.placed}
        return {key: l2 for key, l2 in found.items() if l2}

    def output_shapes(self) -> dict[str, Shape]:
        """{layer key: output shape without the batch}."""
        return {placed.key: placed.output_shape for placed in self.placed}

    def variables(self) -> dict[str, Variable]:
        """{weight key: Variable}, the keys of the neutral weights in order."""
        return {
            f"{placed.key}/{name}": variable
            for placed in self.placed
            for name, variable in placed.layer.variables(placed.input_shape).items()
        }

    def parameters(self) -> Parameters:
        """Number of trainable and of all parameters."""
        sizes = [(math.prod(v.shape), v.trainable) for v in self.variables().values()]
        return Parameters(sum(n for n, learned in sizes if learned), sum(n for n, _ in sizes))

    def table(self) -> list[Row]:
        """One row per layer, in order; the rows' parameters add up to the trainable ones."""
        return [Row(p.key, p.layer.settings(), p.output_shape, _trainable(p)) for p in self.placed]

    def to_dict(self) -> dict:
        """JSON-ready; fields at their default and `source` are left out."""
        result: dict = {"name": self.name, "layers": [layer.to_dict() for layer in self.layers]}
        if self.input_shape != (48, 48, 1):
            result["input_shape"] = list(self.input_shape)
        return result | ({"init": self.init} if self.init != "torch" else {})

    @classmethod
    def from_dict(cls, entry: dict) -> NetSpec:
        """The spec `to_dict` wrote; ValueError for unknown or missing fields."""
        if unknown := sorted(set(entry) - {"name", "layers", "input_shape", "init"}):
            raise ValueError(f"network {entry.get('name')!r}: unknown fields {unknown}")
        if missing := sorted({"name", "layers"} - set(entry)):
            raise ValueError(f"network {entry.get('name')!r}: missing fields {missing}")
        return cls(**(entry | {"layers": tuple(map(layer_from_dict, entry["layers"]))}))

    def __str__(self) -> str:
        return text_table(self.name, self.input_shape, self.table(), str(self.parameters()))

    def _repr_html_(self) -> str:
        count = str(self.parameters())
        return html_table(self.name, self.input_shape, self.table(), count, self.source)


def _walk(layers: Sequence[Layer], shape: Shape, prefix: str = "") -> Iterator[Placed]:
    for index, layer in enumerate(layers):
        if not isinstance(layer, Layer):
            raise TypeError(f"layer {prefix}{index:02d}: expected a layer record, got {layer!r}")
        key = f"{prefix}{index:02d}_{layer.kind}"
        if isinstance(layer, Residual):
            yield from _walk(layer.body, shape, f"{key}/body/")
            yield from _walk(layer.shortcut, shape, f"{key}/shortcut/")
        try:
            output = layer.output_shape(shape)
        except ValueError as error:
            raise ValueError(f"layer {key}: {error}") from None
        yield Placed(key, layer, shape, output)
        shape = output


def _trainable(placed: Placed) -> int:
    variables = placed.layer.variables(placed.input_shape).values()
    return sum(math.prod(v.shape) for v in variables if v.trainable)


def classic(
    name: str,
    conv: Sequence[tuple[int, int] | Conv],
    dense: Sequence[int],
    classes: int = 7,
    *,
    padding: str = "same",
    activation: str = "relu",
    slope: float = 0.01,
    batch_norm: str | None = "before",
    conv_dropout: float | Sequence[float] = 0.0,
    dense_dropout: float | Sequence[float] = 0.0,
    pool: bool | Sequence[bool] = True,
    input_shape: tuple[int, int, int] = (48, 48, 1),
    init: str = "torch",
    source: str = "",
) -> NetSpec:
    """[Conv-(BN)-act-(Dropout)-(Pool)]xM - [Dense-(BN)-act-(Dropout)]xN - Dense.

    The scheme of Alizadeh & Fazel, with a Flatten before the dense blocks.
    `conv` holds (filters, kernel) pairs, which take `padding`, or Conv records as they are;
    `dense` the hidden widths. `batch_norm` is "before" or "after" the activation, or None for no
    BatchNorm at all. Dropout rates and `pool` (2x2 max) are one value for every block or one each;
    a rate of 0 means no Dropout layer.
    """
    if batch_norm not in (None, "before", "after"):
        raise ValueError(f"batch_norm: expected 'before', 'after' or None, got {batch_norm!r}")

    def block(first: Layer, rate: float) -> list[Layer]:
        parts: list[Layer] = [Act(activation, slope)]
        if batch_norm:
            parts.insert(0 if batch_norm == "before" else 1, BatchNorm())
        return [first, *parts] + ([Dropout(rate)] if rate else [])

    layers: list[Layer] = []
    rates, pools = _each(conv_dropout, conv, "conv_dropout"), _each(pool, conv, "pool")
    for entry, rate, pooled in zip(conv, rates, pools, strict=True):
        first = entry if isinstance(entry, Conv) else Conv(*entry, padding=padding)
        layers += block(first, rate) + ([MaxPool(2)] if pooled else [])
    layers.append(Flatten())
    for units, rate in zip(dense, _each(dense_dropout, dense, "dense_dropout"), strict=True):
        layers += block(Dense(units), rate)
    return NetSpec(name, (*layers, Dense(classes)), input_shape, init, source)


def _each(value, blocks: Sequence, name: str) -> list:
    if not isinstance(value, Sequence):
        return [value] * len(blocks)
    if len(value) != len(blocks):
        raise ValueError(f"{name}: expected one value or {len(blocks)}, one per block, got {value}")
    return list(value)
