"""`Experiment`: one network trained by one recipe, and the list of all the course records.

Every full run belongs to an experiment in `EXPERIMENTS`; its name is
`<network>-<number of classes>-<recipe>`. The recipe "as-reported" follows a student report as far
as it is given, "ours" is the best recipe found for that same network, and any other name is an
ablation or a member of a sweep.
"""

from __future__ import annotations

import difflib
from dataclasses import dataclass, field

from fer_utils.data.augment import Augment
from fer_utils.data.dataset import CLASSES
from fer_utils.models import zoo
from fer_utils.models.spec import NetSpec
from fer_utils.records.config import TrainConfig


@dataclass(frozen=True)
class Experiment:
    """A network of the zoo, a recipe, and what a report said of it."""

    network: str
    recipe: str
    chapter: str  # "02": whose full run makes the records
    config: TrainConfig
    report: str = ""
    classes: tuple[str, ...] = CLASSES
    frameworks: tuple[str, ...] = ("torch",)
    seeds: tuple[int, ...] = (0, 1, 2)
    keep: str = "labels"  # or "probabilities": what a record stores of each prediction
    ship: int = 0  # units of the first layer, of Torch's seed 0, kept in the repository as pictures
    reported: dict[str, float] = field(default_factory=dict)  # split, or "unknown" -> accuracy
    source: str = ""  # bibliography key and place in the report
    assumed: str = ""  # what the report does not say and we chose

    @property
    def name(self) -> str:
        """`<network>-<number of classes>-<recipe>`, also the folder of its records."""
        return f"{self.network}-{len(self.classes)}-{self.recipe}"

    @property
    def spec(self) -> NetSpec:
        """The network, for this experiment's number of classes."""
        return zoo.get(self.network, len(self.classes))


EXPERIMENTS: dict[str, Experiment] = {}


def register(experiment: Experiment) -> Experiment:
    """Add an experiment to `EXPERIMENTS`. Raises ValueError when its name is taken."""
    if experiment.name in EXPERIMENTS:
        raise ValueError(f"experiment {experiment.name} is registered twice")
    EXPERIMENTS[experiment.name] = experiment
    return experiment


def get(name: str) -> Experiment:
    """The experiment of that name. Raises ValueError that suggests near names."""
    if name not in EXPERIMENTS:
        near = difflib.get_close_matches(name, EXPERIMENTS, n=3) or sorted(EXPERIMENTS)
        raise ValueError(f"no experiment {name!r}; near names: {', '.join(near)}")
    return EXPERIMENTS[name]


# Chapter 02: the fully connected baseline ---------------------------------------------------------

register(
    Experiment(
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
)
for network, report, peak in (
    ("zagreb_fully_connected", "Zagreb", 1e-3),
    ("fully_connected_tuned", "", 3e-3),
):
    register(
        Experiment(
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
                augment=Augment(horizontal_flip=0.5, shift=0.03, rotation=5.0, scale=0.05),
                precision="bf16",
            ),
            frameworks=("torch", "keras"),
            keep="probabilities",
        )
    )
for regularised in (False, True):
    for depth in zoo.SWEEP_DEPTHS:
        register(
            Experiment(
                network=zoo.sweep_name(depth, regularised),
                recipe="sweep",
                chapter="02",
                config=TrainConfig(
                    epochs=10,
                    optimizer="adamw",
                    weight_decay=0.01,
                    schedule="one_cycle",
                    precision="bf16",
                    train_on="ten_thousand",
                    evaluate_on=("validation",),
                ),
                seeds=(0, 1),
            )
        )
