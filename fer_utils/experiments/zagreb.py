"""Chapter 03: Zagreb's shallow, deep and deeper CNNs, and our sweep over depth."""

from __future__ import annotations

from dataclasses import replace

from fer_utils.experiments.config import TrainConfig
from fer_utils.experiments.experiment import ONE_SEED, Experiment
from fer_utils.experiments.recipes import SHARED_BUDGET, one_cycle, taught, without_gpu
from fer_utils.models import zoo

_ASSUMED = (
    "Adam, batch 64, pixels in 0..1, a tenth held out, mixed precision, "
    "and padding, pooling, BatchNorm and dropout as the network's text says"
)


def _pair(
    network: str,
    reported: float,
    as_reported: tuple[int, float, int],
    ours: TrainConfig,
    seeds: tuple[int, ...],
    assumed: str = _ASSUMED,
    epochs_on_cpu: int = 0,
) -> tuple[Experiment, Experiment]:
    """`as_reported`: the report's epochs and learning rate, and the epochs on a CPU; those of
    *ours* there are `epochs_on_cpu`, 0 for the same."""
    epochs, learning_rate, on_cpu = as_reported
    config = TrainConfig(
        epochs=epochs,
        batch_size=64,
        optimizer="adam",
        learning_rate=learning_rate,
        weight_decay=1e-7,
        precision="bf16",
        scaling="zero_one",
        train_on="nine_tenths",
    )
    theirs = Experiment(
        network=network,
        recipe="as-reported",
        chapter="03",
        report="Zagreb",
        config=config,
        on_cpu=without_gpu(config, on_cpu),
        seeds=(0,),
        reported={"unknown": reported},
        source="report_zagreb",
        assumed=assumed,
    )
    own = Experiment(
        network=network,
        recipe="ours",
        chapter="03",
        report="Zagreb",
        config=ours,
        on_cpu=without_gpu(ours, epochs_on_cpu) if epochs_on_cpu else None,
        seeds=seeds,
        keep=ONE_SEED,
        ship=64,  # the whole first layer of each
    )
    return theirs, own


_DEEPER = _pair(
    *("zagreb_deeper", 0.6176, (100, 1e-4, 12)),
    taught(60, 8e-3, optimizer="muon", recalibrate=True),
    (0,),
    epochs_on_cpu=16,
    assumed=f"the deep network's rate, decay and epochs; {_ASSUMED}",
)
# What dropout before batch normalisation costs where its statistics are left as training made them.
_SHIFTED = replace(
    _DEEPER[1],
    recipe="variance-shift",
    config=replace(_DEEPER[1].config, recalibrate=False),
    on_cpu=replace(_DEEPER[1].on_cpu, recalibrate=False),
    keep="labels",
    ship=0,
)
ZAGREB = (
    *_pair("zagreb_shallow", 0.5321, (120, 1e-5, 30), one_cycle(16, 2e-3), (0, 1, 2)),
    *_pair(
        *("zagreb_deep", 0.5907, (100, 1e-4, 12)),
        taught(60, 8e-3, optimizer="muon", recalibrate=True),
        (0,),
        epochs_on_cpu=12,
    ),
    *_DEEPER,
    _SHIFTED,
    *(
        Experiment(
            network=zoo.depth_name(depth),
            recipe="sweep",
            chapter="03",
            config=SHARED_BUDGET,
            seeds=(0, 1),
        )
        for depth in zoo.CONV_DEPTHS
    ),
)
