"""Chapter 05: Copenhagen's native Keras and PyTorch networks, and what hand-made kernels do."""

from __future__ import annotations

from dataclasses import replace

from fer_utils.experiments.config import TrainConfig
from fer_utils.experiments.experiment import Experiment
from fer_utils.experiments.recipes import (
    RARE,
    SHARED_BUDGET,
    SLIGHT,
    one_cycle,
    taught,
    without_gpu,
)

_SGD = TrainConfig(
    epochs=30,
    batch_size=64,
    optimizer="sgd",
    learning_rate=0.002,
    precision="bf16",
    scaling="zero_one",
    train_on="nine_tenths",
)
_ASSUMED = "30 epochs, pixels in 0..1, a tenth held out, mixed precision"
_SHARED = {"chapter": "05", "report": "Copenhagen", "frameworks": ("torch", "keras")}
_TORCH = replace(_SGD, learning_rate=0.0015, weight_decay=1e-3)
_DISGUST = replace(
    _TORCH,
    rare_copies=9,
    rare_augment=RARE,
    evaluate_on=("public_test", "private_test", "validation"),
)
_TAUGHT = taught(60, 8e-3, optimizer="muon")

COPENHAGEN = (
    Experiment(
        network="copenhagen_keras",
        recipe="as-reported",
        config=_SGD,
        on_cpu=without_gpu(_SGD, 30),
        seeds=(0,),
        reported={"test": 0.5189},
        source="report_copenhagen",
        assumed=f"51.89% is on its matrix, its text says 51.59%; batch 64, {_ASSUMED}",
        **_SHARED,
    ),
    Experiment(
        network="copenhagen_keras",
        recipe="ours",
        config=one_cycle(20, 1e-3, augment=SLIGHT, label_smoothing=0.0),
        keep="probabilities",
        **_SHARED,
    ),
    Experiment(
        network="copenhagen_torch",
        recipe="as-reported",
        config=_TORCH,
        on_cpu=without_gpu(_TORCH, 12),
        seeds=(0,),
        reported={"test": 0.526},
        source="report_copenhagen",
        assumed=_ASSUMED,
        **_SHARED,
    ),
    Experiment(
        network="copenhagen_torch",
        recipe="disgust-augmented",
        chapter="05",
        report="Copenhagen",
        config=_DISGUST,
        on_cpu=without_gpu(_DISGUST, 12),
        seeds=(0,),
        source="report_copenhagen",
        assumed="nine augmented copies of each picture of disgust, turned up to 15 degrees, moved "
        f"up to a tenth, sheared up to 10 degrees, half of them mirrored; {_ASSUMED}",
    ),
    Experiment(
        network="copenhagen_torch",
        recipe="ours",
        config=_TAUGHT,
        on_cpu=without_gpu(_TAUGHT, 16),
        seeds=(0,),
        keep="probabilities",
        **_SHARED,
    ),
    *(
        Experiment(
            network=network,
            recipe="kernels",
            chapter="05",
            config=SHARED_BUDGET,
            on_cpu=without_gpu(SHARED_BUDGET, SHARED_BUDGET.epochs),
            seeds=(0, 1, 2, 3, 4),
        )
        for network in ("copenhagen_keras", "copenhagen_keras_random")
    ),
)
