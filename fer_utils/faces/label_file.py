"""The table in which people say what the faces in group photos show: a row a face, columns

    photo      the picture's file, relative to the folder of the table
    x, y, w, h its box in pixels of the upright picture; a found box is near enough
    person     a name, best a pseudonym
    emotion    angry, disgust, fear, happy, sad, surprise or neutral

`write_labels` makes such a file from found boxes, with person and emotion left empty to be filled
in; a row whose emotion is empty is left out. The separator may be a comma or a semicolon.
"""

from __future__ import annotations

import csv
import io
import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from fer_utils.data.dataset import CLASSES
from fer_utils.faces.face_box import FaceBox
from fer_utils.paths import atomic_write

LABEL_COLUMNS = ("photo", "x", "y", "w", "h", "person", "emotion")
ALSO = {"anger": "angry", "disgusted": "disgust", "fearful": "fear", "afraid": "fear"}
ALSO |= {"happiness": "happy", "sadness": "sad", "surprised": "surprise"}


@dataclass(frozen=True)
class LabelledFace:
    """A face of a class photo and what it is said to show."""

    photo: Path
    person: str
    emotion: str  # one of CLASSES
    box: FaceBox | None = None  # None: the photo's largest face


def emotion_of(text: str) -> str:
    """One of CLASSES; also "surprised", "fearful" and the like, in any case. ValueError else."""
    name = text.strip().lower()
    name = ALSO.get(name, name)
    if name not in CLASSES:
        raise ValueError(f"emotion {text!r} is not one of {', '.join(CLASSES)}; name it so")
    return name


def read_labels(file: Path | str) -> tuple[list[LabelledFace], list[str]]:
    """The faces of a label file, and in words what is wrong with the other rows and how to cure it.

    Raises FileNotFoundError, and ValueError for a file that is no such table.
    """
    file = Path(file)
    faces, problems, seen = [], [], {}
    for number, row in read_table(file, LABEL_COLUMNS):
        if not row["emotion"]:
            continue
        try:
            face = _labelled(file.parent, row)
        except ValueError as error:
            problems.append(f"{file.name}, row {number}: {error}")
            continue
        key = (face.photo, face.box)
        if key in seen:
            problems.append(f"{file.name}, row {number}: the same box as row {seen[key]}; keep one")
        seen[key] = number
        faces.append(face)
    return faces, problems


def write_labels(file: Path | str, boxes: Mapping[str, Sequence[FaceBox]]) -> Path:
    """A label file with a row for each found box of each photo, to be filled in by hand.

    Raises FileExistsError where the file is: what somebody filled in is never written over.
    """
    file = Path(file)
    if file.exists():
        raise FileExistsError(f"{file} is there already; move it away, or fill it in")
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(LABEL_COLUMNS)
    for photo, found in boxes.items():
        for box in found:
            writer.writerow((photo, *(f"{v:.0f}" for v in (box.x, box.y, box.w, box.h)), "", ""))
    atomic_write(file, text.getvalue().encode("utf-8"))
    return file


def read_table(file: Path, columns: Sequence[str]) -> list[tuple[int, dict[str, str]]]:
    """Rows of a CSV with their row numbers, the header being 1; separated by comma or semicolon.

    Raises FileNotFoundError, and ValueError for a missing column or a file that is no UTF-8.
    """
    if not file.is_file():
        raise FileNotFoundError(f"no file {file}; it needs the columns {','.join(columns)}")
    try:
        text = file.read_text(encoding="utf-8-sig")
    except UnicodeDecodeError as error:
        raise ValueError(f"{file} is no UTF-8 text; save it as CSV UTF-8") from error
    head = text.split("\n", 1)[0]
    reader = csv.DictReader(io.StringIO(text), delimiter=";" if ";" in head else ",")
    reader.fieldnames = [name.strip().lower() for name in reader.fieldnames or ()]
    if missing := [name for name in columns if name not in reader.fieldnames]:
        raise ValueError(f"{file}, row 1: no column {', '.join(missing)}; it has {head.strip()!r}")
    return [
        (reader.line_num, {name: (row[name] or "").strip() for name in columns})
        for row in reader
        if any((value or "").strip() for value in row.values() if not isinstance(value, list))
    ]


def _labelled(folder: Path, row: Mapping[str, str]) -> LabelledFace:
    path = folder / row["photo"]
    if not row["photo"] or not path.is_file():
        raise ValueError(f"no photo {row['photo']!r} in {folder}; correct the name")
    sides = []
    for name in "xywh":
        try:
            sides.append(float(row[name].replace(",", ".")))
        except ValueError:
            sides.append(math.nan)
        if not math.isfinite(sides[-1]):
            raise ValueError(f"{name} is {row[name]!r}, expected pixels; correct it")
    if not row["person"]:
        raise ValueError("no person; give a name, best a pseudonym")
    return LabelledFace(path, row["person"], emotion_of(row["emotion"]), FaceBox(*sides, 1.0))
