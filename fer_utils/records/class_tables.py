"""Figures by class: what a report prints beside what our records give.

Recalls are fractions, NaN where nothing was reported or run; a table shows them in percent.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from fer_utils.data.card import DataCard, load_card
from fer_utils.data.dataset import CLASSES
from fer_utils.records.against_card import scores, truth
from fer_utils.records.families import AS_REPORTED, OURS, Experiments, Family, families
from fer_utils.records.result_rows import current_records
from fer_utils.records.table_cells import NOT_RUN, SPLIT_NAMES

if TYPE_CHECKING:
    from pandas.io.formats.style import Styler

SOURCES = ("reported", "as reported", "ours")


def recalls(
    networks: Sequence[str],
    reported: Mapping[str, Mapping[str, float]],
    split: str = "private_test",
    framework: str = "torch",
    folder: str | Path | None = None,
    card: DataCard | None = None,
    experiments: Experiments | None = None,
) -> pd.DataFrame:
    """Recall of each class (a row) of each network and source (the columns, two levels).

    networks: names of the zoo. reported: network -> class -> fraction. Ours and as reported are
    means over the recorded seeds. folder, card, experiments: as `tables.rows`. Raises ValueError
    for a network without experiment, StaleRecord for a record that no longer matches.
    """
    card = load_card() if card is None else card
    known = {one.network: one for one in families(experiments) if one.classes == CLASSES}
    if missing := [name for name in networks if name not in known]:
        raise ValueError(f"no experiment with seven classes of {', '.join(missing)}")
    columns = {}
    for name in networks:
        said = reported.get(name, {})
        columns[name, SOURCES[0]] = [said.get(one, np.nan) for one in CLASSES]
        for source, recipe in zip(SOURCES[1:], (AS_REPORTED, OURS), strict=True):
            columns[name, source] = _found(known[name], recipe, split, framework, folder, card)
    table = pd.DataFrame(columns, index=pd.Index(CLASSES, name="class"))
    table.attrs = {"split": split, "n": np.bincount(truth(card, split, CLASSES)).tolist()}
    return table


def show_recalls(table: pd.DataFrame, title: str = "") -> Styler:
    """The table of `recalls` for a notebook: percent, each class with its number of images."""
    names = [f"{name} (n = {n})" for name, n in zip(table.index, table.attrs["n"], strict=True)]
    shown = (100 * table).set_axis(pd.Index(names), axis=0)
    split = SPLIT_NAMES[table.attrs["split"]]
    said = f"Recall in %; ours and as reported on {split}, reported on the report's own test part"
    caption = ". ".join(part for part in (title, said) if part)
    styler = shown.style.format("{:.1f}", na_rep=NOT_RUN).set_uuid("recalls")
    return styler.set_caption(caption).set_properties(**{"text-align": "right"})


def _found(
    family: Family,
    recipe: str,
    split: str,
    framework: str,
    folder: str | Path | None,
    card: DataCard,
) -> np.ndarray:
    """Mean recall over seeds, float (K,); NaN where there is no record."""
    experiment = family.recipes.get(recipe)
    records = current_records(experiment, framework, folder, card) if experiment else []
    found = [[row.recall for row in one.per_class] for one in scores(records, split, card)]
    return np.mean(found, axis=0) if found else np.full(len(CLASSES), np.nan)
