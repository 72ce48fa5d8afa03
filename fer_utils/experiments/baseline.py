"""Chapter 02: Zagreb's fully connected baseline, our best one, and a sweep over depth."""

from __future__ import annotations

from fer_utils.experiments.config import TrainConfig
from fer_utils.experiments.experiment import ONE_SEED, Experiment
from fer_utils.experiments.recipes import SHARED_BUDGET, SLIGHT
from fer_utils.models import zoo

_AS_REPORTED = Experiment(
    network="zagreb_fully_connected",
    recipe="as-reported",
    chapter="02",
    report="Zagreb",
    config=TrainConfig(
        epochs=30,
        batch_size=64,
        optimizer="adam",
        learning_rate=1e-4,
        scaling="zero_one",
        train_on="nine_tenths",
    ),
    frameworks=("torch", "keras"),
    ship=16,
    reported={"unknown": 0.3535},
    source="report_zagreb",
    assumed="widths 512 and 256, ReLU, Adam 1e-4, batch 64, pixels in 0..1, a tenth held out",
)


def _ours(network: str, report: str, peak: float) -> Experiment:
    return Experiment(
        network=network,
        recipe="ours",
        chapter="02",
        report=report,
        config=TrainConfig(
            epochs=40,
            batch_size=256,
            optimizer="adamw",
            learning_rate=peak,
            weight_decay=0.05,
            schedule="one_cycle",
            augment=SLIGHT,
            precision="bf16",
        ),
        frameworks=("torch", "keras"),
        keep=ONE_SEED,
    )


def _sweep(depth: int, regularised: bool) -> Experiment:
    name = zoo.sweep_name(depth, regularised)
    return Experiment(
        network=name, recipe="sweep", chapter="02", config=SHARED_BUDGET, seeds=(0, 1)
    )


BASELINE = (
    _AS_REPORTED,
    _ours("zagreb_fully_connected", "Zagreb", 1e-3),
    _ours("fully_connected_tuned", "", 3e-3),
    *(_sweep(depth, regularised) for regularised in (False, True) for depth in zoo.SWEEP_DEPTHS),
)
