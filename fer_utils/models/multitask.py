"""Networks that read an emotion and action units from one face: two heads on shared features.

A dense layer of K units beside one of A units, both on the same features, is one dense layer of
K + A: the same parameters, the same function. So a network of two heads is a `NetSpec` whose last
layer gives K emotion logits (softmax) and, behind them, A action-unit logits (one sigmoid each);
`MultiTaskSpec` says which are which. Both builders, parity and checkpoints work as for any network.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TypeVar

from fer_utils.data.facs import RMIT_EMOTIONS, RMIT_UNITS
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
    Residual,
)
from fer_utils.models.spec import NetSpec

Logits = TypeVar("Logits")  # an array or tensor (..., K + A) of NumPy, Torch or Keras

SOURCE = "RMIT report"
ASSUMED = (
    "stem 7x7 with stride 2 and a 3x3 pool, basic blocks of two 3x3 convolutions with BatchNorm, "
    "the first of a wider stage with stride 2 and a projected shortcut (He et al., 2016)"
)


@dataclass(frozen=True)
class MultiTaskSpec:
    """A network and what its logits mean: first the emotions, then the action units.

    Raises ValueError when the network's last layer has another number of units.
    """

    net: NetSpec
    emotions: tuple[str, ...]
    action_units: tuple[int, ...]

    def __post_init__(self) -> None:
        object.__setattr__(self, "emotions", tuple(self.emotions))
        object.__setattr__(self, "action_units", tuple(self.action_units))
        wanted = len(self.emotions) + len(self.action_units)
        if self.net.classes != wanted:
            raise ValueError(
                f"network {self.net.name!r} ends with {self.net.classes} units; expected {wanted}, "
                f"{len(self.emotions)} emotions and {len(self.action_units)} action units"
            )

    def split(self, logits: Logits) -> tuple[Logits, Logits]:
        """Logits (..., K + A) as those of the emotions (..., K) and of the units (..., A)."""
        return logits[..., : len(self.emotions)], logits[..., len(self.emotions) :]


def two_heads(
    name: str,
    features: Sequence[Layer],
    emotions: Sequence[str] = tuple(RMIT_EMOTIONS),
    action_units: Sequence[int] = RMIT_UNITS,
    size: tuple[int, int] = (64, 64),
    l2: float = 0.0,
    source: str = "",
) -> MultiTaskSpec:
    """`features`, layers from a grey picture of `size` (H, W) to a vector, with both heads."""
    heads = Dense(len(emotions) + len(action_units), l2=l2)
    net = NetSpec(name, (*features, heads), (*size, 1), source=source)
    return MultiTaskSpec(net, tuple(emotions), tuple(action_units))


def residual_features(
    stages: Sequence[tuple[int, int]], stem: Sequence[Layer], l2: float = 0.0
) -> tuple[Layer, ...]:
    """A stem, then for each (filters, blocks) of `stages` that many basic residual blocks.

    `stem` must give as many channels as the first stage has. A stage with another number of
    filters than the one before begins with stride 2 and a projected shortcut.
    """
    layers, before = list(stem), stages[0][0]
    for filters, blocks in stages:
        for _ in range(blocks):
            layers += _block(filters, widened=filters != before, l2=l2)
            before = filters
    return tuple(layers)


def _block(filters: int, widened: bool, l2: float) -> tuple[Layer, ...]:
    stride = 2 if widened else 1
    body = (
        Conv(filters, 3, stride, bias=False, l2=l2),
        BatchNorm(),
        Act("relu"),
        Conv(filters, 3, bias=False, l2=l2),
        BatchNorm(),
    )
    shortcut = (Conv(filters, 1, stride, bias=False, l2=l2), BatchNorm()) if widened else ()
    return Residual(body, shortcut), Act("relu")


def _rmit(name: str, stages: Sequence[tuple[int, int]], l2: float, **settings) -> MultiTaskSpec:
    stem = (
        Conv(64, 7, 2, bias=False, l2=l2),
        BatchNorm(),
        Act("relu"),
        MaxPool(3, 2, padding="same"),
    )
    features = (*residual_features(stages, stem, l2), GlobalAvgPool())
    return two_heads(name, features, l2=l2, source=f"{SOURCE}; assumed: {ASSUMED}", **settings)


def rmit_3_4_6(l2: float = 0.0, **settings) -> MultiTaskSpec:
    """The RMIT report's network as its table has it: 3 blocks of 64, 4 of 128, 6 of 256.

    Given: residual blocks, a stem of 64, global average pooling, two heads. `ASSUMED` is ours.
    `settings` are `emotions`, `action_units` and `size` of `two_heads`.
    """
    return _rmit("rmit_3_4_6", ((64, 3), (128, 4), (256, 6)), l2, **settings)


def rmit_12(l2: float = 0.0, **settings) -> MultiTaskSpec:
    """The RMIT report's network as its text has it: 6 blocks of 64, 6 of 256; else as the other."""
    return _rmit("rmit_12", ((64, 6), (256, 6)), l2, **settings)


def small_residual(l2: float = 0.0, **settings) -> MultiTaskSpec:
    """Ours, for a CPU: three convolutions with stride 2, a residual block, a hidden layer.

    The faces are aligned, so where a wrinkle is tells which unit made it: the last maps are
    flattened, not averaged.
    """
    stem: list[Layer] = []
    for filters, kernel in ((16, 5), (32, 3), (64, 3)):
        stem += [Conv(filters, kernel, 2, bias=False, l2=l2), BatchNorm(), Act("relu")]
    hidden = (Dense(128, bias=False, l2=l2), BatchNorm(), Act("relu"), Dropout(0.3))
    features = (*residual_features(((64, 1),), stem, l2), Flatten(), Dropout(0.3), *hidden)
    return two_heads("small_residual", features, l2=l2, source="ours", **settings)


NETWORKS = {network.__name__: network for network in (rmit_3_4_6, rmit_12, small_residual)}
