"""`SearchSpace`: which settings a search may change, and between which values. Plain data.

As JSON, and as a dictionary: name -> a list of choices, or a range.

    {"learning_rate": {"low": 1e-4, "high": 1e-2, "log": true}, "optimizer": ["sgd", "adam"],
     "augment.rotation": {"low": 0, "high": 15}, "network.dropout": [0.0, 0.25, 0.5]}

A name is a field of `TrainConfig`; `augment.<field>` is one of `Augment`; `network.<field>` sets
`dropout`, `l2` or `activation` in every layer of the network that has it. Both ends of a range can
be drawn. Where both are whole numbers and so is the field, only whole numbers are. What the shared
budget of a search fixes (epochs, seed, what is trained and evaluated on) cannot be in a space.
"""

from __future__ import annotations

import difflib
import json
import math
from collections.abc import Mapping
from dataclasses import dataclass, fields, replace
from pathlib import Path

from fer_utils.data.augment import Augment
from fer_utils.experiments.config import TrainConfig
from fer_utils.models.layers import Act, Conv, Dense, Dropout, Layer, Residual
from fer_utils.models.spec import NetSpec

FIXED = ("epochs", "seed", "train_on", "evaluate_on", "early_stopping", "monitor", "augment")
NETWORK = {"dropout": (Dropout, "rate"), "l2": (Conv | Dense, "l2"), "activation": (Act, "name")}
DIGITS = 4  # of a drawn number: what is tried is what is printed


@dataclass(frozen=True)
class Range:
    """Numbers from `low` to `high`, drawn evenly, or evenly in their logarithm."""

    low: float
    high: float
    log: bool = False

    def to_dict(self) -> dict:
        """Plain values for JSON."""
        return {"low": self.low, "high": self.high} | ({"log": True} if self.log else {})


@dataclass(frozen=True)
class SearchSpace:
    """name -> a Range, or a tuple of choices. Checked when made."""

    entries: Mapping[str, Range | tuple]

    def __post_init__(self) -> None:
        if not self.entries:
            raise ValueError("a search space needs at least one setting")
        for name, entry in self.entries.items():
            _check_name(name)
            _check_entry(name, entry)

    @classmethod
    def from_dict(cls, plain: Mapping) -> SearchSpace:
        """The space a dictionary or JSON file describes (see the head of this file)."""
        if not isinstance(plain, Mapping):
            raise ValueError(f"expected a search space as an object {{name: ...}}, got {plain!r}")
        return cls({name: _entry(name, value) for name, value in plain.items()})

    @classmethod
    def read(cls, path: str | Path) -> SearchSpace:
        """The space in a JSON file, its own or that of a study's summary. Raises ValueError naming
        the file."""
        try:
            plain = json.loads(Path(path).read_text(encoding="utf-8"))
            return cls.from_dict(plain.get("space", plain) if isinstance(plain, dict) else plain)
        except ValueError as error:
            raise ValueError(f"{path}: {error}") from error

    def to_dict(self) -> dict:
        """What `from_dict` reads."""
        return {
            name: entry.to_dict() if isinstance(entry, Range) else list(entry)
            for name, entry in self.entries.items()
        }

    def check(self, spec: NetSpec, config: TrainConfig) -> None:
        """Raise ValueError naming the first value that network or configuration refuses."""
        for name, entry in self.entries.items():
            ends = (entry.low, entry.high) if isinstance(entry, Range) else entry
            for value in ends:
                try:
                    apply(spec, config, {name: value})
                except (ValueError, TypeError) as error:
                    raise ValueError(f"search space, {name}: {error}") from error

    def own(self, spec: NetSpec, config: TrainConfig) -> dict:
        """The values that network and configuration have now, of the settings in the space."""
        found = {}
        for name in self.entries:
            group, _, field = name.rpartition(".")
            if group == "network":
                kind, attribute = NETWORK[field]
                layers = [placed.layer for placed in spec.placed]
                values = {getattr(x, attribute) for x in layers if isinstance(x, kind)}
                if len(values) == 1:  # layers that differ have no one value
                    found[name] = values.pop()
            else:
                found[name] = getattr(config.augment if group else config, field)
        return found

    def holds(self, name: str, value: object) -> bool:
        """Whether the space can draw that value of a setting."""
        entry = self.entries[name]
        return entry.low <= value <= entry.high if isinstance(entry, Range) else value in entry

    def draw(self, trial) -> dict:
        """Settings of one trial, drawn by an Optuna trial."""
        drawn = {}
        for name, entry in self.entries.items():
            if not isinstance(entry, Range):
                drawn[name] = trial.suggest_categorical(name, list(entry))
            elif _whole(name) and isinstance(entry.low, int) and isinstance(entry.high, int):
                drawn[name] = trial.suggest_int(name, entry.low, entry.high, log=entry.log)
            else:
                value = trial.suggest_float(name, entry.low, entry.high, log=entry.log)
                drawn[name] = min(max(rounded(value), entry.low), entry.high)
        return drawn


