"""A network as a table, in plain text and in HTML."""

from __future__ import annotations

from collections.abc import Sequence
from html import escape
from typing import NamedTuple

from fer_utils.models.layer_base import Shape

HEADER = ("layer", "settings", "output", "parameters")


class Parameters(NamedTuple):
    """Counts of numbers: `trainable` by gradient; `total` adds BatchNorm's running statistics."""

    trainable: int
    total: int

    def __str__(self) -> str:
        running = f", {self.total:,} with running statistics" if self.total != self[0] else ""
        return f"{self.trainable:,} trainable parameters{running}"


class Row(NamedTuple):
    """A row of a network's table; `parameters` are the trainable ones of this layer alone."""

    layer: str
    settings: str
    output_shape: Shape
    parameters: int


def text_table(name: str, input_shape: Shape, rows: Sequence[Row], count: str) -> str:
    """The table in aligned columns, `name` above and `count`, the parameters in words, below it."""
    cells = [HEADER, *_cells(input_shape, rows)]
    wide = [max(len(row[i]) for row in cells) for i in range(4)]
    lines = [
        f"{a:<{wide[0]}}  {b:<{wide[1]}}  {c:>{wide[2]}}  {d:>{wide[3]}}".rstrip()
        for a, b, c, d in cells
    ]
    return "\n".join([name, *lines, count])


def html_table(
    name: str, input_shape: Shape, rows: Sequence[Row], count: str, source: str = ""
) -> str:
    """The table in the page's own colours, so that it reads in light and in dark."""
    line = "border-bottom:1px solid rgba(128,128,128,.35);padding:.15em .6em"
    whole = ";white-space:nowrap"  # all but the settings, which may wrap on a narrow page
    sides = ("left" + whole, "left", "right" + whole, "right" + whole)

    def row(tag: str, cells: Sequence[str]) -> str:
        pairs = zip([f"{line};text-align:{side}" for side in sides], cells, strict=True)
        inner = "".join(f'<{tag} style="{s}">{escape(c)}</{tag}>' for s, c in pairs)
        return f'<tr style="background:transparent">{inner}</tr>'

    body = "".join(row("td", cells) for cells in _cells(input_shape, rows))
    title = f"<strong>{escape(name)}</strong>: {count}"
    title += f"<br>{escape(source)}" if source else ""
    return (
        '<div style="overflow-x:auto"><table style="border-collapse:collapse;color:inherit;'
        'background:transparent"><caption style="caption-side:top;text-align:left;'
        f'color:inherit">{title}</caption><thead>{row("th", HEADER)}</thead><tbody>{body}</tbody>'
        "</table></div>"
    )


def _cells(input_shape: Shape, rows: Sequence[Row]) -> list[tuple[str, str, str, str]]:
    first = ("input", "", _times(input_shape), "")
    return [first] + [
        (row.layer, row.settings, _times(row.output_shape), f"{row.parameters:,}") for row in rows
    ]


def _times(shape: Shape) -> str:
    return " × ".join(map(str, shape))
