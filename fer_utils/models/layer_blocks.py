"""The layer records that hold other layers: squeeze-and-excitation and the residual sum."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from fer_utils.models.layer_base import Layer, Shape, Variable, check_spatial, check_whole


@dataclass(frozen=True)
class SqueezeExcite(Layer):
    """Channel attention (Hu et al. 2018): mean over pixels, two dense layers, a gate in [0, 1]."""

    kind: ClassVar[str] = "squeeze_excite"
    ratio: int = 16

    def __post_init__(self) -> None:
        check_whole(self, ratio=self.ratio)

    def hidden(self, shape: Shape) -> int:
        """Units of the inner layer, at least one."""
        return max(1, shape[-1] // self.ratio)

    def output_shape(self, shape: Shape) -> Shape:
        return check_spatial(self, shape)

    def variables(self, shape: Shape) -> dict[str, Variable]:
        channels, hidden = shape[-1], self.hidden(shape)
        return {
            "reduce/kernel": Variable((channels, hidden)),
            "reduce/bias": Variable((hidden,)),
            "expand/kernel": Variable((hidden, channels)),
            "expand/bias": Variable((channels,)),
        }

    def settings(self) -> str:
        return f"ratio {self.ratio}"


@dataclass(frozen=True)
class Residual(Layer):
    """Sum of `body` and `shortcut`, both applied to the input; an empty shortcut is the identity.

    Nothing follows the sum: put an Act after the record where the network has one.
    """

    kind: ClassVar[str] = "residual"
    body: tuple[Layer, ...]
    shortcut: tuple[Layer, ...] = ()

    def __post_init__(self) -> None:
        for name in ("body", "shortcut"):
            layers = tuple(getattr(self, name))
            object.__setattr__(self, name, layers)
            for layer in layers:
                if not isinstance(layer, Layer):
                    raise TypeError(f"Residual: expected layers in {name}, got {layer!r}")
        if not self.body:
            raise ValueError("Residual: the body is empty; expected at least one layer")

    def output_shape(self, shape: Shape) -> Shape:
        ends = []
        for layers in (self.body, self.shortcut):
            end = shape
            for layer in layers:
                end = layer.output_shape(end)
            ends.append(end)
        if ends[0] != ends[1]:
            raise ValueError(
                f"the body gives {ends[0]} but the shortcut {ends[1]}: they cannot be added; "
                "project the shortcut, e.g. shortcut=(Conv(filters, kernel=1, stride=...),)"
            )
        return ends[0]

    def settings(self) -> str:
        return "body + shortcut" if self.shortcut else "body + input"
