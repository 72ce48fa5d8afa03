"""The pattern of the Keras reports: [[Conv-act-(BatchNorm)]x2-MaxPool-(Dropout)]xM, then dense."""

from __future__ import annotations

from collections.abc import Sequence

from fer_utils.models.layers import Act, BatchNorm, Conv, Dense, Dropout, Flatten, Layer, MaxPool
from fer_utils.models.spec import NetSpec

KERAS_BATCH_NORM = BatchNorm(epsilon=1e-3, momentum=0.01)  # Keras' defaults, written as Torch does


def double_conv(
    name: str,
    stages: Sequence[tuple[int, int]],
    dense: int,
    classes: int = 7,
    *,
    dropout: Sequence[float],
    convs: int = 2,
    activation: str = "relu",
    slope: float = 0.01,
    batch_norm: BatchNorm | None = KERAS_BATCH_NORM,
    dense_batch_norm: bool = False,
    dense_dropout: float = 0.0,
    l2: float = 0.0,
    init: str = "glorot_uniform",
    source: str = "",
) -> NetSpec:
    """`convs` convolutions per (filters, kernel) of `stages`, a 2x2 max-pool after each stage.

    `dropout` is one rate per stage, after its pool; 0 means no Dropout layer. `batch_norm` None
    leaves all BatchNorm out, `dense_batch_norm` puts one behind the hidden dense layer too. `l2`
    goes into every convolution and dense layer, the last one included.
    """
    normed = (batch_norm,) if batch_norm else ()
    layers: list[Layer] = []
    for (filters, kernel), rate in zip(stages, dropout, strict=True):
        layers += (Conv(filters, kernel, l2=l2), Act(activation, slope), *normed) * convs
        layers += [MaxPool(2)] + ([Dropout(rate)] if rate else [])
    layers += [Flatten(), Dense(dense, l2=l2), Act(activation, slope)]
    layers += normed if dense_batch_norm else ()
    layers += [Dropout(dense_dropout)] if dense_dropout else []
    return NetSpec(name, (*layers, Dense(classes, l2=l2)), init=init, source=source)
