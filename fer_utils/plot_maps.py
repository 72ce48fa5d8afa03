"""Figures of maps over faces, and of what happens to an answer while a face is taken apart.

Every function takes `title`, the finding, and `note`, a small caption below, and returns a
Matplotlib Figure as wide as a book page (7 inches). Import them from `fer_utils.plots`.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import matplotlib
import numpy as np
from matplotlib.figure import Figure

from fer_utils.metrics.classification import Z_95
from fer_utils.plot_panels import LINES
from fer_utils.plot_style import (
    PAGE_WIDTH,
    count_lines,
    finish,
    page,
    percent,
    picture_axes,
    show_grey,
    styled,
    text_height,
)

NAMES = 0.75  # inches for the names of rows
FULL = 99.0  # per cent of a map's values whose colour is not yet full


@styled
def overlays(
    faces: np.ndarray,
    maps: Mapping[str, np.ndarray],
    rows: Sequence[str],
    titles: Sequence[str] | None = None,
    title: str = "",
    note: str = "",
) -> Figure:
    """A row a kind of map, a column a face; above them the faces alone.

    faces: (N, H, W). maps: row -> (N, H, W), over the faces: red above zero, blue below, the
    clearer the larger, each map on its own scale. rows: the name of the first row and of each row
    of maps. titles: N, over the columns.
    """
    n = len(faces)
    for name, some in maps.items():
        if np.shape(some) != np.shape(faces):
            raise ValueError(f"{name}: maps {np.shape(some)} over faces {np.shape(faces)}")
    figure = page(1)
    text = text_height(title, note) + 0.14 * count_lines(titles)
    width = PAGE_WIDTH - NAMES
    cells = picture_axes(figure, n * (len(maps) + 1), n, text=text, width=width)
    for k in range(n):
        for row, some in enumerate((None, *maps.values())):
            show_grey(cells[row * n + k], faces[k])
            if some is not None:
                cells[row * n + k].imshow(_coloured(some[k]))
        if titles is not None:
            cells[k].set_title(titles[k], fontsize=7.5, pad=2)
    for row, name in enumerate(rows):
        place = {"ha": "right", "va": "center", "fontsize": 7.5}
        first = cells[row * n]
        first.text(-0.06, 0.5, name, transform=first.transAxes, **place)
    return finish(figure, title, note)


def _coloured(values: np.ndarray) -> np.ndarray:
    """A map (H, W) as RGBA: red or blue by sign, opaque by size."""
    limit = float(np.percentile(np.abs(values), FULL)) or float(np.abs(values).max()) or 1.0
    strength = np.clip(values / limit, -1, 1)
    rgba = matplotlib.colormaps["RdBu_r"](np.where(strength < 0, 0.08, 0.92))
    rgba[..., 3] = 0.7 * np.abs(strength)
    return rgba


@styled
def share_curves(
    panels: Mapping[str, Mapping[str, np.ndarray]],
    xlabel: Mapping[str, str],
    ylabel: str = "",
    title: str = "",
    note: str = "",
) -> Figure:
    """Means of curves over faces, with a band of 95%, by the normal law: a panel beside another.

    panels: heading -> {name -> curves (N, steps + 1)}, from a share of 0 to a share of 1. A name
    has one colour in all panels; one that begins with "random" is grey. xlabel: by heading.
    """
    figure = page(3.3)
    colours = [style["color"] for style in matplotlib.rcParams["axes.prop_cycle"]]
    names = list(dict.fromkeys(name for lines in panels.values() for name in lines))
    grid = figure.add_gridspec(2, len(panels), height_ratios=(1, 8))
    places = [figure.add_subplot(grid[1, i]) for i in range(len(panels))]
    for axes, (heading, lines) in zip(places, panels.items(), strict=True):
        for name, curves in lines.items():
            i = names.index(name)
            colour = "#555555" if name.startswith("random") else colours[i % len(colours)]
            share = np.linspace(0, 1, curves.shape[1])
            mean = curves.mean(0)
            error = Z_95 * curves.std(0, ddof=1) / np.sqrt(len(curves))
            axes.fill_between(share, mean - error, mean + error, color=colour, alpha=0.15, lw=0)
            axes.plot(share, mean, color=colour, linestyle=LINES[i % len(LINES)], label=name)
        axes.set_title(heading, loc="left")
        axes.set_xlabel(xlabel[heading])
        axes.xaxis.set_major_formatter(percent)
        axes.yaxis.set_major_formatter(percent)
        axes.grid(axis="y")
        axes.set_ylim(0, 1)
    places[0].set_ylabel(ylabel)
    legend = figure.add_subplot(grid[0, :])
    legend.set_axis_off()
    legend.legend(*places[0].get_legend_handles_labels(), loc="center left", ncols=3, fontsize=7.5)
    return finish(figure, title, note)
