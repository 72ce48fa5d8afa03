"""What a Haar cascade looks at: its features on a face, and the windows that its stages leave.

Import them from `fer_utils.plots`. `faces.haar_steps` computes what is drawn.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.patches import Rectangle

from fer_utils.plot_style import (
    count_lines,
    finish,
    page,
    picture_axes,
    show_grey,
    styled,
    text_height,
)

ADDED, TAKEN_OFF = "#E69F00", "#0072B2"
MOST = 150  # boxes drawn in one picture; more would cover it


@styled
def haar_features(
    window: np.ndarray,
    features: np.ndarray,
    titles: Sequence[str] | None = None,
    columns: int = 5,
    title: str = "",
    note: str = "",
) -> Figure:
    """Features (n, 3, 5), rectangles x, y, w, h, weight, each on the window, grey (24, 24).

    Pixels in orange areas are added, in blue ones taken off. A weight stands on top of the one of a
    larger rectangle below it, so -1 and 3 make 2.
    """
    figure = page(1)
    lines, text = count_lines(titles), text_height(title, note)
    cells = picture_axes(figure, len(features), columns, lines=lines, text=text)
    for i, (axes, feature) in enumerate(zip(cells, features, strict=True)):
        show_grey(axes, window)
        _areas(axes, feature, window.shape)
        if titles is not None:
            axes.set_title(titles[i], fontsize=7.5, pad=2)
    return finish(figure, title, note)


def _areas(axes: Axes, feature: np.ndarray, shape: tuple[int, int]) -> None:
    """Colour each pixel by the sum of the weights that lie on it."""
    weights = np.zeros(shape)
    for x, y, w, h, weight in feature:
        weights[y : y + h, x : x + w] += weight
    for colour, there in ((ADDED, weights > 0), (TAKEN_OFF, weights < 0)):
        layer = np.zeros((*shape, 4))
        layer[there] = (*(int(colour[k : k + 2], 16) / 255 for k in (1, 3, 5)), 0.55)
        axes.imshow(layer)


@styled
def windows(
    rgb: np.ndarray,
    left: Mapping[str, np.ndarray],
    columns: int = 2,
    title: str = "",
    note: str = "",
) -> Figure:
    """The picture once for each name, with its windows, float (n, 4): x, y, width, height.

    Of more than `MOST` windows as many are drawn, evenly picked; the heading counts all.
    """
    figure = page(1)
    aspect, text = rgb.shape[0] / rgb.shape[1], text_height(title, note)
    cells = picture_axes(figure, len(left), columns, aspect=aspect, lines=1, text=text)
    for axes, (name, boxes) in zip(cells, left.items(), strict=True):
        show_grey(axes, rgb)
        axes.set_title(f"{name}: {len(boxes):,}", fontsize=8, pad=2, loc="left")
        shown = np.unique(np.linspace(0, len(boxes) - 1, min(len(boxes), MOST)).astype(int))
        for x, y, w, h in np.asarray(boxes, float).reshape(-1, 4)[shown]:
            frame = {"fill": False, "edgecolor": ADDED, "linewidth": 0.6}
            axes.add_patch(Rectangle((x, y), w, h, **frame))
    return finish(figure, title, note)
