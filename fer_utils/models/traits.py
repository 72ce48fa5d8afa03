"""What tells one network from another, as a few lines of text: for tables of similar networks."""

from __future__ import annotations

from collections.abc import Iterable

from fer_utils.models.anatomy import multiplications
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
        "multiplications for a picture": f"{multiplications(spec) / 1e6:,.0f} million",
    }


def _once(values: Iterable[str]) -> str:
    return ", ".join(dict.fromkeys(values)) or NONE
