"""Chapter 06: the DCNN report's network on seven classes and on three."""

from __future__ import annotations

from fer_utils.data.dataset import CLASSES, THREE_CLASSES
from fer_utils.experiments.config import TrainConfig
from fer_utils.experiments.experiment import Experiment
from fer_utils.experiments.recipes import taught, without_gpu

_NADAM = TrainConfig(
    epochs=100,
    batch_size=32,
    optimizer="nadam",
    learning_rate=1e-3,
    schedule="plateau",
    patience=7,
    factor=0.5,
    early_stopping=11,
    monitor="validation_accuracy",
    precision="bf16",
    scaling="zero_one",
    train_on="nine_tenths",
)
_OURS = taught(60, 8e-3, optimizer="muon", recalibrate=True)  # dropout before all batch norm


def _pair(classes: tuple[str, ...], reported: float, epochs_on_cpu: int) -> tuple[Experiment, ...]:
    shared = {"network": "dcnn", "chapter": "06", "report": "DCNN", "classes": classes}
    theirs = Experiment(
        recipe="as-reported",
        config=_NADAM,
        on_cpu=without_gpu(_NADAM, 12),
        seeds=(0,),
        reported={"unknown": reported},
        source="report_dcnn",
        assumed="Nadam 1e-3, rate halved after 7 epochs and stopped after 11 without a gain, "
        "pixels in 0..1, a tenth of Training as its validation data, mixed precision",
        **shared,
    )
    own = Experiment(
        recipe="ours",
        config=_OURS,
        on_cpu=without_gpu(_OURS, epochs_on_cpu),
        seeds=(0,),
        keep="probabilities",
        **shared,
    )
    return theirs, own


DCNN = (
    *_pair(CLASSES, 0.62, 18),
    *_pair(THREE_CLASSES, 0.83, 21),
)
