"""Maastricht's four networks in Keras, and the builder for ablations between them.

We assume for all: padding "same", one hidden dense layer of 128 as in the simplest, the activation
before BatchNorm, Keras' BatchNorm (epsilon 1e-3, momentum 0.99) and initial weights (Glorot) where
the report names no others.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace

from fer_utils.models.double_conv import KERAS_BATCH_NORM, double_conv
from fer_utils.models.spec import NetSpec

STAGES = ((64, 3), (128, 3), (256, 3))
HALF_STAGES = ((32, 3), (64, 3), (128, 3))
RATES = (0.25, 0.25, 0.25)  # of FER_CNN's dropouts, our assumption
V2_RATES = (0.2, 0.3, 0.4)
KERAS_SLOPE = 0.3  # Keras' default of LeakyReLU
KERAS_L2 = 0.01  # Keras' default of its L2 regulariser


def maastricht(
    name: str,
    classes: int = 7,
    *,
    batch_norm: bool = True,
    momentum: float = KERAS_BATCH_NORM.momentum,
    dropout: Sequence[float] = RATES,
    activation: str = "relu",
    init: str = "glorot_uniform",
    l2: float = 0.0,
    stages: Sequence[tuple[int, int]] = STAGES,
    source: str = "Maastricht report; dense width and dropout rates are our assumption",
) -> NetSpec:
    """FER_CNN with each of the things the report changed as one setting: for ablations.

    `dropout` is one rate per pool, (0, 0, 0) for none; "leaky_relu" has Keras' slope of 0.3;
    `momentum` is BatchNorm's share of the new batch.
    """
    return double_conv(
        name,
        stages,
        128,
        classes,
        dropout=dropout,
        activation=activation,
        slope=KERAS_SLOPE if activation == "leaky_relu" else 0.01,
        batch_norm=replace(KERAS_BATCH_NORM, momentum=momentum) if batch_norm else None,
        l2=l2,
        init=init,
        source=source,
    )


def simpler_fer_cnn(classes: int = 7) -> NetSpec:
    """Maastricht's Simpler_FER_CNN.

    Given: conv 32 and 64, 3x3, a pool after each, dense 128. Assumed: ReLU, padding "same", neither
    BatchNorm nor dropout.
    """
    return double_conv(
        "simpler_fer_cnn",
        ((32, 3), (64, 3)),
        128,
        classes,
        dropout=(0.0, 0.0),
        convs=1,
        batch_norm=None,
        source="Maastricht report; padding and activation are our assumption",
    )


def fer_cnn(classes: int = 7) -> NetSpec:
    """Maastricht's FER_CNN.

    Given: conv 64,64 / 128,128 / 256,256, BatchNorm after each, dropout after each pool. Assumed:
    3x3, ReLU, dropout 0.25, and what the head of this file says.
    """
    return maastricht("fer_cnn", classes)


def v2_fer_cnn(classes: int = 7) -> NetSpec:
    """Maastricht's V2_FER_CNN.

    Given: FER_CNN with LeakyReLU, He normal and dropout from 0.2 to 0.4. Assumed: 0.2, 0.3 and 0.4
    in this order, LeakyReLU's slope 0.3 (Keras' default), He normal in every layer.
    """
    return maastricht(
        "v2_fer_cnn",
        classes,
        dropout=V2_RATES,
        activation="leaky_relu",
        init="he_normal",
        source="Maastricht report; dense width, order of rates and slope are our assumption",
    )


def regular_fer_cnn(classes: int = 7) -> NetSpec:
    """Maastricht's regular_FER_CNN.

    Given: FER_CNN with L2 in every convolution and dense layer. Assumed: its strength, 0.01
    (Keras' default), the last dense layer included.
    """
    return maastricht(
        "regular_fer_cnn",
        classes,
        l2=KERAS_L2,
        source="Maastricht report; dense width, dropout rates and L2 strength are our assumption",
    )


_CHANGES: dict[str, dict] = {  # what differs from FER_CNN
    "": {},
    "_no_batch_norm": {"batch_norm": False},
    "_quick_batch_norm": {"momentum": 0.1},  # PyTorch's default; Keras would write 0.9
    "_no_dropout": {"dropout": (0.0, 0.0, 0.0)},
    "_plain": {"batch_norm": False, "dropout": (0.0, 0.0, 0.0)},
    "_leaky_relu": {"activation": "leaky_relu"},
    "_he": {"init": "he_normal"},
    "_rising_dropout": {"dropout": V2_RATES},
    "_v2": {"activation": "leaky_relu", "init": "he_normal", "dropout": V2_RATES},
    "_l2_1e-4": {"l2": 1e-4},
    "_l2_1e-3": {"l2": 1e-3},
    "_l2_1e-2": {"l2": 1e-2},
}


def _half(name: str, changes: dict) -> Callable[[int], NetSpec]:
    def network(classes: int = 7) -> NetSpec:
        source = "ours: FER_CNN of half its width with one thing changed"
        return maastricht(name, classes, stages=HALF_STAGES, source=source, **changes)

    return network


HALF_WIDTH = {  # FER_CNN with half the filters, a quarter of the work: ours, for the ablation
    f"fer_cnn_half{suffix}": _half(f"fer_cnn_half{suffix}", changes)
    for suffix, changes in _CHANGES.items()
}
