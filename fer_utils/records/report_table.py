"""The short table of the landing page: five reports, one row per network and class set.

A row stands for the split that its report used, PrivateTest where the report used one of its own,
and for the framework whose runs of *ours* are recorded, the first one listed before the others.
The RMIT row is on CK+, which needs an agreement.
"""

from __future__ import annotations

from collections.abc import Sequence

from fer_utils.experiments.reported import RMIT_RUNS
from fer_utils.records.families import Family
from fer_utils.records.result_rows import Row
from fer_utils.records.table_cells import (
    NEEDS,
    OURS_COLUMN,
    cells,
    figures_table,
    legend,
    narrow,
    percent,
    with_letters,
)

HEADER = ("Report", "Network", "Split", "Reported", "As reported", "Ours [95% interval]")
START, END = "<!-- the five reports -->", "<!-- end of the five reports -->"


def report_table(every: Sequence[Row], known: Sequence[Family], anchors: dict[str, str]) -> str:
    """The table as MyST Markdown between START and END, accuracies in percent.

    every: the rows of all networks. anchors: the label of each family's section by its name.
    """
    lines = [_line(_chosen(every, family), family, anchors) for family in known if family.report]
    lines.append(_rmit())
    order = list(dict.fromkeys(line[0] for line in lines))
    lines.sort(key=lambda line: order.index(line[0]))  # a report's rows together
    above = ""
    for line in lines:
        line[0], above = ("" if line[0] == above else line[0]), line[0]
    shown = [cell for line in lines for cell in line[3:]]
    notes = legend(shown, narrowed=True)
    lines, needs = with_letters(lines)
    lines = [[*line[:4], *map(narrow, line[4:])] for line in lines]
    below = "".join(f"{note}  \n" for note in [*notes, *needs])
    return f"{START}\n\n{figures_table(HEADER, lines)}\n\n{below}\n{END}\n"


def _chosen(every: Sequence[Row], family: Family) -> Row:
    own = [r for r in every if (r.network, r.classes) == (family.network, family.classes)]
    there = [row for row in own if row.split == family.split]
    return next((row for row in there if row.ours is not None), there[0])


def _line(row: Row, family: Family, anchors: dict[str, str]) -> list[str]:
    cell = cells(row, family)
    return [
        row.report,
        f"{{ref}}`{family.title} <{anchors[family.name]}>`",
        cell["split"],
        cell["reported %"],
        cell["as reported %"],
        cell[OURS_COLUMN],
    ]


def _rmit() -> list[str]:
    """Emotion accuracies of the report's runs, lowest to highest."""
    printed = [run.emotion for run in RMIT_RUNS if run.emotion is not None]
    ends = " to ".join(percent(end, 1) for end in (min(printed), max(printed)))
    not_run = f"{NEEDS}CK+, which asks for an agreement"
    return ["RMIT", "residual network, three emotions (chapter 12)", "CK+", ends, not_run, not_run]
