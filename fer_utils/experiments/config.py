"""`TrainConfig`: everything about a training run that is not the network or the data.

Conventions, the same in both frameworks:
- learning rates are per step of the optimizer; `schedule` shapes them over the whole run;
- `weight_decay` is decoupled (Loshchilov & Hutter, 2019) for "adamw" and "muon", and added to the
  gradient as `weight_decay * weight` (PyTorch's L2) for every other optimizer, on all trainable
  weights;
- the loss is the mean over a batch of cross entropies, each multiplied by its class weight, plus
  the penalties of layers with an `l2`; the recorded `train_loss` leaves the penalties out. What
  `focal_gamma`, `logit_adjustment`, `mixup` and `label_smoothing` make of it stands in
  `training.targets`, in one formula; evaluation never uses them;
- an epoch is as many images long as the training part, also where `sampling` repeats some of them:
  the same epochs are the same number of steps;
- with momentum, "sgd" is each framework's own: PyTorch multiplies the whole velocity by the current
  rate, Keras each gradient by the rate of its step, so they part where the rate changes;
- `ema` averages the trainable weights after every step; the averaged ones are evaluated;
- `views` are further readings of every evaluated split, when training is over, by the averages of
  `data.views`; they stand in the record as "private_test/ten" beside "private_test";
- `sam` works in PyTorch only, see `optimizers.sharpness`; of `teachers` see
  `training.distillation`, of "muon" `optimizers.muon`.
"""

from __future__ import annotations

from dataclasses import MISSING, dataclass, field, fields, replace
from numbers import Integral

from fer_utils.data.augment import Augment
from fer_utils.data.views import VIEWS
from fer_utils.experiments.stages import Stage

CHOICES = {
    "optimizer": ("sgd", "adam", "adamw", "nadam", "muon"),
    "schedule": ("constant", "cosine", "one_cycle", "triangular", "plateau"),
    "class_weights": ("none", "balanced", "reported", "effective"),
    "sampling": ("shuffle", "oversample", "balanced_batches"),
    "precision": ("float32", "bf16"),
    "scaling": ("zero_one", "standard", "pixels"),
    "train_on": ("all", "nine_tenths", "ten_thousand"),
    "monitor": ("validation_loss", "validation_accuracy"),
}
LEAST = {"epochs": 1, "batch_size": 1, "patience": 1, "early_stopping": 0, "rare_copies": 0}
EVALUATION_SPLITS = ("public_test", "private_test", "validation")


