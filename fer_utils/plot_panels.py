"""Several small panels side by side: lines that share an axis, confusion matrices.

Every function takes `title`, the finding, and `note`, a small caption below, and returns a
Matplotlib Figure as wide as a book page (7 inches). Import them from `fer_utils.plots`.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import matplotlib
import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.ticker import NullFormatter

from fer_utils.plot_style import finish, page, percent, styled

LINES = ("-", "--", ":", "-.")  # told apart without colour too, and where they lie on each other


@styled
def line_panels(
    panels: Mapping[str, Mapping[str, Mapping[float | str, float]]],
    xlabel: str,
    ylabel: str = "",
    log_y: bool = False,
    dots: bool = False,
    title: str = "",
    note: str = "",
) -> Figure:
    """Lines in panels side by side, one colour a name in all of them.

    panels: heading -> {name -> {x -> y}}, every x a number, or every x a name (in the order of the
    first line). dots: mark the points.
    """
    figure = page(3.1)
    grid = figure.add_gridspec(2, len(panels), height_ratios=(1, 14))
    axes = [figure.add_subplot(grid[1, i]) for i in range(len(panels))]
    colours = [style["color"] for style in matplotlib.rcParams["axes.prop_cycle"]]
    names = list(dict.fromkeys(name for lines in panels.values() for name in lines))
    for one, (heading, lines) in zip(axes, panels.items(), strict=True):
        for name, points in lines.items():
            i = names.index(name)
            style = {"linestyle": LINES[i % len(LINES)], "marker": "o" if dots else None}
            places, values = list(points), list(points.values())
            colour = colours[i % len(colours)]
            one.plot(places, values, color=colour, label=name, markersize=3.5, **style)
        one.set_title(heading, loc="left")
        one.set_xlabel(xlabel)
        if log_y:
            one.set_yscale("log")
            one.yaxis.set_major_formatter("{x:g}")
            one.yaxis.set_minor_formatter(NullFormatter())
        one.grid(axis="y")
        if any(isinstance(x, str) for points in lines.values() for x in points):
            one.tick_params(axis="x", rotation=45, labelsize=7.5)
    axes[0].set_ylabel(ylabel)
    _legend(figure.add_subplot(grid[0, :]), axes)
    return finish(figure, title, note)


@styled
def confusions(
    matrices: Mapping[str, np.ndarray],
    classes: Sequence[str],
    title: str = "",
    note: str = "",
) -> Figure:
    """Confusion matrices (K, K) two in a row, rows labelled, columns predicted: counts, coloured
    by the share of their row, with one scale for all."""
    across = min(2, len(matrices))
    down = -(-len(matrices) // across)
    figure = page(0.8 + 2.9 * down)
    panels = figure.subplots(down, across, squeeze=False)
    for axes in panels.flat[len(matrices) :]:
        axes.set_axis_off()
    for i, (name, matrix) in enumerate(matrices.items()):
        drawn = _small_confusion(panels.flat[i], np.asarray(matrix), classes, left=i % across == 0)
        panels.flat[i].set_title(f"{name}, n = {np.sum(matrix):,}", loc="left")
    bar = figure.colorbar(drawn, ax=panels, label="share of the labelled class", aspect=40)
    bar.ax.yaxis.set_major_formatter(percent)
    bar.outline.set_visible(False)
    return finish(figure, title, note)


def _small_confusion(axes: Axes, matrix: np.ndarray, classes: Sequence[str], left: bool):
    if matrix.shape != (len(classes), len(classes)):
        raise ValueError(f"expected a matrix for {len(classes)} classes, got {matrix.shape}")
    shares = matrix / np.maximum(matrix.sum(1), 1)[:, None]
    drawn = axes.imshow(shares, cmap="Blues", vmin=0, vmax=1, aspect="auto")
    for (row, column), count in np.ndenumerate(matrix):
        ink = "white" if shares[row, column] > 0.55 else "#222222"
        place = {"ha": "center", "va": "center", "color": ink, "fontsize": 7}
        axes.text(column, row, f"{count:,}", **place)
    axes.set_xticks(range(len(classes)), classes, rotation=45, ha="right", fontsize=7.5)
    axes.set_yticks(range(len(classes)), classes if left else [], fontsize=7.5)
    axes.set(xlabel="predicted", ylabel="labelled" if left else "")
    axes.tick_params(length=0)
    axes.spines[:].set_visible(False)
    return drawn


def _legend(place: Axes, panels: Sequence[Axes]) -> None:
    """One legend for all panels, alone in a strip above them."""
    place.set_axis_off()
    found = {}
    for axes in panels:
        for handle, name in zip(*axes.get_legend_handles_labels(), strict=True):
            found.setdefault(name, handle)
    if len(found) > 1:
        place.legend(found.values(), found, loc="center left", ncols=4, borderaxespad=0)