def apply(spec: NetSpec, config: TrainConfig, settings: Mapping) -> tuple[NetSpec, TrainConfig]:
    """The network and the configuration with drawn settings in place of their own.

    Raises ValueError for a network without any layer of a `network.<field>`.
    """
    plain, augment = {}, {}
    for name, value in settings.items():
        group, _, field = name.rpartition(".")
        if group == "network":
            spec = _with_layers(spec, field, value)
        else:
            (augment if group else plain)[field] = value
    return spec, replace(config, **plain, augment=replace(config.augment, **augment))


def rounded(value: float) -> float:
    """A number as it is tried, printed and stored."""
    return float(f"{value:.{DIGITS}g}")


def _with_layers(spec: NetSpec, field: str, value: object) -> NetSpec:
    """The network with one attribute set in all layers that have it."""
    kind, attribute = NETWORK[field]

    def changed(layers: tuple[Layer, ...]) -> tuple[Layer, ...]:
        return tuple(
            replace(layer, body=changed(layer.body), shortcut=changed(layer.shortcut))
            if isinstance(layer, Residual)
            else replace(layer, **{attribute: value})
            if isinstance(layer, kind)
            else layer
            for layer in layers
        )

    if not any(isinstance(placed.layer, kind) for placed in spec.placed):
        raise ValueError(f"{spec.name} has no layer with a {field}")
    return replace(spec, layers=changed(spec.layers))


def _known() -> list[str]:
    """Every name a space may have."""
    own = [entry.name for entry in fields(TrainConfig) if entry.name not in FIXED]
    augment = [f"augment.{entry.name}" for entry in fields(Augment)]
    return own + augment + [f"network.{name}" for name in NETWORK]


def _whole(name: str) -> bool:
    return any(entry.name == name and type(entry.default) is int for entry in fields(TrainConfig))


def _check_name(name: str) -> None:
    if name in FIXED:
        raise ValueError(
            f"search space: {name!r} cannot be searched: the budget, the same for all trials, "
            "fixes it"
        )
    if name not in (known := _known()):
        near = difflib.get_close_matches(name, known, n=3) or known
        raise ValueError(f"search space: unknown setting {name!r}; near names: {', '.join(near)}")


def _check_entry(name: str, entry: Range | tuple) -> None:
    if not isinstance(entry, Range):
        if not entry:
            raise ValueError(f"search space, {name}: no choices")
        for value in entry:
            if not isinstance(value, str | int | float | bool | None):
                raise ValueError(f"search space, {name}: {value!r} is no plain value")
        return
    for end in (entry.low, entry.high):
        if isinstance(end, bool) or not isinstance(end, int | float) or not math.isfinite(end):
            raise ValueError(f"search space, {name}: expected a number, got {end!r}")
    if entry.low >= entry.high:
        raise ValueError(
            f"search space, {name}: the range from {entry.low:g} to {entry.high:g} is empty; "
            "low must be below high"
        )
    if entry.log and entry.low <= 0:
        raise ValueError(f"search space, {name}: a log range must start above 0")


def _entry(name: str, value: object) -> Range | tuple:
    if isinstance(value, list | tuple):
        return tuple(value)
    if isinstance(value, Mapping):
        if {"low", "high"} <= set(value) <= {"low", "high", "log"}:
            return Range(value["low"], value["high"], bool(value.get("log", False)))
        raise ValueError(
            f"search space, {name}: expected low, high and perhaps log, got {sorted(value)}"
        )
    raise ValueError(f"search space, {name}: expected a list or an object, got {value!r}")


# Wide enough for the settings of every report, but for a weight decay of 0, which no logarithmic
# range holds: where a report has none, trial 0 draws a decay and its note says so. A space of your
# own with "weight_decay": [0.0, 1e-4, 1e-2] tries 0 as well.
DEFAULT = SearchSpace(
    {
        "learning_rate": Range(1e-5, 3e-2, log=True),
        "weight_decay": Range(1e-7, 1e-1, log=True),
        "batch_size": (32, 64, 128, 256),
        "label_smoothing": Range(0.0, 0.2),
        "optimizer": ("sgd", "adam", "adamw", "nadam"),
        "schedule": ("constant", "cosine", "one_cycle"),
    }
)