@dataclass(frozen=True)
class TrainConfig:
    """How a network is trained and on what it is evaluated."""

    epochs: int
    batch_size: int = 128
    drop_last: bool = False  # leave out the short batch at the end of an epoch
    optimizer: str = "adam"
    learning_rate: float = 1e-3  # the peak, where the schedule has one
    momentum: float = 0.9  # of "sgd" only
    schedule: str = "constant"
    warm_up: float = 0.25  # share of the steps in which "one_cycle" and "triangular" rise
    patience: int = 5  # epochs without improvement before "plateau" lowers the rate
    factor: float = 0.1  # by which "plateau" multiplies the rate
    weight_decay: float = 0.0
    label_smoothing: float = 0.0
    augment: Augment = field(default_factory=Augment)
    rare_copies: int = 0  # copies of each picture of the rarest class, added to the training part
    rare_augment: Augment = field(default_factory=Augment)  # of those copies, once, beforehand
    class_weights: str = "none"  # see `training.targets.class_weights`
    effective_beta: float = 0.999  # of "effective" class weights
    sampling: str = "shuffle"  # of the images of an epoch, see `training.sampling`
    focal_gamma: float = 0.0  # focal loss (Lin et al., 2017): (1 - p)^gamma before each log p
    logit_adjustment: float = 0.0  # tau: the loss sees logits + tau log(share of the class)
    mixup: float = 0.0  # alpha of the Beta distribution of the shares of two mixed images
    early_stopping: int = 0  # epochs without improvement before stopping; 0 never stops
    monitor: str = "validation_loss"  # watched by "plateau" and early stopping
    ema: float = 0.0  # decay per step of the averaged weights; 0 keeps none
    sam: float = 0.0  # radius of sharpness-aware minimisation (Foret et al., 2021); 0: without
    teachers: tuple[str, ...] = ()  # experiments whose mean probabilities are learned from
    teachers_share: float = 0.0  # of the loss, against the teachers; the labels have the other part
    teachers_temperature: float = 1.0  # divides the logits of both in that part of the loss
    recalibrate: bool = False  # measure batch norm's statistics again, see `recalibration`
    precision: str = "float32"  # "bf16": mixed, weights stay float32; GPUs convolve in TF32
    scaling: str = "standard"  # pixels in 0..1, those minus mean over std, or "pixels" 0..255
    stages: tuple[Stage, ...] = ()  # of a pre-trained network; their rates and epochs count
    train_on: str = "all"  # of the Training split
    evaluate_on: tuple[str, ...] = ("public_test", "private_test")
    views: tuple[str, ...] = ()  # "mirrored", "ten": read each split once more by these
    seed: int = 0

    def __post_init__(self) -> None:
        for name, allowed in CHOICES.items():
            if (given := getattr(self, name)) not in allowed:
                raise ValueError(f"{name}={given!r}: expected one of {', '.join(allowed)}")
        for name, least in LEAST.items():
            given = getattr(self, name)
            if not isinstance(given, Integral) or given < least:
                raise ValueError(f"{name}={given!r}: expected a whole number from {least}")
        if not 0 < self.learning_rate < float("inf") or not 0 < self.factor < 1:
            raise ValueError(
                "expected a learning_rate above 0 and a factor between 0 and 1, got "
                f"{self.learning_rate} and {self.factor}"
            )
        for name in ("warm_up", "label_smoothing", "ema", "momentum", "effective_beta"):
            if not 0 <= getattr(self, name) < 1:
                raise ValueError(f"{name}={getattr(self, name)}: expected 0 <= {name} < 1")
        for name in ("weight_decay", "focal_gamma", "logit_adjustment", "mixup", "sam"):
            if not 0 <= getattr(self, name) < float("inf"):
                raise ValueError(f"{name}={getattr(self, name)}: expected a number from 0")
        self._check_stages()
        self._check_teachers()
        if unknown_views := set(self.views) - (set(VIEWS) - {"plain"}):
            raise ValueError(f"views names {sorted(unknown_views)}: expected mirrored or ten")
        if unknown := set(self.evaluate_on) - set(EVALUATION_SPLITS):
            raise ValueError(f"evaluate_on names {sorted(unknown)}: expected {EVALUATION_SPLITS}")
        held_out = self.train_on != "all"
        if "validation" in self.evaluate_on and not held_out:
            raise ValueError('evaluate_on "validation" needs train_on "nine_tenths": "all" uses it')
        if (self.early_stopping or self.schedule == "plateau") and not held_out:
            raise ValueError(
                'early stopping and "plateau" watch the validation tenth: '
                'use train_on "nine_tenths" or "ten_thousand"'
            )

    def _check_stages(self) -> None:
        if not self.stages:
            return
        if self.epochs != (total := sum(stage.epochs for stage in self.stages)):
            raise ValueError(f"epochs={self.epochs}, but the stages have {total} together")
        if self.early_stopping or self.ema or self.teachers:
            raise ValueError(
                "stages run to their ends, without teachers: early_stopping, ema and teachers do "
                "not go with them"
            )
        if self.schedule == "plateau" and any(stage.warm_up for stage in self.stages):
            raise ValueError('a stage\'s warm_up does not go with the schedule "plateau"')

    def _check_teachers(self) -> None:
        if not 0 <= self.teachers_share <= 1 or self.teachers_temperature <= 0:
            raise ValueError(
                "expected a teachers_share from 0 to 1 and a temperature above 0, got "
                f"{self.teachers_share} and {self.teachers_temperature}"
            )
        if bool(self.teachers) != bool(self.teachers_share):
            raise ValueError("teachers and teachers_share are given together, or neither is")

    @property
    def readings(self) -> tuple[str, ...]:
        """Every evaluated split and, behind it, its views: "private_test", "private_test/ten"."""
        return tuple(
            name for one in self.evaluate_on for name in (one, *(f"{one}/{v}" for v in self.views))
        )

    @property
    def decoupled(self) -> bool:
        """Whether weights decay beside the gradient's step, not as a part of the gradient."""
        return self.optimizer in ("adamw", "muon")

    @property
    def torch_only(self) -> tuple[str, ...]:
        """The settings in use that the Keras loop has not."""
        return tuple(name for name in ("sam",) if getattr(self, name))

    def with_seed(self, seed: int) -> TrainConfig:
        """The same configuration with another seed."""
        return replace(self, seed=seed)

    def to_dict(self) -> dict:
        """Plain values for JSON. Fields at their default are left out, so that a field added
        later leaves older records valid."""
        plain = {}
        for entry in fields(self):
            value = getattr(self, entry.name)
            default = entry.default if entry.default is not MISSING else None
            if isinstance(value, Augment):
                value, default = value.to_dict(), {}
            if entry.name == "stages":
                value, default = [stage.to_dict() for stage in value], []
            if value != default:
                plain[entry.name] = list(value) if isinstance(value, tuple) else value
        return plain

    @classmethod
    def from_dict(cls, plain: dict) -> TrainConfig:
        """The configuration `to_dict` wrote. An unknown field is an error that names it."""
        known = {entry.name for entry in fields(cls)}
        if unknown := set(plain) - known:
            raise ValueError(f"unknown fields in a training configuration: {sorted(unknown)}")
        values = dict(plain)
        for name in {"augment", "rare_augment"} & set(values):
            values[name] = Augment.from_dict(values[name])
        if "stages" in values:
            values["stages"] = tuple(Stage(**stage) for stage in values["stages"])
        for name in {"evaluate_on", "teachers", "views"} & set(values):
            values[name] = tuple(values[name])
        return cls(**values)


def split_of(reading: str) -> str:
    """The split that a reading is of: "private_test" of "private_test/ten"."""
    return reading.partition("/")[0]
