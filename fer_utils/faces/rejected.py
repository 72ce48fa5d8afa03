"""Finds that are no faces, as a reader of the photos noted them: a CSV with columns photo, face."""

from __future__ import annotations

import csv
from pathlib import Path


def read_rejected(path: Path | str) -> frozenset[tuple[str, int]]:
    """(photo, face) of each row; `photo` and `face` are those of `faces.csv`, more columns may be.

    Raises FileNotFoundError, or ValueError naming the row that is wrong.
    """
    path = Path(path)
    if not path.is_file():
        raise FileNotFoundError(f"no list of rejected faces at {path}")
    found = set()
    try:
        with path.open(newline="", encoding="utf-8-sig") as file:
            table = csv.DictReader(file)
            if not {"photo", "face"} <= set(table.fieldnames or ()):
                raise ValueError(
                    f"{path}: expected the columns photo, face, got "
                    f"{', '.join(table.fieldnames or ()) or 'an empty file'}"
                )
            for row in table:
                if not (row["face"] or "").strip().isdigit():
                    raise ValueError(
                        f"{path}, line {table.line_num}: expected a face's number as in "
                        f"faces.csv, got {row['face']!r}"
                    )
                found.add((row["photo"].strip(), int(row["face"])))
    except (UnicodeDecodeError, csv.Error) as error:
        raise ValueError(f"{path}: not a CSV file in UTF-8: {error}") from error
    return frozenset(found)
