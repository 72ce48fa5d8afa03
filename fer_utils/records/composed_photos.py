"""What came of reading composed class photos: which faces were found, and what was read in them.

The record holds classes, never accuracies: every figure is computed from it. One file a data set
and detector, in `results/class_photos/`. Conventions: n true faces in the order of the photos;
classes are int64 (n,), -1 where the face was not found.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, fields
from pathlib import Path

import numpy as np
import pandas as pd

from fer_utils.metrics.classification import with_interval
from fer_utils.metrics.paired import PairedDifference, paired_difference
from fer_utils.paths import atomic_write, results_dir
from fer_utils.records.record_json import checksum, dumps

COMMAND = "python -m fer_utils run --profile full --only 09"
MISSED = "."  # in the file, where a class is a digit
TURNS = (0, 10, 20, 90)  # degrees: bounds of the groups of heads by their turn


@dataclass(frozen=True)
class Framing:
    """How a face was cut out of the photo."""

    margin: float  # side of the square, over the longer side of the box
    aligned: bool  # turned so that the eyes are level

    def __str__(self) -> str:
        return f"{self.margin:g} {'aligned' if self.aligned else 'upright'}"

    @classmethod
    def parse(cls, text: str) -> Framing:
        margin, kind = text.split()
        return cls(float(margin), {"aligned": True, "upright": False}[kind])


@dataclass(frozen=True, eq=False)
class ComposedPhotos:
    """One measurement; `usual` is the framing that the package reads photos with."""

    dataset: str
    fingerprint: str  # of the data set that the faces are from
    model: str  # its `model_answers.model_hash`
    detector: str
    settings: dict  # photos, pupils, face (pixels), turn (degrees), seed
    classes: tuple[str, ...]
    labels: np.ndarray
    turns: np.ndarray  # int64 (n,), degrees, positive clockwise
    alone: np.ndarray  # what is read in each face before it was pasted
    framings: dict[Framing, np.ndarray]  # what is read in it as cut out of the photo
    usual: Framing
    false_faces: int  # boxes that are no true face, in all photos
    hardware: str

    @property
    def read(self) -> np.ndarray:
        """What is read with the usual framing."""
        return self.framings[self.usual]

    @property
    def found(self) -> np.ndarray:
        """bool (n,)."""
        return self.read >= 0

    def save(self, path: Path | None = None) -> Path:
        """Write the record; default: its own place below `results_dir()`."""
        path = path or record_file(self.dataset, self.detector)
        content = {one.name: getattr(self, one.name) for one in fields(self)}
        content["usual"] = str(self.usual)
        content["framings"] = {str(key): _packed(read) for key, read in self.framings.items()}
        content |= {"labels": _packed(self.labels), "alone": _packed(self.alone)}
        content["turns"] = " ".join(map(str, self.turns.tolist()))
        atomic_write(path, dumps(content).encode("utf-8"))
        return path


def record_file(dataset: str, detector: str) -> Path:
    """Where the measurement with that data set and detector is kept."""
    return results_dir() / "class_photos" / f"{dataset}-{detector}.json"


def load(dataset: str, detector: str, **expected: object) -> ComposedPhotos | None:
    """The recorded measurement, None where it was never made.

    expected: fields and the values that they must have. Raises ValueError for a damaged file and
    for a record made otherwise than expected; both name the command that makes it anew.
    """
    path = record_file(dataset, detector)
    if not path.is_file():
        return None
    try:
        content = json.loads(path.read_text(encoding="utf-8"))
        if content.pop("checksum") != checksum(content):
            raise ValueError("its checksum is another one")
        content["usual"] = Framing.parse(content["usual"])
        content["framings"] = {
            Framing.parse(key): _unpacked(read) for key, read in content["framings"].items()
        }
        content |= {name: _unpacked(content[name]) for name in ("labels", "alone")}
        content["turns"] = np.array([int(turn) for turn in content["turns"].split()], np.int64)
        found = ComposedPhotos(**{**content, "classes": tuple(content["classes"])})
    except (ValueError, KeyError, TypeError, AttributeError) as error:
        raise ValueError(f"{path}: damaged ({error}); make it anew with `{COMMAND}`") from error
    for name, value in expected.items():
        if getattr(found, name) != value:
            raise ValueError(
                f"{path} is stale: its {name} is {getattr(found, name)}, and now it is {value}; "
                f"make it anew with `{COMMAND}`"
            )
    return found


def recall(record: ComposedPhotos) -> tuple[float, float, float]:
    """Share of the faces that were found, and its 95% interval."""
    return share(record.found)


def accuracies(record: ComposedPhotos) -> dict[str, tuple[float, float, float]]:
    """Accuracy and 95% interval of the faces alone, of the found ones cut out of the photos, and
    end to end, where a missed face is a wrong one. None of a name where no face was found."""
    right, alone = record.read == record.labels, record.alone == record.labels
    rows = {"alone, all faces": alone, "end to end, all faces": right}
    if record.found.any():
        rows |= {
            "alone, faces found": alone[record.found],
            "from the photo, faces found": right[record.found],
        }
    order = ("alone, all faces", "alone, faces found", "from the photo, faces found")
    return {name: share(rows[name]) for name in (*order, "end to end, all faces") if name in rows}


def cost(record: ComposedPhotos) -> PairedDifference:
    """Accuracy from the photo minus alone, on the faces found. ValueError where none was."""
    return framing_difference(record, record.read, record.alone)


def framing_difference(
    record: ComposedPhotos, first: np.ndarray, second: np.ndarray
) -> PairedDifference:
    """Accuracy of the first reading minus that of the second, on the faces found."""
    rows = np.flatnonzero(record.found)
    if not len(rows):
        raise ValueError(f"{record.detector} found none of {len(record.labels)} faces")
    return paired_difference(record.labels[rows], first[rows], second[rows])


def by_margin(record: ComposedPhotos) -> dict[str, dict[float, tuple[float, float, float]]]:
    """Accuracy and interval on the faces found, by alignment and margin, for `plots.sweep`."""
    lines: dict[str, dict[float, tuple[float, float, float]]] = {}
    for framing, read in record.framings.items():
        name = "eyes levelled" if framing.aligned else "as it stands"
        right = (read == record.labels)[record.found]
        lines.setdefault(name, {})[framing.margin] = share(right)
    return lines


def by_turn(record: ComposedPhotos) -> pd.DataFrame:
    """Worth of alignment at the usual margin, by how far the head is turned: faces found, accuracy
    as it stands and with the eyes levelled, and their paired difference with its interval."""
    reads = {
        aligned: record.framings[Framing(record.usual.margin, aligned)] for aligned in (False, True)
    }
    rows = {}
    for low, high in zip(TURNS, TURNS[1:], strict=False):
        turned = np.abs(record.turns)
        group = np.flatnonzero(record.found & (turned >= low) & (turned < high))
        if not len(group):
            continue
        labels = record.labels[group]
        made = paired_difference(labels, reads[True][group], reads[False][group])
        name = f"{low}° or more" if high == TURNS[-1] else f"{low} to {high}°"
        stands, levelled = (float((reads[k][group] == labels).mean()) for k in (False, True))
        rows[name] = (len(group), stands, levelled, made.difference, made.low, made.high)
    columns = ["faces", "as it stands", "eyes levelled", "difference", "low", "high"]
    return pd.DataFrame.from_dict(rows, orient="index", columns=columns)


def label_shares(answers: Mapping[str, np.ndarray], classes: int) -> dict[str, np.ndarray]:
    """Share of each class among answers (those at -1 left out), float (K,) a name."""
    return {
        name: np.bincount(given[given >= 0], minlength=classes) / max(1, (given >= 0).sum())
        for name, given in answers.items()
    }


def share(right: np.ndarray) -> tuple[float, float, float]:
    """Share of True in bool (n,), and its 95% Wilson interval."""
    return with_interval(float(np.mean(right)), len(right))


def _packed(classes: np.ndarray) -> str:
    return "".join(MISSED if k < 0 else str(k) for k in classes.tolist())


def _unpacked(text: str) -> np.ndarray:
    return np.array([-1 if k == MISSED else int(k) for k in text], np.int64)
