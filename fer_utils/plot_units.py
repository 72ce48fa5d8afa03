"""Plots of action units: tables as coloured maps, and one figure of each unit in several runs.

Every function takes `note`, a small caption below, and `title`, the finding, where it does not find
it itself, and returns a Matplotlib Figure as wide as a book page (7 inches). Import them from
`fer_utils.plots`.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence

import matplotlib
import numpy as np
import pandas as pd
from matplotlib.figure import Figure
from matplotlib.patches import Rectangle

from fer_utils.data import unit_statistics
from fer_utils.data.dataset import FaceDataset
from fer_utils.data.facs import described, unit_name
from fer_utils.plot_style import finish, page, percent, styled

MARKERS = ("o", "s", "D", "^")


@styled
def heat_map(
    table: pd.DataFrame,
    low: float = -1.0,
    high: float = 1.0,
    label: str = "correlation",
    marked: Iterable[tuple[str, str]] = (),
    title: str = "",
    note: str = "",
) -> Figure:
    """A table of numbers as colours from `low` to `high`, the numbers in them, NaN left white.

    Below zero is drawn in another colour where `low` is below zero. `marked` are (row, column)
    cells to frame.
    """
    values = table.to_numpy(float)
    figure = page(1.1 + 0.3 * len(table))
    axes = figure.subplots()
    cmap = "RdBu_r" if low < 0 else "Blues"
    drawn = axes.imshow(values, cmap=cmap, vmin=low, vmax=high, aspect="auto")
    middle, half = (low + high) / 2, (high - low) / 2
    for (row, column), value in np.ndenumerate(values):
        if np.isnan(value):
            continue
        strong = abs(value - middle) > 0.6 * half if low < 0 else value > low + 1.2 * half
        text = re.sub(r"^(-?)0\.", r"\1.", f"{value:.2f}").replace("-.00", ".00")
        ink = "white" if strong else "#222222"
        axes.text(column, row, text, ha="center", va="center", fontsize=6.5, color=ink)
    for row, column in marked:
        place = (table.columns.get_loc(column) - 0.5, table.index.get_loc(row) - 0.5)
        axes.add_patch(Rectangle(place, 1, 1, fill=False, edgecolor="black", linewidth=1.4))
    axes.set_xticks(range(table.shape[1]), table.columns)
    axes.set_yticks(range(len(table)), table.index)
    axes.tick_params(length=0, labelsize=7.5)
    axes.spines[:].set_visible(False)
    bar = figure.colorbar(drawn, ax=axes, label=label, aspect=30)
    bar.outline.set_visible(False)
    return finish(figure, title, note)


def unit_shares(
    data: FaceDataset,
    named: str,
    emotions: Sequence[str] = ("happy", "surprise", "disgust"),
    note: str = "",
) -> Figure:
    """How often each class of `data` shows each action unit; the title says it of `emotions`.

    `named` is what the title calls the data set, "drawn faces" or "CK+".
    """
    shares = unit_statistics.frequencies(data).rename(index=described)
    most = [f"{e}: {shares[e].idxmax()}" for e in emotions if e in shares and shares[e].any()]
    title = f"On {named} the most frequent unit of {'; of '.join(most)}" if most else ""
    return heat_map(shares, 0, 1, "share of pictures with the unit", title=title, note=note)


def unit_correlations(
    data: FaceDataset, named: str, framed: Iterable[tuple[int, int]] = (), note: str = ""
) -> Figure:
    """The correlation of every two action units; the title says which are most together and apart.

    `framed` are pairs of units by number; pairs that `data` lacks are left out.
    """
    table = unit_statistics.correlations(data)
    ranked = unit_statistics.pairs(table)
    names = [tuple(map(unit_name, pair)) for pair in framed]
    both = [cell for a, b in names for cell in ((a, b), (b, a)) if {a, b} <= {*table.index}]
    title = ""
    if len(ranked):
        title = (
            f"On {named} most together {ranked.index[0]} ({ranked.iloc[0]:.2f}), most apart "
            f"{ranked.index[-1]} ({ranked.iloc[-1]:.2f})"
        )
    return heat_map(table, marked=both, title=title, note=note)


@styled
def unit_dots(
    values: Mapping[str, Mapping[str, float]],
    xlabel: str = "F1",
    title: str = "",
    note: str = "",
) -> Figure:
    """A row a unit, a mark a run: {run: {unit: fraction}}, in the order of the first run."""
    units = list(next(iter(values.values())))
    figure = page(1.2 + 0.24 * len(units))
    axes = figure.subplots()
    colours = [style["color"] for style in matplotlib.rcParams["axes.prop_cycle"]]
    for i, (name, by_unit) in enumerate(values.items()):
        places = np.arange(len(units)) + 0.16 * (i - (len(values) - 1) / 2)
        style = {"color": colours[i % len(colours)], "label": name, "markersize": 5}
        axes.plot([by_unit[u] for u in units], places, MARKERS[i % len(MARKERS)], **style)
    axes.set_yticks(range(len(units)), units)
    axes.invert_yaxis()
    axes.set_xlabel(xlabel)
    axes.set_xlim(right=1.01)
    axes.xaxis.set_major_formatter(percent)
    axes.grid(axis="both")
    if len(values) > 1:
        place = {"loc": "lower left", "bbox_to_anchor": (0, 1), "borderaxespad": 0.2}
        axes.legend(ncols=len(values), **place)
    return finish(figure, title, note)
