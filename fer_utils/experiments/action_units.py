"""The runs of the chapter on action units: which network learns what from which faces, and how.

Each is one `UnitExperiment`; `EXPERIMENTS` holds them by name. Their records are `UnitRecord`s, in
a folder of their own: unlike the other records of the course they are of drawn faces, or of CK+.
"""

from __future__ import annotations

from dataclasses import asdict, dataclass, field, replace

from fer_utils.data.augment import Augment
from fer_utils.data.unit_faces import UnitFaces
from fer_utils.experiments import by_name
from fer_utils.experiments.config import TrainConfig
from fer_utils.experiments.reported import RMIT_LAMBDAS
from fer_utils.models.multitask import NETWORKS, MultiTaskSpec


@dataclass(frozen=True)
class Tasks:
    """How much each task counts in the joint loss; ValueError unless one counts and none is < 0."""

    emotions: float = 1.0
    action_units: float = 1.0  # the lambda of the joint loss
    balanced_emotions: bool = False  # c_y = N / (K n_y), else 1
    balanced_units: bool = False  # w_a = absent / present pictures of the unit, else 1

    def __post_init__(self) -> None:
        if min(self.emotions, self.action_units) < 0 or self.emotions + self.action_units <= 0:
            raise ValueError(
                "expected weights from 0, one of them above 0; got "
                f"emotions={self.emotions}, action_units={self.action_units}"
            )


@dataclass(frozen=True)
class UnitExperiment:
    """One run but for its seed. `network` is a name of `models.multitask.NETWORKS`."""

    name: str
    faces: UnitFaces
    config: TrainConfig
    tasks: Tasks = field(default_factory=Tasks)
    network: str = "small_residual"
    l2: float = 0.0
    seeds: tuple[int, ...] = (0,)
    start: UnitExperiment | None = None  # the run whose weights this one begins with
    scores: bool = False  # keep probabilities, 15 KB a run, and not only the answers

    def spec(self) -> MultiTaskSpec:
        """The network, for the size of the faces."""
        size = (self.faces.size, self.faces.size)
        return NETWORKS[self.network](l2=self.l2, size=size, emotions=self.faces.emotions)

    def settings(self) -> dict:
        """Everything that makes the run what it is, JSON-ready; a record keeps it."""
        plain = {
            "faces": self.faces.to_dict(),
            "spec": self.spec().net.to_dict(),
            "config": self.config.to_dict(),
            "tasks": asdict(self.tasks),
        }
        return plain | ({"start": self.start.settings()} if self.start else {})


# what a face survives; augmentation touches training pictures only
MOVED = Augment(shift=0.05, brightness=0.2, rotation=5.0)
OURS = TrainConfig(
    epochs=8,
    batch_size=64,
    optimizer="adamw",
    learning_rate=3e-3,
    weight_decay=0.01,
    schedule="one_cycle",
    augment=MOVED,
    evaluate_on=(),
)
JOINT = Tasks(emotions=1.0, action_units=10.0)
TASKS = {"joint": JOINT, "emotions": Tasks(1.0, 0.0), "units": Tasks(0.0, 10.0)}
"""Both tasks at once, and each alone."""

SIZES = {300: 24, 1000: 12, 3000: 8}
"""Training faces and the epochs that they are seen."""

REPORT_RUNS = {
    "run 1": {"l2": RMIT_LAMBDAS[0], "learning_rate": 1e-3, "epochs": 12},
    "run 2": {"l2": RMIT_LAMBDAS[1], "learning_rate": 1e-3, "epochs": 12},
    "run 3": {"l2": RMIT_LAMBDAS[0], "learning_rate": 1e-2, "epochs": 12},
    "run 4": {"l2": RMIT_LAMBDAS[0], "learning_rate": 1e-3, "epochs": 6},
}
"""Four runs after the report's: its two lambdas as it says; which run has which, learning
rates, epochs and that lambda is an L2 penalty are our assumption."""

