"""How long each chapter takes: to run, as `benchmarks/chapters.py` measured it, and to train."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from pathlib import Path

import pandas as pd

from fer_utils.experiments import action_units
from fer_utils.experiments.experiment import Experiment
from fer_utils.paths import results_dir
from fer_utils.records import effort, unit_record
from fer_utils.records.run_record import RunRecord, check_current, find
from fer_utils.records.table_cells import markdown_table
from fer_utils.records.unit_record import UnitRecord

PROFILES = ("recorded", "smoke")
UNITS_CHAPTER = "12"


def times_file(folder: str | Path | None = None) -> Path:
    """Where the measurement is kept."""
    return Path(folder or results_dir()) / "benchmarks" / "chapters.json"


def chapter_times(
    experiments: Mapping[str, Experiment], folder: str | Path | None = None
) -> tuple[str, pd.DataFrame] | None:
    """The hardware, and a row a chapter; None where nothing was measured.

    Columns: recorded and smoke (seconds of the notebook), runs (those that its full profile makes),
    made (how many of them are recorded) and minutes (of training, of the recorded ones together).
    Raises ValueError for a damaged file, StaleRecord for a record that is not current.
    """
    path = times_file(folder)
    if not path.is_file():
        return None
    try:
        measured = json.loads(path.read_text())
        table = pd.DataFrame.from_dict(measured["seconds"], orient="index")[list(PROFILES)]
        table = table.assign(runs=0, made=0, minutes=0.0)
        hardware = measured["hardware"]
    except (json.JSONDecodeError, KeyError, TypeError) as error:
        command = "python benchmarks/chapters.py"
        raise ValueError(f"{path}: not a measurement; make it again with `{command}`") from error
    for chapter, record in _runs(experiments, folder):
        if chapter in table.index:
            minutes = effort.minutes(record) if record else 0.0
            table.loc[chapter, ["runs", "made", "minutes"]] += (1, bool(record), minutes)
    return hardware, table


def _runs(
    experiments: Mapping[str, Experiment], folder: str | Path | None
) -> Iterator[tuple[str, RunRecord | UnitRecord | None]]:
    """The chapter of every run of an experiment, and its record where there is one; StaleRecord
    where that is of another network or other settings now. Whose pictures it read is not asked."""
    for one in experiments.values():
        for framework in one.frameworks:
            for seed in one.seeds:
                record = find(one.name, framework, seed, folder)
                if record is not None:
                    check_current(record, one)
                yield one.chapter, record
    for unit in action_units.EXPERIMENTS.values():
        for seed in unit.seeds:
            yield UNITS_CHAPTER, unit_record.find(unit, seed, folder)


def in_markdown(experiments: Mapping[str, Experiment], folder: str | Path | None = None) -> str:
    """A section of the results page; "" where nothing was measured."""
    if (found := chapter_times(experiments, folder)) is None:
        return ""
    hardware, table = found
    header = ["Chapter", "*recorded*, s", "*smoke*, s", "Runs", "Recorded", "Minutes of these"]
    lines = [
        [name, f"{row.recorded:.0f}", f"{row.smoke:.0f}", f"{row.runs:.0f}", f"{row.made:.0f}"]
        + [f"{row.minutes:,.0f}" if row.made else "–"]
        for name, row in table.iterrows()
    ]
    said = (
        f"Seconds of the notebook in two profiles on {hardware}; then how many runs its "
        "experiments have with all seeds, how many of these are recorded, and how long they "
        "trained."
    )
    table = markdown_table(header, lines, "lrrrrr")
    return f"## How long the chapters take\n\n{said}\n\n{table}\n"
