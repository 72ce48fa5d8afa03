"""The table of all networks on the results page: one row per network, framework and split.

Where a framework has no run of a network, one row says so, for the split that its report used.
"""

from __future__ import annotations

from collections.abc import Sequence

from fer_utils.records.families import Family
from fer_utils.records.result_rows import Row
from fer_utils.records.table_cells import (
    OURS_COLUMN,
    cells,
    figures_table,
    legend,
    letters,
    narrow,
    runs,
    with_letters,
)

HEADER = (
    *("Network", "Split, pictures", "Reported", "As reported"),
    *("Ours [95% interval]", "Leak-free", "Seeds × minutes"),
)


def main_table(every: Sequence[Row], known: Sequence[Family], anchors: dict[str, str]) -> str:
    """The table and its notes as MyST Markdown, accuracies in percent.

    every: the rows of all networks. anchors: the label of each family's section by its name.
    """
    if not every:
        return "No experiment is registered yet.\n"
    by_key = {(family.network, family.classes): family for family in known}
    kept = [row for row in every if _has_run(row) or _stands_for_none(row, every, by_key)]
    hardware = letters(row.hardware for row in kept if row.hardware)
    lines, above = [], ""
    for row in kept:
        family = by_key[row.network, row.classes]
        title = f"[{family.title}](#{anchors[family.name]})"
        title += (f" ({row.report})" if row.report else "") + f", {row.framework}"
        lines.append(["" if title == above else title, *_figures(row, family), runs(row, hardware)])
        above = title
    notes = legend((cell for line in lines for cell in line), narrowed=True)
    lines, lettered = with_letters(lines, hardware)
    lines = [[*line[:3], *map(narrow, line[3:5]), *line[5:]] for line in lines]
    below = "".join(f"{note}  \n" for note in [*notes, *lettered])
    return f"{figures_table(HEADER, lines)}\n\n{below}"


def _has_run(row: Row) -> bool:
    return row.ours is not None or row.as_reported is not None


def _stands_for_none(row: Row, every: Sequence[Row], by_key: dict[tuple, Family]) -> bool:
    """Whether the row is the one that says that its network was not run in its framework."""
    key = (row.network, row.classes)
    same = [r for r in every if (r.network, r.classes, r.framework) == (*key, row.framework)]
    return row.split == by_key[key].split and not any(map(_has_run, same))


def _figures(row: Row, family: Family) -> list[str]:
    cell = cells(row, family)
    columns = ("reported %", "as reported %", OURS_COLUMN, "leak-free %")
    return [f"{cell['split']}, {cell['n']}", *(cell[name] for name in columns)]
