"""Result rows as tables: for a notebook, a terminal, a Markdown file and the book's results page.

Accuracies are shown in percent, ours with its 95% Wilson interval in brackets. "not run" stands
where there is no record, "–" where there is nothing to say, and an asterisk after a reported
figure that is on the report's own split, which nobody can make again.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import pandas as pd

from fer_utils.records.families import Experiments, families
from fer_utils.records.result_rows import Row, ablation_rows, rows
from fer_utils.records.results_page import results_page, write_results_page
from fer_utils.records.table_cells import (
    OURS_COLUMN,
    cells,
    legend,
    letters,
    narrow,
    runs,
    with_letters,
)

if TYPE_CHECKING:
    from pandas.io.formats.style import Styler  # needs jinja2, which every notebook server has

__all__ = [
    "Row",
    "ablation_rows",
    "frame",
    "results_page",
    "rows",
    "show",
    "text",
    "write_results_page",
]

RUNS = "seeds × minutes"
FIGURES = ("as reported %", OURS_COLUMN)
SAME_IN_CAPTION = ("framework", "split", "n")
NUMBERS = ("n", "reported %", "as reported %", "leak-free %", "seeds", "minutes", RUNS)


def frame(rows: Sequence[Row], experiments: Experiments | None = None) -> pd.DataFrame:
    """The rows as text in a pandas table, one column per cell; see `table_cells.cells`."""
    known = {(family.network, family.classes): family for family in families(experiments)}
    return pd.DataFrame([cells(row, known[row.network, row.classes]) for row in rows])


def text(rows: Sequence[Row], experiments: Experiments | None = None) -> str:
    """The rows for a terminal: aligned columns without rules."""
    if not rows:
        return "no experiments are registered"
    table = frame(rows, experiments)
    lines = [list(table.columns), *table.to_numpy().tolist()]
    widths = [max(len(line[i]) for line in lines) for i in range(len(lines[0]))]
    right = [name in NUMBERS for name in table.columns]
    aligned = (
        "  ".join(
            cell.rjust(width) if side else cell.ljust(width)
            for cell, width, side in zip(line, widths, right, strict=True)
        ).rstrip()
        for line in lines
    )
    return "\n".join(aligned) + "".join(f"\n\n{line}" for line in _legend(table))


def show(rows: Sequence[Row], experiments: Experiments | None = None, title: str = "") -> Styler:
    """The rows as a table for a notebook; its last expression in a cell shows it.

    What is the same in every row (framework, split, n) stands in the caption, with the names of the
    machines; frameworks that differ stand behind the networks' names. So the figures fit a page,
    and a narrow one breaks no interval.
    """
    table, hardware = frame(rows, experiments), letters(r.hardware for r in rows if r.hardware)
    table[RUNS] = [runs(row, hardware) for row in rows]
    lines, lettered = with_letters(table.to_numpy().tolist(), hardware)
    table = pd.DataFrame(lines, columns=table.columns)
    same = [c for c in SAME_IN_CAPTION if len(table) and table[c].nunique() == 1]
    said = ", ".join(f"{name} {table[name].iloc[0]}" for name in same)
    notes = [*_legend(table, narrowed=True), *lettered]
    caption = ". ".join(part for part in (title, said, *notes) if part)
    if "framework" in table and "framework" not in same:
        table["network"] += " (" + table["framework"] + ")"
    hidden = ["framework", "report", "seeds", "minutes", "hardware"]
    table = table.drop(columns=[*same, *hidden], errors="ignore")
    shown = table.style.hide(axis="index").set_uuid("results").set_caption(caption)
    shown = shown.format(narrow, subset=table.columns.intersection(FIGURES))
    numbers = [name for name in NUMBERS if name in table.columns]
    return shown.set_properties(**{"text-align": "left"}).set_properties(
        subset=numbers, **{"text-align": "right"}
    )


def _legend(table: pd.DataFrame, narrowed: bool = False) -> list[str]:
    """What the marks in the table mean, where there are some; `narrowed` as of `legend`."""
    marked = [name for name in ("reported %", *FIGURES) if name in table]
    return legend(table[marked].to_numpy().ravel(), markdown=False, narrowed=narrowed)
