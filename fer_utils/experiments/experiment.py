"""`Experiment`: one network trained by one recipe, and what a report said of it.

Its name is `<network>-<number of classes>-<recipe>`. The recipe "as-reported" follows a student
report as far as it is given, "ours" is the best recipe found for that same network, and any other
name is an ablation or a member of a sweep.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace

from fer_utils.data.dataset import CLASSES
from fer_utils.experiments.config import TrainConfig, split_of
from fer_utils.experiments.environment import computes_on_gpu, multiplies_in_bf16
from fer_utils.models import zoo
from fer_utils.models.pretrained import PretrainedSpec
from fer_utils.models.spec import NetSpec
from fer_utils.models.zoo_pretrained import PRETRAINED

CONVOLUTIONS = "convolutions"  # everything before the first dense layer
ONE_SEED = "probabilities of the first seed"  # what an experiment's records keep, see `keeps`


@dataclass(frozen=True)
class Experiment:
    """A network of the zoo or of `PRETRAINED`, a recipe, and what a report said of it.

    Where `on_cpu` is given, a machine without a GPU trains by that shorter configuration, in the
    precision of `config` where its processor has units for that. Its record counts until a GPU
    makes the one of `config`.
    """

    network: str
    recipe: str
    chapter: str  # "02": whose full run makes the records
    config: TrainConfig
    on_cpu: TrainConfig | None = None
    report: str = ""
    classes: tuple[str, ...] = CLASSES
    frameworks: tuple[str, ...] = ("torch",)
    seeds: tuple[int, ...] = (0, 1, 2)
    keep: str = "labels"  # or "probabilities", or ONE_SEED: see `keeps`
    gpu: bool = False  # days on a CPU: no chapter counts on it
    ship: int | str = 0  # of Torch's seed 0's weights, kept in the repository to look at: units
    # of the first layer, or CONVOLUTIONS (see `training.kept_weights`)
    reported: dict[str, float] = field(default_factory=dict)  # split, or "unknown" -> accuracy
    source: str = ""  # bibliography key and place in the report
    assumed: str = ""  # what the report does not say and we chose

    def __post_init__(self) -> None:
        known = ("public_test", "private_test", "test", "unknown")
        for name, wrong in (
            ("keep", self.keep not in ("labels", "probabilities", ONE_SEED)),
            ("ship", isinstance(self.ship, str) and self.ship != CONVOLUTIONS),
            ("frameworks", not self.frameworks or not {*self.frameworks} <= {"torch", "keras"}),
            ("reported", not {*self.reported} <= {*known}),
        ):
            if wrong:
                raise ValueError(
                    f"{self.network}, {self.recipe}: {name}={getattr(self, name)!r} is not known"
                )

    @property
    def name(self) -> str:
        """`<network>-<number of classes>-<recipe>`, also the folder of its records."""
        return f"{self.network}-{len(self.classes)}-{self.recipe}"

    @property
    def spec(self) -> NetSpec | PretrainedSpec:
        """The network, for this experiment's number of classes."""
        if self.network in PRETRAINED:
            return PRETRAINED[self.network](len(self.classes))
        return zoo.get(self.network, len(self.classes))

    def keeps(self, reading: str, framework: str, seed: int) -> str:
        """What a record stores of one reading of a split: "labels" or "probabilities".

        Probabilities take fifteen times the room, so only the framework named first keeps any, and
        none of PublicTest, where only labels are compared; with ONE_SEED only the first seed does.
        """
        if framework != self.frameworks[0] or split_of(reading) == "public_test":
            return "labels"
        if self.keep == ONE_SEED:
            return "probabilities" if seed == self.seeds[0] else "labels"
        return self.keep

    @property
    def needs(self) -> str:
        """What a run needs beyond FER2013: "ImageNet weights", "a GPU", or nothing."""
        if getattr(self.spec, "weights", "") == "imagenet":
            return "ImageNet weights"
        return "a GPU" if self.gpu else ""

    @property
    def teachers(self) -> tuple[str, ...]:
        """Names of the experiments that it learns from, with a GPU or without."""
        both = (self.config, self.on_cpu or self.config)
        return tuple(dict.fromkeys(name for config in both for name in config.teachers))

    def config_on(self, gpu: bool, bf16: bool = False) -> TrainConfig:
        """The configuration for a machine with a GPU, or without one; `bf16`: with a processor that
        multiplies in bf16."""
        if gpu or self.on_cpu is None:
            return self.config
        return replace(self.on_cpu, precision=self.config.precision) if bf16 else self.on_cpu

    def config_here(self, framework: str = "torch") -> TrainConfig:
        """The configuration for this machine."""
        return self.config_on(computes_on_gpu(framework), multiplies_in_bf16(framework))
