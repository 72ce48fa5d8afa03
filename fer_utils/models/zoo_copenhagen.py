"""Copenhagen's two native networks, each written for one framework; both counts are published."""

from __future__ import annotations

from fer_utils.models.layers import (
    EDGE_FILTERS,
    EDGE_INIT,
    Act,
    BatchNorm,
    Conv,
    Dense,
    Flatten,
    Layer,
    MaxPool,
)
from fer_utils.models.spec import NetSpec


def copenhagen_keras(classes: int = 7) -> NetSpec:
    """Copenhagen's native Keras network: 232,803 parameters for seven classes.

    Given: conv 6 (initial values: the printed 3x3 kernels), padding "valid", conv 128, pool,
    conv 64, pool, conv 32, dense 64, 32, 7, and the count, which fixes kernels of 3x3 and pools of
    2x2. Assumed: ReLU after every layer but the last; the fourth kernel's last row, by symmetry;
    the other two kernels random, and all other weights from Keras' Glorot.
    """
    return _keras("copenhagen_keras", EDGE_INIT, classes)


def copenhagen_keras_random(classes: int = 7) -> NetSpec:
    """`copenhagen_keras` with all six first kernels random: what the hand-made ones are worth.

    From one seed the two start alike but for those four kernels.
    """
    return _keras("copenhagen_keras_random", None, classes)


def _keras(name: str, first_init: str | None, classes: int) -> NetSpec:
    def conv(filters: int, init: str | None = None) -> tuple[Layer, Layer]:
        return Conv(filters, padding="valid", init=init), Act("relu")

    body = (
        *(*conv(EDGE_FILTERS, first_init), *conv(128), MaxPool(2)),
        *(*conv(64), MaxPool(2), *conv(32)),
    )
    head = (Flatten(), Dense(64), Act("relu"), Dense(32), Act("relu"), Dense(classes))
    return NetSpec(
        name,
        (*body, *head),
        init="glorot_uniform",
        source="Copenhagen report, native Keras network; activations are our assumption",
    )


def copenhagen_torch(classes: int = 7) -> NetSpec:
    """Copenhagen's native PyTorch network: 599,815 trainable parameters for seven classes.

    Given: conv 128,128 / 64,64 / 32,32, BatchNorm before each pool, dense 256 with ReLU, 64 without
    activation, 7, and the count, which fixes 3x3 and padding "same". Assumed: ReLU after every
    convolution, before the BatchNorm.
    """
    layers: list[Layer] = []
    for filters in (128, 64, 32):
        layers += (Conv(filters), Act("relu")) * 2
        layers += [BatchNorm(), MaxPool(2)]
    head = (Flatten(), Dense(256), Act("relu"), Dense(64), Dense(classes))
    return NetSpec(
        "copenhagen_torch",
        (*layers, *head),
        source="Copenhagen report, native PyTorch network; the place of ReLU is our assumption",
    )
