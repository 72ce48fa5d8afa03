"""The summaries of searches in `results/searches`: whether they are current, and the commands that
make them."""

from __future__ import annotations

import json
import shlex
from collections.abc import Mapping
from pathlib import Path

from fer_utils import experiments
from fer_utils.data.card import load_card
from fer_utils.experiments.config import TrainConfig
from fer_utils.experiments.experiment import Experiment
from fer_utils.experiments.recipes import SHARED_BUDGET
from fer_utils.paths import results_dir
from fer_utils.records.run_record import StaleRecord
from fer_utils.search import summary
from fer_utils.search.space import DEFAULT
from fer_utils.search.study import study_file
from fer_utils.search.trial import budget


def config_of(chosen: Experiment, seed: int, epochs: int, gpu: bool) -> TrainConfig:
    """What the trials of a machine with a GPU, or without one, start from."""
    train_on = "nine_tenths" if gpu else "ten_thousand"
    return budget(chosen.config_on(gpu).with_seed(seed), epochs, train_on)


def recorded(study: str) -> dict | None:
    """The committed summary of a study, None where there is none.

    Raises StaleRecord where network, settings or data are no longer those of its experiment, or the
    epochs not those of all sweeps.
    """
    path = results_dir() / "searches" / f"{study}.json"
    if not path.is_file():
        return None
    found = summary.read(path)
    chosen, made = experiments.get(found["experiment"]), found["config"]
    either = [config_of(chosen, found["seed"], SHARED_BUDGET.epochs, gpu) for gpu in (False, True)]
    same = {
        "network": found["spec"] == json.loads(json.dumps(chosen.spec.to_dict())),
        "configuration": made in [json.loads(json.dumps(one.to_dict())) for one in either],
        "data set": found["fingerprint"] == load_card().fingerprint,
    }
    if differs := [name for name, is_same in same.items() if not is_same]:
        raise StaleRecord(
            f"{path} is stale: made with another {', '.join(differs)}. Make it again in its "
            f"place, {study_file(study)} deleted where it is there: {_again(found, path)}"
        )
    return found


def _again(found: Mapping, path: Path) -> str:
    """The command that makes the summary at `path` again, a space of its own read from there."""
    own_space = found["space"] != DEFAULT.to_dict()
    return command_line(
        found["experiment"],
        trials=len(found["trials"]),
        space=shlex.quote(str(path)) if own_space else None,
        folds=int(found["scored_on"].split()[0]) if "folds" in found["scored_on"] else 0,
        framework=found["framework"],
        seed=found["seed"],
        study=found["study"],
        ray=found.get("ray", False),
        force=True,
    )


def command_line(experiment: str, **options: object) -> str:
    """The command that makes a search; options that are None, 0 or False are left out."""
    words = [f"--{name}" if given is True else f"--{name} {given}"
             for name, given in options.items() if given]  # fmt: skip
    return " ".join(["python -m fer_utils search", experiment, *words])