LAMBDAS = (*RMIT_LAMBDAS, 1.0)
"""The other reading: lambda weighs the action units in the joint loss."""

REPORTED_NETWORKS = ("rmit_3_4_6", "rmit_12")
"""The report's networks, at 64x64 on the faces and with the settings of "joint-1000"."""

LABELS = {287: 24, 2871: 8, 28709: 3}
"""A hundredth, a tenth and all of FER2013's Training, and the epochs that they are seen."""


SMALL = UnitFaces(train=1000)
"""The faces of runs that differ in something else than them."""


def _by_size() -> list[UnitExperiment]:
    """Both tasks and each alone, from 300 to 3,000 training faces."""
    return [
        UnitExperiment(
            f"{task}-{n}",
            UnitFaces(train=n),
            replace(OURS, epochs=epochs),
            tasks,
            seeds=(0, 1),
            scores=n == max(SIZES) and tasks.action_units > 0,
        )
        for n, epochs in SIZES.items()
        for task, tasks in TASKS.items()
    ]


def _reported_networks() -> list[UnitExperiment]:
    config = replace(OURS, epochs=SIZES[1000])
    return [
        UnitExperiment(f"joint-1000-{network}", SMALL, config, JOINT, network)
        for network in REPORTED_NETWORKS
    ]


def _films() -> list[UnitExperiment]:
    """Frames of films, split by who is in them and, as one should not, by picture."""
    return [
        UnitExperiment(
            f"sequences-by-{split}",
            UnitFaces("sequences", 1500, split),
            replace(OURS, epochs=12),
            JOINT,
            seeds=(0, 1),
        )
        for split in ("subject", "picture")
    ]


def _report_runs() -> list[UnitExperiment]:
    plain = replace(OURS, optimizer="adam", weight_decay=0.0, schedule="constant")
    return [
        UnitExperiment(
            name.replace(" ", "-"),
            SMALL,
            replace(plain, epochs=run["epochs"], learning_rate=run["learning_rate"]),
            JOINT,
            l2=run["l2"],
        )
        for name, run in REPORT_RUNS.items()
    ]


def _lambdas() -> list[UnitExperiment]:
    return [
        UnitExperiment(f"lambda-{value:g}", SMALL, replace(OURS, epochs=12), Tasks(1.0, value))
        for value in LAMBDAS
    ]


def _to_real() -> list[UnitExperiment]:
    """From drawn faces to FER2013: the drawn network as it is, then both beginnings."""
    drawn = UnitExperiment(
        "drawn-on-fer2013", UnitFaces("drawn_to_fer2013", 3000, size=48), OURS, JOINT,
        seeds=(0, 1, 2),
    )  # fmt: skip
    mirrored = replace(MOVED, horizontal_flip=0.5)
    return [drawn] + [
        UnitExperiment(
            f"fer2013-{n}-{beginning}",
            UnitFaces("fer2013", 0, train=n, size=48),
            replace(OURS, epochs=epochs, augment=mirrored),
            TASKS["emotions"],
            seeds=(0, 1, 2),
            start=start,
        )
        for n, epochs in LABELS.items()
        for beginning, start in (("drawn", drawn), ("fresh", None))
    ]


EXPERIMENTS: dict[str, UnitExperiment] = by_name(
    (
        *(*_by_size(), *_reported_networks(), *_films()),
        *(*_report_runs(), *_lambdas(), *_to_real()),
    )
)

CKPLUS = UnitExperiment(
    "ckplus-rmit_3_4_6",
    UnitFaces("ckplus"),
    replace(OURS, epochs=60, learning_rate=1e-3, augment=MOVED),
    Tasks(balanced_emotions=True, balanced_units=True),
    network="rmit_3_4_6",
    l2=1e-5,
    scores=True,
)
"""The report's network on CK+, where somebody has it. Its length and rates are our assumption. Its
record, and the truth beside it, hold CK+'s labels of the test part, which are not ours to pass on:
git ignores both."""
