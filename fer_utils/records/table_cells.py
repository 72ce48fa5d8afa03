"""What stands in the cells of the tables: percentages, intervals, seeds and minutes as text."""

from __future__ import annotations

import string
from collections.abc import Iterable, Mapping, Sequence

from fer_utils.records.families import AS_REPORTED, OURS, Family
from fer_utils.records.result_rows import Row

NOT_RUN = "not run"
NEEDS = f"{NOT_RUN}: needs "  # how a cell begins whose run needs more than FER2013
CUT_SHORT = "(12 of 30): epochs run, of those of the recipe"
OURS_COLUMN = "ours % [95% interval]"
SPLIT_NAMES = {
    "public_test": "PublicTest",
    "private_test": "PrivateTest",
    "test": "both tests",
    "validation": "validation",
}
MARKS = {  # behind a figure, and what it means
    "*": "on the report's own split of the data, which cannot be made again",
    "†": "with a teacher: our compact network, from scratch on the same Training pictures",
}


def percent(fraction: float | None, digits: int = 1, missing: str = NOT_RUN) -> str:
    """0.66684 -> "66.7"; `missing` for None."""
    return missing if fraction is None else f"{100 * fraction:.{digits}f}"


def cells(row: Row, family: Family) -> dict[str, str]:
    """The columns of a row as text, in the order in which they are shown."""
    return {
        "network": family.title,
        "report": row.report or "–",
        "framework": row.framework,
        "split": SPLIT_NAMES[row.split],
        "n": f"{row.n:,}",
        "reported %": _reported(row, family),
        "as reported %": _as_reported(row, family),
        OURS_COLUMN: _ours(row, family),
        "leak-free %": percent(row.ours_leak_free, missing="–"),
        "seeds": str(row.seeds or "–"),
        "minutes": "–" if row.minutes is None else f"{row.minutes:.1f}",
        "hardware": row.hardware or "–",
    }


def not_run(family: Family) -> str:
    """What stands in the place of a figure that no run has made, and why."""
    return f"{NEEDS}{family.needs}" if family.needs else NOT_RUN


def narrow(cell: str) -> str:
    """A figure for a narrow column: intervals and numbers of epochs are not broken."""
    return cell.replace(" epochs)", ")").replace(", ", ",\u00a0").replace(" of ", "\u00a0of\u00a0")


def with_letters(
    lines: Iterable[Sequence[str]], machines: Iterable[str] = ()
) -> tuple[list[list[str]], list[str]]:
    """The lines with "not run (c)" for each cell that says what a run needs, and a note a letter:
    the machines first, lettered as in `runs`, then what is needed."""
    lines = [list(line) for line in lines]
    needs = sorted({cell for line in lines for cell in line if cell.startswith(NEEDS)})
    marks = letters([*machines, *needs])
    short = {need: f"{NOT_RUN} ({marks[need]})" for need in needs}
    notes = [f"({mark}) {name.removeprefix(f'{NOT_RUN}: ')}" for name, mark in marks.items()]
    return [[short.get(cell, cell) for cell in line] for line in lines], notes


def letters(names: Iterable[str]) -> dict[str, str]:
    """a, b, c, ... for each different name; more than 26 go on with a2, b2, ..."""
    return {
        name: string.ascii_lowercase[i % 26] + (str(i // 26 + 1) if i >= 26 else "")
        for i, name in enumerate(dict.fromkeys(names))
    }


def runs(row: Row, hardware: Mapping[str, str]) -> str:
    """Seeds and minutes of *ours*, and the letter of the machine: "3 × 1.2 (a)"."""
    return (
        "–" if row.seeds is None else f"{row.seeds} × {row.minutes:.1f} ({hardware[row.hardware]})"
    )


def legend(shown: Iterable[str], markdown: bool = True, narrowed: bool = False) -> list[str]:
    """A line for each mark that stands in one of the cells `shown`: the mark and what it means;
    `narrowed`: also what is left of a number of epochs by `narrow`."""
    text = "".join(shown)
    lines = [f"{mark} {meaning}" for mark, meaning in MARKS.items() if mark in text]
    if narrowed and " epochs)" in text:
        lines.append(CUT_SHORT)
    return [line.replace("*", "\\*") for line in lines] if markdown else lines


def figures_table(header: Sequence[str], lines: Sequence[Sequence[str]]) -> str:
    """A `markdown_table` of many columns, which the book sets in smaller type."""
    return f":::{{table}}\n:class: figures\n\n{markdown_table(header, lines)}\n:::"


def markdown_table(header: Sequence[str], lines: Sequence[Sequence[str]], align: str = "") -> str:
    """A Markdown table, not padded: a new figure changes its own line alone.

    align: one letter per column, "l" (default) or "r". A "|" inside a cell is escaped.
    """
    rules = ["--:" if side == "r" else "---" for side in align.ljust(len(header), "l")]
    table = [[str(cell).replace("|", "\\|") for cell in line] for line in [header, *lines]]
    return "\n".join("| " + " | ".join(line) + " |" for line in [table[0], rules, *table[1:]])


def _reported(row: Row, family: Family) -> str:
    """As many digits as the report gives, at most two; an asterisk for its own split."""
    if row.reported is None:
        return "–"
    figure = percent(row.reported, 2)
    figure = figure.removesuffix("0").removesuffix(".0")
    return figure + ("*" if family.own_split(row.split) else "")


def _as_reported(row: Row, family: Family) -> str:
    if AS_REPORTED not in family.recipes:
        return "–"
    return percent(row.as_reported, missing=not_run(family)) + _epochs(row.as_reported_epochs)


def _ours(row: Row, family: Family) -> str:
    if OURS not in family.recipes:
        return "–"
    if row.ours is None:
        return not_run(family)
    mark = "†" if row.taught else ""
    interval = f"[{percent(row.low)}, {percent(row.high)}]"
    return f"{percent(row.ours)}{mark} {interval}{_epochs(row.ours_epochs)}"


def _epochs(shorter: str | None) -> str:
    """ " (30 of 120 epochs)" behind the figure of a run that a CPU cut short."""
    return f" ({shorter} epochs)" if shorter else ""
