"""`EXPERIMENTS`: every experiment of the book by name, in the order of the tables."""

from __future__ import annotations

import difflib

from fer_utils.experiments.baseline import BASELINE
from fer_utils.experiments.compact import COMPACT
from fer_utils.experiments.copenhagen import COPENHAGEN
from fer_utils.experiments.dcnn import DCNN
from fer_utils.experiments.defaults import DEFAULTS
from fer_utils.experiments.experiment import Experiment
from fer_utils.experiments.honest import HONEST
from fer_utils.experiments.imbalance import IMBALANCE
from fer_utils.experiments.maastricht import MAASTRICHT
from fer_utils.experiments.pretrained import PRETRAINED_EXPERIMENTS
from fer_utils.experiments.zagreb import ZAGREB


def by_name(experiments: tuple[Experiment, ...]) -> dict[str, Experiment]:
    """The experiments by name. Raises ValueError when two have the same."""
    found: dict[str, Experiment] = {}
    for experiment in experiments:
        if experiment.name in found:
            raise ValueError(f"experiment {experiment.name} is listed twice")
        found[experiment.name] = experiment
    return found


EXPERIMENTS = by_name(
    (
        *(*BASELINE, *ZAGREB, *MAASTRICHT, *COPENHAGEN, *DEFAULTS, *DCNN),
        *(*PRETRAINED_EXPERIMENTS, *IMBALANCE, *COMPACT, *HONEST),
    )
)


def get(name: str) -> Experiment:
    """The experiment of that name. Raises ValueError that suggests near names."""
    if name not in EXPERIMENTS:
        near = difflib.get_close_matches(name, EXPERIMENTS, n=3)
        hint = f"near names: {', '.join(near)}" if near else "no name is like it"
        raise ValueError(f"no experiment {name!r}; {hint}; `train --list` shows all")
    return EXPERIMENTS[name]
