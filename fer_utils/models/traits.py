"""What tells one network from another, as a few lines of text: for tables of similar networks."""

from __future__ import annotations

from collections.abc import Iterable

from fer_utils.models.layers import Act, BatchNorm, Conv, Dense, Dropout
from fer_utils.models.spec import NetSpec

NONE = "none"


def traits(spec: NetSpec) -> dict[str, str]:
    """{what: how} of a network, in an order for reading; a value said once where all are equal.

    A column of a table each, so that rows which differ show what a report changed.
    """
    layers = [placed.layer for placed in spec.placed]

    def of(kind: type) -> list:
        return [layer for layer in layers if isinstance(layer, kind)]

    weighted = of(Conv) + of(Dense)
    return {
        "filters": ", ".join(str(layer.filters) for layer in of(Conv)) or NONE,
        "dense units": ", ".join(str(layer.units) for layer in of(Dense)),
        "batch normalisation": f"{len(of(BatchNorm))} layers" if of(BatchNorm) else NONE,
        "dropout rates": ", ".join(f"{layer.rate:g}" for layer in of(Dropout)) or NONE,
        "activation": _once(layer.settings() for layer in of(Act)),
        "initial weights": _once(layer.init or spec.init for layer in weighted),
        "L2": _once(f"{layer.l2:g}" if layer.l2 else NONE for layer in weighted),
        "trainable parameters": f"{spec.parameters().trainable:,}",
        "multiply-adds a picture": f"{multiply_adds(spec) / 1e6:,.0f} million",
    }


def multiply_adds(spec: NetSpec) -> int:
    """Multiplications (each with an addition) in the convolutions and dense layers, one picture.

    A convolution has kernel² * channels of them for each number it gives, a dense layer as many as
    it has inputs.
    """
    total = 0
    for _, layer, given, made in spec.placed:
        if isinstance(layer, Conv):
            total += made[0] * made[1] * made[2] * layer.kernel**2 * given[-1]
        elif isinstance(layer, Dense):
            total += given[0] * layer.units
    return total


def _once(values: Iterable[str]) -> str:
    return ", ".join(dict.fromkeys(values)) or NONE
