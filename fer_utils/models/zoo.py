"""The networks of the book, one function each, from the number of classes to a `NetSpec`.

The fully connected ones are here, the convolutional ones in a file for each report, `zoo_*.py`.
"""

from __future__ import annotations

import difflib
from collections.abc import Callable, Sequence

from fer_utils.models.layers import Act, BatchNorm, Dense, Dropout, Flatten, Layer
from fer_utils.models.spec import NetSpec
from fer_utils.models.zoo_compact import compact_vgg, compact_vgg_flat, compact_vgg_se
from fer_utils.models.zoo_copenhagen import (
    copenhagen_keras,
    copenhagen_keras_random,
    copenhagen_torch,
)
from fer_utils.models.zoo_dcnn import dcnn
from fer_utils.models.zoo_defaults import SMALL_CNNS
from fer_utils.models.zoo_honest import HONEST
from fer_utils.models.zoo_maastricht import (
    HALF_WIDTH,
    fer_cnn,
    regular_fer_cnn,
    simpler_fer_cnn,
    v2_fer_cnn,
)
from fer_utils.models.zoo_zagreb import (
    CONV_DEPTHS,
    depth_family,
    depth_name,
    zagreb_deep,
    zagreb_deeper,
    zagreb_deeper_slim,
    zagreb_shallow,
)


def get(name: str, classes: int = 7) -> NetSpec:
    """The zoo's network `name` for `classes` classes; ValueError naming near matches."""
    if name not in ZOO:
        near = difflib.get_close_matches(str(name), ZOO, n=3, cutoff=0.4)
        hint = f"did you mean {' or '.join(map(repr, near))}?" if near else "none is like it."
        raise ValueError(f"no network {name!r} in the zoo; {hint} It holds: {', '.join(ZOO)}")
    return ZOO[name](classes)


def fully_connected(
    name: str,
    widths: Sequence[int],
    batch_norm: bool = False,
    dropout: float = 0.0,
    activation: str = "relu",
    classes: int = 7,
    init: str = "torch",
    source: str = "",
) -> NetSpec:
    """Flatten, then Dense-(BatchNorm)-activation-(Dropout) per width, then Dense; any depth."""
    layers: list[Layer] = [Flatten()]
    for width in widths:
        layers += [Dense(width)] + ([BatchNorm()] if batch_norm else []) + [Act(activation)]
        layers += [Dropout(dropout)] if dropout else []
    return NetSpec(name, (*layers, Dense(classes)), init=init, source=source)


def zagreb_fully_connected(classes: int = 7) -> NetSpec:
    """Zagreb's fully connected baseline.

    Known is that it is fully connected, ran 30 epochs and reached 35.35% on the test split. The
    report's widths are not given to us: hidden layers of 512 and 256 with ReLU, without BatchNorm
    or dropout, are our assumption.
    """
    return fully_connected(
        "zagreb_fully_connected",
        (512, 256),
        classes=classes,
        source="Zagreb report, fully connected baseline; the widths are our assumption",
    )


def fully_connected_tuned(classes: int = 7) -> NetSpec:
    """Our best fully connected network: three hidden layers with BatchNorm, ReLU and dropout."""
    return fully_connected(
        "fully_connected_tuned",
        (1024, 512, 256),
        batch_norm=True,
        dropout=0.1,
        classes=classes,
        source="ours: how far a fully connected network of any depth gets",
    )


def _of_depth(depth: int, regularised: bool) -> Callable[[int], NetSpec]:
    """A member of the sweep over depth: `depth` hidden layers of 512 units, plain or with
    BatchNorm and dropout 0.3."""

    def network(classes: int = 7) -> NetSpec:
        return fully_connected(
            sweep_name(depth, regularised),
            (512,) * depth,
            batch_norm=regularised,
            dropout=0.3 if regularised else 0.0,
            classes=classes,
            source="ours: a sweep over depth",
        )

    return network


def sweep_name(depth: int, regularised: bool) -> str:
    """`fully_connected_<depth>x512`, `_regularised` behind it with BatchNorm and dropout."""
    return f"fully_connected_{depth}x512" + ("_regularised" if regularised else "")


SWEEP_DEPTHS = (1, 2, 3, 4, 6)

ZOO: dict[str, Callable[[int], NetSpec]] = {
    network.__name__: network
    for network in (
        *(zagreb_fully_connected, fully_connected_tuned),
        *(zagreb_shallow, zagreb_deep, zagreb_deeper, zagreb_deeper_slim),
        *(simpler_fer_cnn, fer_cnn, v2_fer_cnn, regular_fer_cnn),
        *(copenhagen_keras, copenhagen_keras_random, copenhagen_torch),
        dcnn,
        *(compact_vgg, compact_vgg_se, compact_vgg_flat),
    )
}
ZOO |= {
    sweep_name(depth, regularised): _of_depth(depth, regularised)
    for regularised in (False, True)
    for depth in SWEEP_DEPTHS
}
ZOO |= {depth_name(depth): depth_family(depth) for depth in CONV_DEPTHS}
ZOO |= HALF_WIDTH | SMALL_CNNS | HONEST
