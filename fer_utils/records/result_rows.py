"""From run records to rows: reported, as reported and ours, side by side.

Conventions:

- a row stands for one network, framework, class set and split; "test" is both test splits
  together, PublicTest first;
- accuracies are fractions, computed from stored predictions and the labels of the data card;
- the mean over seeds is rounded to whole images for its 95% Wilson interval at n images;
- a record that no longer matches its experiment or the data raises `run_record.StaleRecord`.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pandas as pd

from fer_utils.data.card import DataCard, load_card
from fer_utils.experiments import EXPERIMENTS
from fer_utils.experiments.experiment import Experiment
from fer_utils.metrics import classification
from fer_utils.records import effort, run_record
from fer_utils.records.against_card import accuracy_of, has_split, scores, truth
from fer_utils.records.families import (
    AS_REPORTED,
    OURS,
    RECIPES,
    Experiments,
    Family,
    families,
)
from fer_utils.records.run_record import RunRecord, check_current, made_on_cpu, of_one_recipe

SPLITS = ("public_test", "private_test", "test")


@dataclass(frozen=True)
class Row:
    """One line of the results; None where nothing was reported or run.

    `experiment` is the name without its recipe; `as_reported_epochs` and `ours_epochs` are "30 of
    120" where a CPU ran fewer epochs than the recipe has; `taught` says whether runs of *ours* had
    teachers; `low`, `high`, `ours_leak_free`, `seeds`, `hardware` and `minutes` (mean per seed)
    describe `ours`.
    """

    experiment: str
    network: str
    report: str
    framework: str
    classes: tuple[str, ...]
    split: str
    n: int
    reported: float | None
    as_reported: float | None
    as_reported_epochs: str | None
    ours: float | None
    ours_epochs: str | None
    taught: bool
    low: float | None
    high: float | None
    ours_leak_free: float | None
    seeds: int | None
    hardware: str | None
    minutes: float | None


def rows(
    folder: str | Path | None = None,
    card: DataCard | None = None,
    experiments: Experiments | None = None,
) -> list[Row]:
    """All rows, those of networks not run yet among them.

    folder: of the records (default `results_dir()`). card: of the data (default `load_card()`).
    experiments: by name (default `EXPERIMENTS`). Raises StaleRecord and RecordError.
    """
    card = load_card() if card is None else card
    found = []
    for family in families(experiments):
        for framework in family.frameworks:
            runs = {
                recipe: current_records(experiment, framework, folder, card)
                for recipe, experiment in family.recipes.items()
            }
            found += [_row(family, framework, split, runs, card) for split in SPLITS]
    return found


def ablation_rows(
    folder: str | Path | None = None,
    card: DataCard | None = None,
    experiments: Experiments | None = None,
) -> pd.DataFrame:
    """Sweeps and ablations: one row per experiment of any other recipe, framework and split.

    Columns: network, recipe, framework, classes (their number), split, n, accuracy, low, high,
    balanced_accuracy, macro_f1, seeds, minutes, hardware; means over seeds, NaN where not run.
    """
    card = load_card() if card is None else card
    found = []
    for experiment in (EXPERIMENTS if experiments is None else experiments).values():
        if experiment.recipe in RECIPES:
            continue
        for framework in experiment.frameworks:
            records = current_records(experiment, framework, folder, card)
            for split in experiment.config.evaluate_on:
                found.append(_ablation(experiment, framework, split, records, card))
    columns = "network recipe framework classes split n accuracy low high balanced_accuracy"
    return pd.DataFrame(
        found, columns=[*columns.split(), "macro_f1", "seeds", "minutes", "hardware"]
    )


def current_records(
    experiment: Experiment, framework: str, folder: str | Path | None, card: DataCard
) -> list[RunRecord]:
    """The records of an experiment's seeds in a framework, all of one recipe; StaleRecord if one is
    not current. Those of other seeds, which a reader may make, are in no table."""
    found = (run_record.find(experiment.name, framework, s, folder) for s in experiment.seeds)
    records = [record for record in found if record is not None]
    for record in records:
        check_current(record, experiment, card.fingerprint)
    return of_one_recipe(records, experiment)


def _row(
    family: Family, framework: str, split: str, runs: dict[str, list[RunRecord]], card: DataCard
) -> Row:
    own = [record for record in runs.get(OURS, []) if has_split(record, split)]
    theirs = [record for record in runs.get(AS_REPORTED, []) if has_split(record, split)]
    n = len(truth(card, split, family.classes))
    mean, low, high = _with_interval([accuracy_of(record, split, card) for record in own], n)
    return Row(
        experiment=family.name,
        network=family.network,
        report=family.report,
        framework=framework,
        classes=family.classes,
        split=split,
        n=n,
        reported=family.reported(split),
        as_reported=_mean([accuracy_of(record, split, card) for record in theirs]),
        as_reported_epochs=_shorter(family.recipes.get(AS_REPORTED), theirs),
        ours=mean,
        ours_epochs=_shorter(family.recipes.get(OURS), own),
        taught=any(record.config.get("teachers") for record in own),
        low=low,
        high=high,
        ours_leak_free=_mean([accuracy_of(record, split, card, clean=True) for record in own]),
        **_effort(own),
    )


def _shorter(experiment: Experiment | None, records: list[RunRecord]) -> str | None:
    """ "30 of 120" where records of fewer epochs than the recipe's stand in for it."""
    if not any(made_on_cpu(record, experiment) for record in records):
        return None
    run, asked = experiment.on_cpu.epochs, experiment.config.epochs
    return f"{run} of {asked}" if run < asked else None


def _ablation(
    experiment: Experiment, framework: str, split: str, records: list[RunRecord], card: DataCard
) -> dict:
    found = scores(records, split, card)
    n = len(truth(card, split, experiment.classes))
    mean, low, high = _with_interval([score.accuracy for score in found], n)
    return {
        "network": experiment.network,
        "recipe": experiment.recipe,
        "framework": framework,
        "classes": len(experiment.classes),
        "split": split,
        "n": n,
        "accuracy": mean,
        "low": low,
        "high": high,
        "balanced_accuracy": _mean([score.balanced_accuracy for score in found]),
        "macro_f1": _mean([score.macro_f1 for score in found]),
        **_effort(records),
    }


def _effort(records: list[RunRecord]) -> dict:
    """How many seeds, on what, and how long each took."""
    minutes = _mean([effort.minutes(record) for record in records])
    return {
        "seeds": len(records) or None,
        "hardware": "; ".join(dict.fromkeys(record.hardware for record in records)) or None,
        "minutes": None if minutes is None else round(minutes, 2),
    }


def _mean(values: list[float]) -> float | None:
    return float(np.mean(values)) if values else None


def _with_interval(accuracies: list[float], n: int) -> tuple[float | None, ...]:
    mean = _mean(accuracies)
    return (None, None, None) if mean is None else classification.with_interval(mean, n)
