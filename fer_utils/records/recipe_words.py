"""Recipes in words, for the results page: settings, what a CPU does otherwise, and the source."""

from __future__ import annotations

from fer_utils.experiments.config import TrainConfig
from fer_utils.experiments.experiment import Experiment

_FIRST = ("epochs", "optimizer", "learning_rate")  # said first, in one breath
_UNSAID = ("seed", "evaluate_on")


def recipe_in_words(experiment: Experiment) -> str:
    """Configuration, shorter run without a GPU, source and assumptions, as sentences."""
    said = [f"{settings_in_words(experiment.config)}."]
    if experiment.on_cpu is not None:
        said.append(f"Without a GPU {without_gpu_in_words(experiment)}.")
    said += [f"From {citation(experiment.source)}."] if experiment.source else []
    said += [f"Our assumptions: {experiment.assumed}."] if experiment.assumed else []
    return " ".join(said)


def settings_in_words(config: TrainConfig) -> str:
    """The configuration in words: what it says beyond the defaults, the seed aside."""
    others = {k: v for k, v in config.to_dict().items() if k not in (*_FIRST, *_UNSAID)}
    first = f"{config.epochs} epochs, {_optimizer(config)}"
    if others.pop("stages", ()):
        first = f"{config.optimizer}, {', then '.join(map(str, config.stages))}"
    first += f", batches of {others.pop('batch_size', config.batch_size)}"
    teachers = [f"`{name}`" for name in others.pop("teachers", ())]
    words = [f"{_words(key)} {_word(value)}" for key, value in others.items()]
    words += [f"taught by {' and '.join(teachers)}"] if teachers else []
    return ", ".join([first, *words])


def without_gpu_in_words(experiment: Experiment) -> str:
    """What a machine without a GPU trains, as far as it differs from the configuration."""
    short, full = experiment.on_cpu, experiment.config
    precisions = dict.fromkeys((short.precision, full.precision))
    said = [f"{short.epochs} epochs in {' or '.join(precisions)}"]
    said += [_optimizer(short)] if _optimizer(short) != _optimizer(full) else []
    own, theirs = short.to_dict(), full.to_dict()
    for key in (key for key in {**theirs, **own} if key not in (*_FIRST, "precision")):
        value = own.get(key, getattr(short, key))  # left out: its default, often "without"
        if own.get(key) != theirs.get(key):
            there = key in own or (value and isinstance(value, str | int | float))
            said.append(f"{_words(key)} {_word(value)}" if there else f"no {_words(key)}")
    return ", ".join(said)


def citation(source: str) -> str:
    """ "zagreb, p. 5" -> a citation of the key before the comma, and the place."""
    key, _, place = source.partition(",")
    return f"{{cite}}`{key.strip()}`" + (f", {place.strip()}" if place else "")


def _optimizer(config: TrainConfig) -> str:
    return f"{config.optimizer} at {config.learning_rate:g}"


def _words(key: str) -> str:
    return key.replace("_", " ")


def _word(value: object) -> str:
    if isinstance(value, float):
        return f"{value:g}"
    if isinstance(value, list | tuple):
        return " to ".join(map(_word, value))
    if isinstance(value, dict):
        return f"({', '.join(f'{_words(name)} {_word(one)}' for name, one in value.items())})"
    return _words(str(value))
