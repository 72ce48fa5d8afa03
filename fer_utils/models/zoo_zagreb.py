"""Zagreb's convolutional networks, shallow, deep and deeper; ours are a slim one of the last and a
sweep over their depth.

They follow the scheme of Alizadeh & Fazel (2017), [Conv-(BN)-ReLU-(Dropout)-(MaxPool)]xM and the
same for the dense layers. Given are filters, kernels and dense widths. We assume for all three:
padding "same", BatchNorm before every ReLU, dropout 0.25 in every block, a 2x2 max-pool after every
convolution unless said otherwise, and Torch's initial weights.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

from fer_utils.models.layers import Act, BatchNorm, Conv, Dense, Dropout, Flatten, Layer, MaxPool
from fer_utils.models.spec import NetSpec, classic

RATE = 0.25  # of every dropout, our assumption
DEEP = ((64, 3), (128, 5), (512, 3), (512, 3))
DEEPER = (*DEEP[:2], (256, 3), *DEEP[2:])
_DEEPER_POOLS = (True, True, False, True, True)


def zagreb_shallow(classes: int = 7) -> NetSpec:
    """Zagreb's shallow CNN.

    Given: conv 32 3x3, conv 64 5x5, dense 512. Assumed: what the head of this file says; the same
    pooling as in the deep network, so that only depth and width differ between them.
    """
    return _zagreb("zagreb_shallow", ((32, 3), (64, 5)), (512,), classes)


def zagreb_deep(classes: int = 7) -> NetSpec:
    """Zagreb's deep CNN.

    Given: conv 64 3x3, 128 5x5, 512 3x3, 512 3x3, dense 256 and 512. Assumed: what the head of this
    file says.
    """
    return _zagreb("zagreb_deep", DEEP, (256, 512), classes)


def zagreb_deeper(classes: int = 7) -> NetSpec:
    """Zagreb's deeper CNN.

    Given: the deep one and a conv 256 3x3. Assumed: what the head of this file says; the new
    convolution stands between 128 and 512 filters and has no pool, so that the rest stays the deep
    network.
    """
    return _zagreb("zagreb_deeper", DEEPER, (256, 512), classes, _DEEPER_POOLS)


def zagreb_deeper_slim(classes: int = 7) -> NetSpec:
    """The deeper CNN with a quarter of its filters and half its dense widths: ours, for sweeps.

    It has dropout in the dense blocks only: so few filters have none to spare, and on a CPU drawing
    the noise would take a third of the time.
    """
    conv = tuple((filters // 4, kernel) for filters, kernel in DEEPER)
    return _zagreb("zagreb_deeper_slim", conv, (128, 256), classes, _DEEPER_POOLS, conv_dropout=0.0)


def _zagreb(
    name: str,
    conv: Sequence[tuple[int, int]],
    dense: Sequence[int],
    classes: int,
    pool: bool | Sequence[bool] = True,
    conv_dropout: float = RATE,
) -> NetSpec:
    return classic(
        name,
        conv,
        dense,
        classes,
        conv_dropout=conv_dropout,
        dense_dropout=RATE,
        pool=pool,
        source="Zagreb report; padding, pooling and dropout rates are our assumption",
    )


CONV_DEPTHS = (1, 2, 3, 4, 5, 6, 7)
_POOLINGS = 4  # at 48, 24, 12 and 6 pixels, always
_BACK_AND_FORTH = (0, 1, 2, 3, 3, 2, 1, 0)  # the pixels each further convolution works at


def depth_name(depth: int) -> str:
    """`conv_depth_<depth>`."""
    return f"conv_depth_{depth}"


def depth_family(depth: int) -> Callable[[int], NetSpec]:
    """The member with `depth` convolutions of a family that differs in nothing else.

    Every member pools four times, whatever its depth, and ends in the same dense layer of 256, so
    neither resolution nor head changes with depth. Each convolution is 64 3x3 with BatchNorm and
    ReLU; convolutions 1 to 4 come before the four pools, further ones join them from the last pool
    back to the first, and so on. Dropout only before the logits: in every block it would grow with
    depth.
    """
    if depth < 1:
        raise ValueError(f"depth: expected at least one convolution, got {depth}")

    def network(classes: int = 7) -> NetSpec:
        stages = [_BACK_AND_FORTH[i % len(_BACK_AND_FORTH)] for i in range(depth)]
        layers: list[Layer] = []
        for stage in range(_POOLINGS):
            layers += (Conv(64), BatchNorm(), Act("relu")) * stages.count(stage)
            layers.append(MaxPool(2))
        head = (Flatten(), Dense(256), BatchNorm(), Act("relu"), Dropout(RATE), Dense(classes))
        source = "ours: a sweep over the depth of a convolutional network"
        return NetSpec(depth_name(depth), (*layers, *head), source=source)

    return network
