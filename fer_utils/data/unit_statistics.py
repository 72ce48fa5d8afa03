"""Which action units a data set has, how often, and which come together.

Conventions: frequencies are fractions of pictures, 0 to 1; correlations are Pearson's of two 0/1
columns (the phi coefficient), -1 to 1, and NaN where a unit is always or never present.
"""

from __future__ import annotations

from collections.abc import Iterable

import numpy as np
import pandas as pd

from fer_utils.data.dataset import FaceDataset
from fer_utils.data.facs import unit_name


def frequencies(data: FaceDataset) -> pd.DataFrame:
    """Share of the pictures of each class (columns) that show a unit (rows), and of all."""
    units = _units(data)
    columns = {
        name: units[data.labels == k].mean(0) if (data.labels == k).any() else np.nan
        for k, name in enumerate(data.classes)
    }
    return pd.DataFrame(columns | {"all": units.mean(0)}, index=list(data.action_unit_names))


def correlations(data: FaceDataset) -> pd.DataFrame:
    """Phi coefficient of every two units, a square table."""
    units = _units(data).astype(float)
    centred = units - units.mean(0)
    size = np.sqrt((centred**2).sum(0))
    with np.errstate(invalid="ignore", divide="ignore"):
        table = (centred.T @ centred) / np.outer(size, size)
    table[:, size == 0] = table[size == 0] = np.nan
    names = list(data.action_unit_names)
    return pd.DataFrame(table, index=names, columns=names)


def pairs(table: pd.DataFrame) -> pd.Series:
    """The correlation of each two units, "AU1-AU2", highest first; NaN ones are left out."""
    first, second = np.triu_indices(len(table), 1)
    names = [f"{table.index[i]}-{table.index[j]}" for i, j in zip(first, second, strict=True)]
    values = pd.Series(table.to_numpy()[first, second], index=names)
    return values.dropna().sort_values(ascending=False)


def chosen(table: pd.DataFrame, wanted: Iterable[tuple[int, int]]) -> pd.Series:
    """The correlation of these pairs of units, by number: "1, 2", ...; NaN where `table`, as
    `correlations` makes it, lacks a unit."""
    names = {(a, b): (unit_name(a), unit_name(b)) for a, b in wanted}
    return pd.Series(
        {
            f"{a}, {b}": table.loc[first, second] if {first, second} <= {*table.index} else np.nan
            for (a, b), (first, second) in names.items()
        },
        dtype=float,
    )


def _units(data: FaceDataset) -> np.ndarray:
    if data.action_units is None or not len(data):
        raise ValueError(f"data set {data.name!r} has no pictures with action units")
    return data.action_units
