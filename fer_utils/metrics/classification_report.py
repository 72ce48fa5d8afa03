"""Classification reports as tables: ours as means over runs, another's as far as it is known.

Conventions: rows are the classes, then accuracy, macro average and weighted average; columns are
precision, recall and F1, fractions, and n, the images of a class. As in scikit-learn's report the
accuracy stands in the F1 column. Averages are over the classes that have images: each counts the
same in the macro average, and n times in the weighted one. What is not known is NaN, shown as "–".
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from fer_utils.metrics.classification import Metrics

if TYPE_CHECKING:
    from pandas.io.formats.style import Styler  # needs jinja2, which every notebook server has

COLUMNS = ("precision", "recall", "F1", "n")
ACCURACY, MACRO, WEIGHTED = "accuracy", "macro average", "weighted average"
UNKNOWN = "–"


def report(runs: Sequence[Metrics]) -> pd.DataFrame:
    """The mean classification report of one or several runs on the same images.

    ValueError for no run, and for runs on images of other numbers or classes.
    """
    if not runs:
        raise ValueError("expected the metrics of one run at least")
    tables = [_one(run) for run in runs]
    for table in tables[1:]:
        if not tables[0]["n"].equals(table["n"]):
            raise ValueError("the runs are not on the same images: their numbers by class differ")
    return sum(tables) / len(tables)


def printed(accuracy: float, support: Mapping[str, int]) -> pd.DataFrame:
    """A report of which only the accuracy and the images of each class are known."""
    table = _empty(support)
    table["n"] = [*support.values(), *[sum(support.values())] * 3]
    table.loc[ACCURACY, "F1"] = accuracy
    return table


def beside(reports: Mapping[str, pd.DataFrame | None]) -> pd.DataFrame:
    """Reports side by side, their names above; None is a network that was not run.

    ValueError where none is known.
    """
    known = [table for table in reports.values() if table is not None]
    if not known:
        raise ValueError(f"none of {', '.join(reports) or 'the reports'} is known")
    named = {
        name if table is not None else f"{name} (not run)": table
        if table is not None
        else pd.DataFrame(np.nan, index=known[0].index, columns=known[0].columns)
        for name, table in reports.items()
    }
    return pd.concat(named, axis=1)


def show(table: pd.DataFrame, title: str = "") -> Styler:
    """A report, or several side by side, for a notebook: two digits, "–" for what is unknown."""
    last = {name: name if isinstance(name, str) else name[-1] for name in table.columns}
    digits = {name: "{:,.0f}" if last[name] == "n" else "{:.2f}" for name in table.columns}
    styler = table.style.format(digits, na_rep=UNKNOWN).set_caption(title)
    return styler.set_table_attributes('class="figures"')  # in the book: smaller type


def _one(run: Metrics) -> pd.DataFrame:
    support = {row.name: row.support for row in run.per_class}
    table = _empty(support)
    figures = np.array([(row.precision, row.recall, row.f1) for row in run.per_class])
    numbers = np.array(list(support.values()))
    table.loc[list(support), ["precision", "recall", "F1"]] = figures
    table.loc[ACCURACY, "F1"] = run.accuracy
    table.loc[MACRO, ["precision", "recall", "F1"]] = figures[numbers > 0].mean(0)
    table.loc[WEIGHTED, ["precision", "recall", "F1"]] = numbers @ figures / run.n
    table["n"] = [*numbers, *[run.n] * 3]
    return table


def _empty(classes: Mapping[str, int]) -> pd.DataFrame:
    return pd.DataFrame(np.nan, index=[*classes, ACCURACY, MACRO, WEIGHTED], columns=COLUMNS)
