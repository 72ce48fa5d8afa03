"""The CSV file that keeps what raters named: appended row by row, read with every row checked.

Columns, a row an answer:

    benchmark  which faces: 12 hex digits of a hash over them and their labels
    rater      the name given, best a pseudonym
    face       1 to n in the order shown
    label      the data set's label
    answer     the class named
    seconds    from showing the face to the answer

Where a rater answered a face twice (after *undo*), the last row counts. Nothing else is stored: no
time of day, no address.
"""

from __future__ import annotations

import csv
import hashlib
import io
import os
from pathlib import Path

import numpy as np
import pandas as pd

from fer_utils.data.dataset import FaceDataset

COLUMNS = ("benchmark", "rater", "face", "label", "answer", "seconds")


def benchmark_of(faces: FaceDataset) -> str:
    """What tells one set of faces from another in the file: 12 hex digits."""
    digest = hashlib.sha256(np.ascontiguousarray(faces.images).tobytes())
    digest.update(faces.labels.tobytes() + ",".join(faces.classes).encode())
    return digest.hexdigest()[:12]


def start_file(file: Path) -> None:
    """Make the file with its header where it is not; raises OSError where that is impossible."""
    file.parent.mkdir(parents=True, exist_ok=True)
    with open(file, "ab", buffering=0) as stream:
        if stream.tell() == 0:
            _write(stream, _as_csv(COLUMNS))


def append_row(file: Path, row: tuple) -> None:
    """One row at the end of a file that `start_file` made, in a single write, flushed to disk.

    Raises OSError where it could not be written whole.
    """
    with open(file, "rb") as reader:
        reader.seek(-1, os.SEEK_END)
        torn = reader.read(1) != b"\n"  # a row that was cut off keeps its own line
    with open(file, "ab", buffering=0) as stream:
        _write(stream, b"\n" * torn + _as_csv(row))
        os.fsync(stream.fileno())


def read_answers(file: Path | str) -> pd.DataFrame:
    """The answers of all raters, columns as above, the last one of each rater and face.

    Raises FileNotFoundError, and ValueError naming the row that is damaged.
    """
    file = Path(file)
    if not file.is_file():
        raise FileNotFoundError(f"no answers at {file}; the labelling buttons write them there")
    lines = file.read_text(encoding="utf-8-sig").splitlines()
    if not lines or tuple(lines[0].split(",")) != COLUMNS:
        raise ValueError(f"{file}: expected the header {','.join(COLUMNS)}; name another file")
    rows = {}
    for number, row in enumerate(csv.reader(lines), start=1):
        if tuple(row) == COLUMNS:  # also further down, where two raters started at once
            continue
        try:
            benchmark, rater, face, label, answer, seconds = row
            key = (benchmark, rater, int(face))
            rows[key] = (*key, label, answer, float(seconds))
        except ValueError as error:
            raise ValueError(
                f"{file}, row {number}: expected {','.join(COLUMNS)}, got {','.join(row)!r}; "
                "delete that row, and the rater will be asked for the face again"
            ) from error
    return pd.DataFrame(list(rows.values()), columns=list(COLUMNS))


def answers_of(answers: pd.DataFrame, faces: FaceDataset) -> dict[str, np.ndarray]:
    """Each rater's classes int64 (n,) for these faces, -1 where not answered.

    Rows of other benchmarks are left out. Raises ValueError for an unknown class or face.
    """
    found: dict[str, np.ndarray] = {}
    for row in answers[answers.benchmark == benchmark_of(faces)].itertuples():
        if row.answer not in faces.classes or not 1 <= row.face <= len(faces):
            raise ValueError(
                f"{row.rater} named face {row.face} {row.answer!r}: expected faces 1 to "
                f"{len(faces)} and one of {', '.join(faces.classes)}; correct or delete the row"
            )
        named = found.setdefault(row.rater, np.full(len(faces), -1, np.int64))
        named[row.face - 1] = faces.classes.index(row.answer)
    return found


def median_seconds(answers: pd.DataFrame, faces: FaceDataset) -> dict[str, float]:
    """Each rater's median seconds an answer, of these faces."""
    mine = answers[answers.benchmark == benchmark_of(faces)]
    return mine.groupby("rater").seconds.median().to_dict()


def _write(stream: io.RawIOBase, content: bytes) -> None:
    written = stream.write(content)
    if written != len(content):
        raise OSError(
            f"only {written} of {len(content)} bytes of an answer were written: is the disk full? "
            "Make room and delete the last row of the file"
        )


def _as_csv(row: tuple) -> bytes:
    text = io.StringIO()
    csv.writer(text, lineterminator="\n").writerow(row)
    return text.getvalue().encode("utf-8")
