"""What every plot of the course shares: colours, page size, title and caption.

Plots are made without pyplot: a returned figure is shown once by the notebook cell that ends in
it, and nothing stays open. All lengths are inches.
"""

from __future__ import annotations

import functools
import io
import textwrap
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import ParamSpec

import matplotlib.style
import numpy as np
from matplotlib.axes import Axes
from matplotlib.colors import to_rgb
from matplotlib.figure import Figure

from fer_utils.plot_png import compact_png

STYLE = Path(__file__).with_name("reading_faces.mplstyle")
PAGE_WIDTH = 7.0

# Okabe and Ito's palette, told apart by readers with any common colour blindness
EMOTION_COLOURS = {
    "angry": "#D55E00",
    "disgust": "#009E73",
    "fear": "#CC79A7",
    "happy": "#E69F00",
    "sad": "#0072B2",
    "surprise": "#56B4E9",
    "neutral": "#7F7F7F",
}
OTHER_COLOUR = "#444444"  # a class that is none of the seven
QUIET = "#666666"  # captions and reference lines

P = ParamSpec("P")


class Page(Figure):
    """A figure that shows itself at the end of a notebook cell, also where no backend is set."""

    def _repr_png_(self) -> bytes:
        picture = io.BytesIO()
        self.savefig(picture, format="png", dpi=self.dpi, bbox_inches="tight")
        return compact_png(picture.getvalue())


def styled(plot: Callable[P, Figure]) -> Callable[P, Figure]:
    """Run a plotting function under the course's style, leaving the caller's settings alone."""

    @functools.wraps(plot)
    def wrapper(*args: P.args, **kwargs: P.kwargs) -> Figure:
        with matplotlib.style.context(["default", STYLE]):
            return plot(*args, **kwargs)

    return wrapper


def page(height: float) -> Page:
    """An empty figure as wide as the page."""
    return Page(figsize=(PAGE_WIDTH, height))


def colour_of(name: str) -> str:
    """The fixed colour of an emotion; one dark grey for any other class."""
    return EMOTION_COLOURS.get(name, OTHER_COLOUR)


def finish(figure: Figure, title: str, note: str, top: float | None = None) -> Figure:
    """Put the finding above and the small caption below; both wrap to the page.

    top: inches from the upper edge to the finding, for figures whose axes are placed by hand.
    """
    if title:
        place = {} if top is None else {"y": 1 - top / figure.get_figheight(), "va": "top"}
        figure.suptitle(textwrap.fill(title, 80), x=0.01, ha="left", **place)
    if note:
        caption = textwrap.fill(note, 120)
        figure.supxlabel(caption, x=0.01, ha="left", fontsize=7.5, color=QUIET)
    return figure


def text_height(title: str, note: str) -> float:
    """Inches that `finish` needs for the two."""
    title_lines = len(textwrap.wrap(title, 80))
    note_lines = len(textwrap.wrap(note, 120))
    return 0.04 + 0.18 * title_lines + 0.08 * bool(title) + 0.13 * note_lines + 0.08 * bool(note)


def picture_axes(
    figure: Figure,
    count: int,
    columns: int,
    *,
    aspect: float = 1.0,
    lines: int = 0,
    text: float = 0.0,
    width: float = PAGE_WIDTH,
) -> list[Axes]:
    """`count` frameless axes in rows of `columns`, for pictures with height = aspect * width.

    Sets the figure's height to fit: `lines` of small print above each picture, `text` inches for
    title and note, columns sharing `width` inches. ValueError for no picture.
    """
    if count < 1 or columns < 1:
        raise ValueError(f"expected at least one picture and one column, got {count}, {columns}")
    rows = -(-count // columns)
    gap = 0.06
    figure.get_layout_engine().set(w_pad=gap / 2, h_pad=gap / 2, hspace=0, wspace=0)
    row = (width / columns - gap) * aspect + gap + 0.125 * lines + 0.03 * bool(lines)
    figure.set_size_inches(PAGE_WIDTH, rows * row + text)
    axes = list(np.ravel(figure.subplots(rows, columns, squeeze=False)))
    for one in axes:
        one.set_axis_off()
    return axes[:count]


def count_lines(texts: Sequence[str] | None) -> int:
    """Lines of the longest of several short titles; 0 for none."""
    return max((text.count("\n") + 1 for text in texts or ()), default=0)


def percent(value: float, _: int = 0) -> str:
    """Tick label of a fraction: 0.125 is 12.5%."""
    return f"{100 * value:.4g}%"


def paler(colour: str, share: float) -> tuple[float, float, float]:
    """`share` of a colour, the rest white: opaque, so nothing shines through."""
    return tuple(1 - share * (1 - part) for part in to_rgb(colour))


def show_grey(axes: Axes, image: np.ndarray, **options: object) -> None:
    """Show one picture (H, W) or (H, W, 3), uint8 or float in 0..1, black to white."""
    image = np.asarray(image)
    if image.ndim == 3 and image.shape[2] == 1:
        image = image[:, :, 0]
    if image.ndim not in (2, 3):
        raise ValueError(f"expected a picture (H, W) or (H, W, 3), got shape {image.shape}")
    top = 255 if image.dtype == np.uint8 else 1
    axes.imshow(image, cmap="gray", vmin=0, vmax=top, **options)
