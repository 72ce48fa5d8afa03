"""What all layer records share: shapes, padding, checks of settings, and their base class.

Conventions are those of `layers`.
"""

from __future__ import annotations

import math
from dataclasses import MISSING, dataclass, fields
from typing import ClassVar, NamedTuple

Shape = tuple[int, ...]


class Variable(NamedTuple):
    """One array of a layer: its shape and whether training changes it by gradient."""

    shape: Shape
    trainable: bool = True


def same_padding(size: int, window: int, stride: int) -> tuple[int, int]:
    """Pixels (before, after) that padding "same" adds to an axis of `size` pixels."""
    total = max((-(-size // stride) - 1) * stride + window - size, 0)
    return total // 2, total - total // 2


def slid(size: int, window: int, stride: int, padding: str) -> int:
    """Number of positions of a window on an axis of `size` pixels; ValueError where it is none."""
    if padding == "same":
        return -(-size // stride)
    if window > size:
        raise ValueError(
            f"a window of {window} does not fit into {size} pixels: the output would have no "
            'pixels; use padding="same", a smaller window or fewer poolings before'
        )
    return (size - window) // stride + 1


def check_whole(record: object, **values: int) -> None:
    """Raise ValueError unless every value is a whole number from 1."""
    for name, value in values.items():
        if isinstance(value, bool) or not isinstance(value, int) or value < 1:
            raise ValueError(
                f"{type(record).__name__}: expected {name} a whole number from 1, got {value!r}"
            )


def check_one_of(record: object, name: str, value: object, allowed: tuple) -> None:
    """Raise ValueError unless `value` is allowed."""
    if value not in allowed:
        choices = ", ".join(map(repr, allowed))
        raise ValueError(
            f"{type(record).__name__}: unknown {name} {value!r}; expected one of {choices}"
        )


def check_penalty(record: object, l2: float) -> None:
    """Raise ValueError unless `l2` is a number from 0."""
    number = isinstance(l2, int | float) and not isinstance(l2, bool)
    if not (number and 0 <= l2 < math.inf):
        raise ValueError(f"{type(record).__name__}: expected l2 a number from 0, got {l2!r}")


def check_spatial(record: object, shape: Shape) -> Shape:
    """The shape itself; ValueError unless it is (H, W, C)."""
    if len(shape) != 3:
        raise ValueError(
            f"{type(record).__name__} needs a spatial input (H, W, C), got a vector {shape}; "
            "put it before Flatten or GlobalAvgPool"
        )
    return shape


@dataclass(frozen=True)
class Layer:
    """Base of the records. `kind` names the layer in keys and in dictionaries."""

    kind: ClassVar[str] = ""

    def output_shape(self, shape: Shape) -> Shape:
        """Shape of the output for an input of `shape`; ValueError where it cannot be."""
        return shape

    def variables(self, shape: Shape) -> dict[str, Variable]:
        """{name: Variable} for an input of `shape`, a kernel before its bias."""
        return {}

    def settings(self) -> str:
        """The settings in words, for tables."""
        return ""

    def to_dict(self) -> dict:
        """JSON-ready; fields at their default are left out."""
        result: dict = {"layer": self.kind}
        for field in fields(self):
            value = getattr(self, field.name)
            if field.default is MISSING or value != field.default:
                nested = isinstance(value, tuple)
                result[field.name] = [layer.to_dict() for layer in value] if nested else value
        return result
