"""How a run record looks as text: readable JSON, one short value or table row on a line.

A history is a table, its column names once and one line per epoch:
{"columns": ["epoch", "train_loss"], "rows": [[1, 1.84], [2, 1.71]]}; null where a row lacks one.
NaN and infinite numbers are refused. `checksum` is over the values, not over the layout.
"""

from __future__ import annotations

import hashlib
import json
import math
from typing import Any

import numpy as np

LINE = 100  # characters: a value that fits is put on one line
DIGITS = 6  # significant digits of measured floats


def rounded(value: float, digits: int = DIGITS) -> float:
    """The value to that many significant digits."""
    return float(f"{float(value):.{digits}g}")


def plain(value: Any) -> Any:
    """The value as JSON gives it back: tuples as lists, numpy scalars as Python numbers.

    Raises ValueError naming the place of a NaN or infinite number.
    """
    return _plain(value, "")


def to_table(rows: list[dict]) -> dict:
    """Rows (dictionaries of numbers) as columns and rows, floats rounded to `DIGITS`."""
    columns = list(dict.fromkeys(key for row in rows for key in row))
    values = [[row.get(key) for key in columns] for row in rows]
    for index, row in enumerate(values):
        for key, value in zip(columns, row, strict=True):
            _plain(value, f"history row {index + 1}, {key}")
    return {"columns": columns, "rows": [[_number(value) for value in row] for row in values]}


def from_table(table: dict) -> list[dict]:
    """The rows that `to_table` made a table of; a null is left out of its row."""
    return [
        {key: v for key, v in zip(table["columns"], row, strict=True) if v is not None}
        for row in table["rows"]
    ]


def checksum(value: Any) -> str:
    """sha256 (hex) of the value as compact JSON with sorted keys."""
    text = json.dumps(plain(value), sort_keys=True, separators=(",", ":"), ensure_ascii=False)
    return hashlib.sha256(text.encode()).hexdigest()


def dumps(content: dict) -> str:
    """The text of a record file: the content, and its checksum as the last entry."""
    content = plain(content)
    return _layout({**content, "checksum": checksum(content)}, 0) + "\n"


def _number(value: Any) -> Any:
    return rounded(value) if isinstance(value, float | np.floating) else _plain(value, "")


def _plain(value: Any, place: str) -> Any:
    if isinstance(value, np.generic):
        value = value.item()
    if isinstance(value, dict):
        return {str(key): _plain(v, f"{place}.{key}".strip(".")) for key, v in value.items()}
    if isinstance(value, list | tuple):
        return [_plain(v, f"{place}[{i}]") for i, v in enumerate(value)]
    if isinstance(value, float) and not math.isfinite(value):
        raise ValueError(f"{place}: {value} cannot stand in a record; the run has gone wrong there")
    if value is None or isinstance(value, bool | int | float | str):
        return value
    raise ValueError(f"{place}: {type(value).__name__} cannot stand in a record, use plain values")


def _layout(value: Any, indent: int) -> str:
    """JSON with a line break only where the value is longer than a line, or at the top."""
    short = json.dumps(value, ensure_ascii=False, allow_nan=False)
    if not value or not isinstance(value, dict | list):
        return short
    if indent and len(short) + indent <= LINE:
        return short
    pad, inner = " " * indent, " " * (indent + 1)
    if isinstance(value, dict):
        parts = [
            f"{json.dumps(key, ensure_ascii=False)}: {_layout(v, indent + 1)}"
            for key, v in value.items()
        ]
        opening, closing = "{}"
    else:
        parts = [_layout(v, indent + 1) for v in value]
        opening, closing = "[]"
    return f"{opening}\n{inner}" + f",\n{inner}".join(parts) + f"\n{pad}{closing}"
