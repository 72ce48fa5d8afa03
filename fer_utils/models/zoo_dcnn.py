"""The network of the DCNN report."""

from __future__ import annotations

from fer_utils.models.double_conv import double_conv
from fer_utils.models.spec import NetSpec


def dcnn(classes: int = 7) -> NetSpec:
    """The DCNN report's network.

    Given: conv 5x5 and 3x3 blocks with BatchNorm, max-pool, dropout, He normal. Assumed, after the
    public network of that name and with that three-class accuracy
    (github.com/greatsharma/Facial_Emotion_Recognition): 64,64 of 5x5 / 128,128 / 256,256 of 3x3,
    ELU before BatchNorm, padding "same", dropout 0.4, 0.4 and 0.5 after the pools, dense 128 with
    BatchNorm and dropout 0.6; He normal in the last layer too.
    """
    return double_conv(
        "dcnn",
        ((64, 5), (128, 3), (256, 3)),
        128,
        classes,
        dropout=(0.4, 0.4, 0.5),
        activation="elu",
        dense_batch_norm=True,
        dense_dropout=0.6,
        init="he_normal",
        source="DCNN report; widths, ELU and dropout rates assumed after G. Sharma's public DCNN",
    )
