"""Figures of what happens inside a convolutional network: feature maps, values, receptive fields.

Every function takes `title`, the finding, and `note`, a small caption below, and returns a
Matplotlib Figure as wide as a book page (7 inches). Import them from `fer_utils.plots`.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import matplotlib
import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.patches import Rectangle

from fer_utils.plot_style import (
    count_lines,
    finish,
    page,
    percent,
    picture_axes,
    show_grey,
    styled,
    text_height,
)

SHOWN = 99.5  # per cent of a channel's values that its colours span; the rest is cut off
SILENCED = "#555555"
BINS = 80


@styled
def feature_maps(
    images: Sequence[np.ndarray],
    maps: Sequence[np.ndarray],
    titles: Sequence[str] | None = None,
    rows: Sequence[str] | None = None,
    kernels: np.ndarray | None = None,
    title: str = "",
    note: str = "",
) -> Figure:
    """A picture a row, and beside it its maps: red is above zero, blue below, NaN dark grey.

    images: (H, W) each. maps: (h, w, K) each, sizes may differ from row to row. titles: K + 1, over
    the columns; rows: a name for each row. kernels: (k, k, K), drawn in a row of their own above
    the maps that they made. A column has one scale for all its maps.
    """
    cells = _cells(images, maps, kernels is not None, count_lines(titles), text_height(title, note))
    if kernels is not None:
        _weights(cells[0], kernels)
    for row, image, made in zip(cells[-len(images) :], images, maps, strict=True):
        show_grey(row[0], image)
        for k, one in enumerate(row[1:]):
            _signed(one, made[..., k], _limit([other[..., k] for other in maps]))
    for one, text in zip(cells[0], titles or (), strict=False):
        one.set_title(text, fontsize=7.5, pad=2)
    for one, text in zip(cells[-len(images) :, 0], rows or (), strict=False):
        place = {"rotation": 90, "ha": "right", "va": "center", "fontsize": 7.5}
        one.text(-0.04, 0.5, text, transform=one.transAxes, **place)
    return finish(cells[0, 0].figure, title, note)


def _cells(
    images: Sequence[np.ndarray], maps: Sequence[np.ndarray], header: bool, lines: int, text: float
) -> np.ndarray:
    """Axes (rows, 1 + K) of a new figure, with one row more where there is a header."""
    channels = {one.shape[-1] for one in maps}
    if len(images) != len(maps) or len(channels) != 1:
        raise ValueError(
            "expected maps (h, w, K) with one K, one for each picture; "
            f"got {len(images)} pictures and maps {[one.shape for one in maps]}"
        )
    rows, columns = len(images) + header, channels.pop() + 1
    text += 0.16 * lines  # above the first row only
    size = {"text": text, "width": 6.8}  # the rest is for the rows' names
    axes = picture_axes(page(1), rows * columns, columns, **size)
    return np.array(axes).reshape(rows, columns)


def _limit(maps: Sequence[np.ndarray]) -> float:
    """Where the colours of a column end."""
    values = np.abs(np.concatenate([np.ravel(one) for one in maps]))
    return float(np.nanpercentile(values, SHOWN)) or 1.0


def _signed(axes: Axes, values: np.ndarray, limit: float) -> None:
    """A map or a filter, white at zero."""
    colours = matplotlib.colormaps["RdBu_r"].with_extremes(bad=SILENCED)
    axes.imshow(np.ma.masked_invalid(values), cmap=colours, vmin=-limit, vmax=limit)


def _weights(row: Sequence[Axes], kernels: np.ndarray) -> None:
    """The filters above the columns that they made, smaller than a map, on one scale."""
    limit = float(np.abs(kernels).max()) or 1.0
    size = kernels.shape[0]
    for k, one in enumerate(row[1:]):
        _signed(one, kernels[..., k], limit)
        one.add_patch(Rectangle((-0.5, -0.5), size, size, fill=False, color="#999999", lw=0.6))
        one.set(xlim=(-0.5 - size / 3, size - 0.5 + size / 3), ylim=(size - 0.5, -0.5 - size / 3))


@styled
def histograms(
    panels: Mapping[str, Mapping[str, np.ndarray]],
    xlabel: str = "value",
    title: str = "",
    note: str = "",
) -> Figure:
    """Panels side by side, each with the values of some series as outlines; the same height a unit.

    panels: panel -> {series -> values of any shape}. A series has one colour in all panels.
    """
    figure = page(2.6)
    cells = figure.subplots(1, len(panels), squeeze=False)[0]
    for axes, (name, series) in zip(cells, panels.items(), strict=True):
        every = np.concatenate([np.ravel(values) for values in series.values()])
        low, high = np.percentile(every, (0.2, 99.8))
        bins = np.linspace(low, high if high > low else low + 1, BINS)
        for label, values in series.items():
            share = np.full(np.size(values), 1 / np.size(values))
            line = {"histtype": "step", "linewidth": 1.2, "label": label}
            axes.hist(np.clip(np.ravel(values), bins[0], bins[-1]), bins, weights=share, **line)
        axes.set_title(name, loc="left")
        axes.set_xlabel(xlabel)
        axes.yaxis.set_major_formatter(percent)
    cells[0].set_ylabel("share of the units")
    cells[-1].legend()
    return finish(figure, title, note)


@styled
def receptive_fields(
    image: np.ndarray,
    fields: Mapping[str, Mapping[str, int]],
    title: str = "",
    note: str = "",
) -> Figure:
    """What one unit at the centre sees, as squares on the picture (H, W): a panel a network.

    fields: network -> {layer -> side in pixels}. A square may be larger than the picture.
    """
    height, width = image.shape[:2]
    longest = max(map(len, fields.values()))
    figure = page(7 / len(fields) + 0.2 * longest + 0.3)
    colours = [style["color"] for style in matplotlib.rcParams["axes.prop_cycle"]]
    reach = max(height, width, *(side for sides in fields.values() for side in sides.values())) + 2
    for axes, (name, sides) in zip(
        figure.subplots(1, len(fields), squeeze=False)[0], fields.items(), strict=True
    ):
        show_grey(axes, image)
        for i, (layer, side) in enumerate(sides.items()):
            corner = ((width - 1 - side) / 2, (height - 1 - side) / 2)
            edge = {"color": colours[i % len(colours)], "linewidth": 1.8, "fill": False}
            axes.add_patch(Rectangle(corner, side, side, label=f"{layer}: {side} px", **edge))
        middle = np.array([width - 1, height - 1]) / 2
        axes.set(xlim=middle[0] + np.array([-reach, reach]) / 2, xticks=[], yticks=[])
        axes.set(ylim=middle[1] + np.array([reach, -reach]) / 2)
        axes.set_title(name, loc="left")
        axes.spines[:].set_visible(False)
        axes.legend(loc="upper center", bbox_to_anchor=(0.5, 0), handlelength=1)
    return finish(figure, title, note)
