"""`PretrainedSpec`: a pre-trained backbone with a head of one's own, as data.

It takes grey pictures (48, 48, 1) with pixels 0 to 255, like every other network of the book.
Inside it they are scaled up (bilinear) to `size` pixels, repeated for red, green and blue, brought
into the range of values that the backbone expects, and go through backbone and head. Scaling up
adds no information; it gives the backbone's filters and poolings room.

`pretrained_net` makes the Keras model; nothing here loads a framework.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field, replace
from functools import cached_property

from fer_utils.models import backbones
from fer_utils.models.backbones import Backbone, ValueRange
from fer_utils.models.layers import Layer, layer_from_dict
from fer_utils.models.spec import NetSpec
from fer_utils.models.spec_table import Parameters, Row, html_table, text_table

WEIGHTS = ("imagenet", "random")
SMALLEST = 32  # pixels: what every backbone takes


@dataclass(frozen=True)
class PretrainedSpec:
    """A network from grey pictures (48, 48, 1) to logits (classes,).

    `head` are layer records on the backbone's feature maps, the last a Dense without softmax.
    `frozen`: the backbone never learns. `values` names another range of `VALUE_RANGES` than the
    backbone's own, to see what the wrong one costs. `source` is no part of `to_dict` or of
    equality. ValueError for a network that cannot be built.
    """

    name: str
    backbone: str
    size: int
    head: tuple[Layer, ...]
    weights: str = "imagenet"
    frozen: bool = False
    values: str | None = None
    source: str = field(default="", compare=False)

    input_shape = (48, 48, 1)

    def __post_init__(self) -> None:
        object.__setattr__(self, "head", tuple(self.head))
        if not re.fullmatch(r"[A-Za-z0-9][A-Za-z0-9_-]*", self.name):
            raise ValueError(f"network {self.name!r}: use letters, digits, '_' and '-'")
        if self.weights not in WEIGHTS:
            raise ValueError(f"network {self.name!r}: weights {self.weights!r}, not of {WEIGHTS}")
        if not isinstance(self.size, int) or self.size < SMALLEST:
            raise ValueError(
                f"network {self.name!r}: size {self.size!r}; expected {SMALLEST} pixels or more"
            )
        if self.values not in (None, *backbones.VALUE_RANGES):
            raise ValueError(
                f"network {self.name!r}: unknown range of values {self.values!r}; expected one of "
                f"{', '.join(backbones.VALUE_RANGES)}"
            )
        _ = self.head_spec  # raises where the head does not fit

    @property
    def body(self) -> Backbone:
        """What is known of the backbone."""
        return backbones.get(self.backbone)

    @property
    def value_range(self) -> ValueRange:
        """What the pixels are brought to in front of the backbone."""
        return backbones.VALUE_RANGES[self.values or self.body.values]

    @cached_property
    def head_spec(self) -> NetSpec:
        """The head as a network of its own, from the backbone's feature maps to logits."""
        side = self.body.side(self.size)
        shape = (side, side, self.body.channels)
        return NetSpec(self.name, self.head, input_shape=shape, init="glorot_uniform")

    @property
    def classes(self) -> int:
        """Number of logits."""
        return self.head_spec.classes

    def parameters(self) -> Parameters:
        """Number of trainable and of all parameters, the running statistics among the latter."""
        head = self.head_spec.parameters()
        learned = 0 if self.frozen else self.body.trainable
        return Parameters(head.trainable + learned, head.total + self.body.total)

    def in_words(self) -> str:
        """Where the weights start, how large the pictures are and what learns, as a sentence."""
        learns = "only the head learns" if self.frozen else "the backbone may learn"
        scaled = "as they are," if self.size == self.input_shape[0] else "scaled up to"
        wrong = f", pixels as {self.values}" if self.values else ""
        return (
            f"Backbone {self.backbone} from {self.weights} weights, pictures {scaled} {self.size} "
            f"pixels{wrong}; {learns}"
        )

    def without_weights(self) -> PretrainedSpec:
        """The same network from random weights, which needs no file."""
        return replace(self, weights="random")

    def to_dict(self) -> dict:
        """JSON-ready; fields at their default and `source` are left out."""
        plain = {
            "name": self.name,
            "backbone": self.backbone,
            "size": self.size,
            "head": [layer.to_dict() for layer in self.head],
            "weights": self.weights,
        }
        plain |= {"frozen": True} if self.frozen else {}
        return plain | ({"values": self.values} if self.values else {})

    @classmethod
    def from_dict(cls, entry: dict) -> PretrainedSpec:
        """The spec `to_dict` wrote; ValueError for unknown or missing fields."""
        known = {"name", "backbone", "size", "head", "weights", "frozen", "values"}
        if unknown := sorted(set(entry) - known):
            raise ValueError(f"network {entry.get('name')!r}: unknown fields {unknown}")
        if missing := sorted({"name", "backbone", "size", "head"} - set(entry)):
            raise ValueError(f"network {entry.get('name')!r}: missing fields {missing}")
        return cls(**(entry | {"head": tuple(map(layer_from_dict, entry["head"]))}))

    def table(self) -> list[Row]:
        """One row for the way in, one for the backbone, one for each layer of the head."""
        side, body = self.body.side(self.size), self.body
        value = self.values or body.values
        learned = 0 if self.frozen else body.trainable
        state = "frozen, " if self.frozen else ""
        return [
            Row("scaled up", f"bilinear, RGB, {value}", (self.size, self.size, 3), 0),
            Row(
                self.backbone,
                f"{state}{self.weights} weights, {body.layers} layers",
                (side, side, body.channels),
                learned,
            ),
            *self.head_spec.table(),
        ]

    def __str__(self) -> str:
        return text_table(self.name, self.input_shape, self.table(), self._count())

    def _repr_html_(self) -> str:
        return html_table(self.name, self.input_shape, self.table(), self._count(), self.source)

    def _count(self) -> str:
        trainable, total = self.parameters()
        return f"{trainable:,} trainable parameters of {total:,}"
