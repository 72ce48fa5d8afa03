"""Finds that are no faces, as a reader of the photos noted them: a CSV with columns photo, face."""

from __future__ import annotations

from pathlib import Path

from fer_utils.faces.label_file import read_table


def read_rejected(file: Path | str) -> frozenset[tuple[str, int]]:
    """(photo, face) of each row; `photo` and `face` are those of `faces.csv`, more columns may be.

    Raises FileNotFoundError, or ValueError naming the row that is wrong.
    """
    found = set()
    for number, row in read_table(Path(file), ("photo", "face")):
        if not row["photo"] or not row["face"].isdigit():
            raise ValueError(
                f"{file}, row {number}: expected a photo and a face's number as in faces.csv, got "
                f"{row['photo']!r} and {row['face']!r}"
            )
        found.add((row["photo"], int(row["face"])))
    return frozenset(found)
