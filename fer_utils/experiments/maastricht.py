"""Chapter 04: Maastricht's four Keras CNNs, and what each of their ingredients does."""

from __future__ import annotations

from fer_utils.experiments.config import TrainConfig
from fer_utils.experiments.experiment import CONVOLUTIONS, ONE_SEED, Experiment
from fer_utils.experiments.recipes import SHARED_BUDGET, one_cycle, taught, without_gpu
from fer_utils.models import zoo

_ADAM = TrainConfig(
    epochs=30,
    batch_size=64,
    optimizer="adam",
    learning_rate=1e-3,
    precision="bf16",
    scaling="zero_one",
    train_on="nine_tenths",
)
_ASSUMED = "30 epochs, batch 64, pixels in 0..1, a tenth held out, mixed precision"


def _pair(
    network: str,
    reported: float,
    on_cpu: int,
    ours: TrainConfig,
    *,
    epochs_on_cpu: int = 0,
    seeds: tuple[int, ...] = (0,),
    frameworks: tuple[str, ...] = ("torch",),
    assumed: str = f"Adam 1e-3 as for Simpler_FER_CNN, {_ASSUMED}",
    ship: int | str = 0,
) -> tuple[Experiment, Experiment]:
    shared = {"network": network, "chapter": "04", "report": "Maastricht", "frameworks": frameworks}
    theirs = Experiment(
        recipe="as-reported",
        config=_ADAM,
        on_cpu=without_gpu(_ADAM, on_cpu),
        seeds=seeds,
        reported={"public_test": reported},
        source="report_maastricht",
        assumed=assumed,
        **shared,
    )
    own = Experiment(
        recipe="ours",
        config=ours,
        on_cpu=without_gpu(ours, epochs_on_cpu) if epochs_on_cpu else None,
        seeds=seeds,
        keep=ONE_SEED,
        ship=ship,
        **shared,
    )
    return theirs, own


MAASTRICHT = (
    *_pair(
        *("simpler_fer_cnn", 0.56, 30, one_cycle(20, 1e-3)),
        seeds=(0, 1, 2),
        assumed=_ASSUMED,
    ),
    *_pair(
        *("fer_cnn", 0.64, 12, taught(60, 8e-3, optimizer="muon")),
        epochs_on_cpu=16,
        frameworks=("torch", "keras"),
        ship=CONVOLUTIONS,
    ),
    *_pair("v2_fer_cnn", 0.64, 12, taught(60, 8e-3, optimizer="muon"), epochs_on_cpu=18),
    *_pair(
        *("regular_fer_cnn", 0.55, 12, taught(60, 1e-3, weight_decay=0.0)),
        epochs_on_cpu=5,
    ),
    *(
        Experiment(
            network=network, recipe="ablation", chapter="04", config=SHARED_BUDGET, seeds=(0, 1)
        )
        for network in zoo.HALF_WIDTH
    ),
)
