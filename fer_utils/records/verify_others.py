"""Verifying the records that are no run records: of action units, and of composed class photos.

As in `verify`, a problem is one line that names the file and the cure.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import numpy as np

from fer_utils.data.card import DataCard
from fer_utils.data.unit_faces import TESTED
from fer_utils.experiments import action_units
from fer_utils.experiments.action_units import UnitExperiment
from fer_utils.records import composed_photos, record_json, unit_record
from fer_utils.records.run_record import StaleRecord

PHOTOS_FOLDER = "class_photos"


def refused(folder: Path, read: Callable[[str], object]) -> list[str]:
    """What `read` says against the JSON files of a folder; it takes their names without ".json".

    For records that are read in a room above this one, such as `search.committed.recorded`.
    """
    said = {path: _refusal(read, path.stem) for path in _files(folder)}
    return [x if str(path) in x else f"{path}: {x}" for path, x in said.items() if x]


def unit_problems(folder: Path, card: DataCard) -> list[str]:
    """What is wrong with the records of action units, and files there that nobody asks for."""
    problems, wanted = [], set()
    for one in (*action_units.EXPERIMENTS.values(), action_units.CKPLUS):
        for seed in one.seeds:
            wanted.add(unit_record.place(one.name, seed, folder))
            if line := _refusal(_check_unit_record, one, seed, folder, card):
                problems.append(line)
    strange = sorted({*_files(folder / unit_record.FOLDER)} - wanted)
    if not problems and not strange:  # else some cannot be read
        strange = unit_record.unused_truths(folder)
    return problems + [f"{path}: no run of the course asks for it; delete it" for path in strange]


def _check_unit_record(one: UnitExperiment, seed: int, folder: Path, card: DataCard) -> None:
    """ValueError or StaleRecord for a record that does not count. Faces of FER2013 are known by
    their labels, as no fingerprint is kept."""
    found = unit_record.find(one, seed, folder)
    if found is None or "fer2013" not in one.faces.source:
        return
    if not np.array_equal(found.labels, card.labels_of(TESTED)):
        raise ValueError(
            f"{unit_record.place(one.name, seed, folder)}: its labels are not those of the data "
            f"card; delete it and make it again: {unit_record.command(seed)}"
        )


def photo_problems(folder: Path, card: DataCard, model: str) -> list[str]:
    """What is wrong with the measurements on composed class photos.

    model: the hash of the model that they should be of. The framing that photos are read with is
    known in `faces.read_composed` alone, which compares it.
    """

    def check(path: Path) -> None:
        made = json.loads(path.read_text(encoding="utf-8"))
        if made.pop("checksum") != record_json.checksum(made):
            raise ValueError("altered after it was written")
        if (made["model"], made["fingerprint"]) != (model, card.fingerprint):
            raise ValueError("of another model or other data")
        if path.stem != f"{made['dataset']}-{made['detector']}":
            raise ValueError(f"is the record of {made['dataset']} with {made['detector']}")

    cure = f"make it anew with `{composed_photos.COMMAND}`"
    return [
        f"{path}: {line}; {cure}"
        for path in _files(folder / PHOTOS_FOLDER)
        if (line := _refusal(check, path))
    ]


def _files(folder: Path) -> list[Path]:
    return sorted(folder.glob("*.json"))


def _refusal(read: Callable[..., object], *what: object) -> str:
    """What `read` raises, in one line; "" where it reads."""
    try:
        read(*what)
    except KeyError as error:
        return f"no entry {error}"
    except (ValueError, TypeError, AttributeError, StaleRecord) as error:
        return " ".join(str(error).split())
    return ""
