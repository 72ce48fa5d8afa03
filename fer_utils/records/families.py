"""`Family`: the experiments of one network and class set, which share the rows of a table."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass

from fer_utils.experiments import EXPERIMENTS
from fer_utils.experiments.experiment import Experiment

AS_REPORTED, OURS = "as-reported", "ours"
RECIPES = (AS_REPORTED, OURS)  # any other recipe is an ablation and has no row

Experiments = Mapping[str, Experiment]

TITLES = {  # of networks, as the reports and the chapters call them
    "zagreb_fully_connected": "Fully connected",
    "fully_connected_tuned": "Fully connected, tuned",
    "zagreb_shallow": "Shallow CNN",
    "zagreb_deep": "Deep CNN",
    "zagreb_deeper": "Deeper CNN",
    "simpler_fer_cnn": "Simpler_FER_CNN",
    "fer_cnn": "FER_CNN",
    "v2_fer_cnn": "V2_FER_CNN",
    "regular_fer_cnn": "regular_FER_CNN",
    "copenhagen_keras": "Native Keras network",
    "copenhagen_torch": "Native PyTorch network",
    "dcnn": "DCNN",
    "resnet50v2": "ResNet50V2, fine-tuned",
    "resnet50v2_frozen": "ResNet50V2, frozen",
    "resnet50v2_single_frozen": "ResNet50V2, frozen, one dense layer",
    "efficientnetv2b3": "EfficientNetV2B3, fine-tuned",
    "efficientnetv2b3_frozen": "EfficientNetV2B3, frozen",
    "vgg16_maastricht": "VGG16 (Maastricht)",
    "vgg16_dcnn": "VGG16 (DCNN)",
    "resnet50_dcnn": "ResNet50",
    "compact_vgg": "Compact VGG",
    "vgg_se": "VGG with squeeze-and-excitation",
    "resnet_se": "ResNet with squeeze-and-excitation",
    "khaireddin_vgg": "VGG of Khaireddin and Chen",
}
_SQUEEZENET = re.compile(r"squeezenet_(\d+)(_\w+)?")


@dataclass(frozen=True)
class Family:
    """The recipes of one network and class set: what joins in one row per framework and split."""

    network: str
    classes: tuple[str, ...]
    recipes: dict[str, Experiment]  # "as-reported", "ours", or one of them

    @property
    def name(self) -> str:
        """`<network>-<number of classes>`"""
        return f"{self.network}-{len(self.classes)}"

    @property
    def title(self) -> str:
        """What readers call it: "FER_CNN", "DCNN, 3 classes"; seven classes go without saying."""
        many = len(self.classes)
        return title_of(self.network) + (f", {many} classes" if many != 7 else "")

    @property
    def report(self) -> str:
        """The report the network is from, "" for one of ours."""
        return next((e.report for e in self._in_order() if e.report), "")

    @property
    def frameworks(self) -> tuple[str, ...]:
        """Frameworks of either recipe, each once."""
        return tuple(dict.fromkeys(f for e in self._in_order() for f in e.frameworks))

    @property
    def needs(self) -> str:
        """What its runs need beyond FER2013; see `Experiment.needs`."""
        return self._in_order()[0].needs

    def reported(self, split: str) -> float | None:
        """The report's figure on that split, or on a split of its own (see `own_split`)."""
        for experiment in self._in_order():
            if experiment.reported:
                return experiment.reported.get(split, experiment.reported.get("unknown"))
        return None

    @property
    def split(self) -> str:
        """The split that the report used, PrivateTest where that was one of its own or none is."""
        used = (s for s in ("public_test", "test") if self.reported(s) and not self.own_split(s))
        return next(used, "private_test")

    def own_split(self, split: str) -> bool:
        """Whether the reported figure is on the report's own split, which cannot be made again."""
        known = {key for e in self._in_order() for key in e.reported}
        return "unknown" in known and split not in known

    def _in_order(self) -> list[Experiment]:
        return [self.recipes[recipe] for recipe in RECIPES if recipe in self.recipes]


def title_of(network: str) -> str:
    """What readers call a network: its name in words where the reports have none."""
    if found := _SQUEEZENET.fullmatch(network):
        return f"SqueezeNet at {found[1]} px" + (found[2] or "").replace("_", ", ", 1)
    return TITLES.get(network, network.replace("_", " "))


def families(experiments: Experiments | None = None) -> list[Family]:
    """Every network and class set with a recipe "as-reported" or "ours", in order of listing."""
    found: dict[tuple, Family] = {}
    for experiment in (EXPERIMENTS if experiments is None else experiments).values():
        if experiment.recipe in RECIPES:
            key = (experiment.network, experiment.classes)
            family = found.setdefault(key, Family(*key, recipes={}))
            family.recipes[experiment.recipe] = experiment
    return list(found.values())
