"""Figures of photos with boxes, and of people with what was read in their faces.

Conventions. Photos are uint8 (H, W, 3); boxes have `x`, `y` (the left upper corner), `w` and `h`
in pixels of the photo, as `faces.face_box.FaceBox` has. Every function takes `title`, the finding,
and `note`, a small caption below, and returns a Matplotlib Figure as wide as a book page (7
inches). Import them from `fer_utils.plots`.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Protocol

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.patches import Rectangle

from fer_utils.plot_style import (
    PAGE_WIDTH,
    QUIET,
    colour_of,
    finish,
    page,
    picture_axes,
    show_grey,
    styled,
    text_height,
)

RIGHT, WRONG = "#222222", "#bb5566"
LEFT = 0.22  # inches for the names of people


class Box(Protocol):
    x: float
    y: float
    w: float
    h: float


@styled
def boxes(
    photo: np.ndarray,
    panels: Mapping[str, Sequence[Box]],
    columns: int = 1,
    texts: Sequence[str] | None = None,
    title: str = "",
    note: str = "",
) -> Figure:
    """A photo once a panel, each with its own boxes and, above it, its name.

    texts: a short word above each box, where the panels have equally many. ValueError else.
    """
    if texts is not None and any(len(found) != len(texts) for found in panels.values()):
        counts = [len(found) for found in panels.values()]
        raise ValueError(f"{len(texts)} texts for {counts} boxes: give one a box")
    height, width = photo.shape[:2]
    figure = page(1)
    text = text_height(title, note)
    cells = picture_axes(
        figure, len(panels), columns, aspect=height / width, lines=2 * any(panels), text=text
    )
    for axes, (name, found) in zip(cells, panels.items(), strict=True):
        show_grey(axes, photo)
        axes.set_title(name, fontsize=8.5, pad=2, loc="left")
        for i, box in enumerate(found):
            for colour, line in (("white", 1.9), ("#d6336c", 1.0)):  # seen on dark and on light
                style = {"fill": False, "color": colour, "linewidth": line}
                axes.add_patch(Rectangle((box.x, box.y), box.w, box.h, **style))
            if texts is not None:
                place = {"ha": "center", "va": "bottom", "fontsize": 6.5, "color": "black"}
                patch = {"facecolor": "white", "edgecolor": "none", "pad": 0.8, "alpha": 0.85}
                axes.text(box.x + box.w / 2, box.y - 0.06 * box.h, texts[i], bbox=patch, **place)
        axes.set(xlim=(-0.5, width - 0.5), ylim=(height - 0.5, -0.5))
    return finish(figure, title, note)


@styled
def gallery(
    people: Mapping[str, Sequence[int]],
    images: np.ndarray,
    labels: Sequence[str],
    probabilities: np.ndarray,
    classes: Sequence[str],
    title: str = "",
    note: str = "",
) -> Figure:
    """A row a person: each photo, its label, what was read in it, and the probabilities as bars.
    People with one photo share rows.

    people: name -> rows of `images` (N, H, W) or (N, H, W, 3). labels: N names of classes.
    probabilities: (N, K); a row of NaN is a photo in which no face was found.
    """
    probabilities = np.asarray(probabilities)
    if not len(images) == len(labels) == len(probabilities):
        raise ValueError(
            f"{len(images)} pictures, {len(labels)} labels and {len(probabilities)} rows of "
            "probabilities: give as many of each"
        )
    columns = max(4, *(len(own) for own in people.values()))
    columns = max(columns, 7) if any(len(own) == 1 for own in people.values()) else columns
    rows = _gallery_rows(people, columns)
    side = (PAGE_WIDTH - LEFT) / columns
    row, above = 1.22 * side + 0.44, text_height(title, "")
    height = row * len(rows) + above + text_height("", note)
    figure = page(height)
    figure.set_layout_engine("none")  # many small axes: placing them by hand takes no time

    def place(column: int, top: float, tall: float) -> Axes:
        where = LEFT + column * side, height - above - top - tall, 0.95 * side, tall
        axes = figure.add_axes(
            [x / y for x, y in zip(where, (PAGE_WIDTH, height) * 2, strict=True)]
        )
        axes.set_axis_off()
        return axes

    for number, (person, cells) in enumerate(rows):
        for column, (i, name) in enumerate(cells):
            top = number * row + 0.26
            face, bars = place(column, top, 0.95 * side), place(column, top + side, 0.22 * side)
            _read_face(face, images[i], name, labels[i], probabilities[i], classes)
            _small_bars(bars, probabilities[i], classes)
            if column == 0:
                style = {"rotation": 90, "ha": "right", "va": "center", "fontsize": 8}
                face.text(-0.06, 0.5, person, transform=face.transAxes, **style)
    return finish(figure, title, note, top=0.04)


def _gallery_rows(
    people: Mapping[str, Sequence[int]], columns: int
) -> list[tuple[str, list[tuple[int, str]]]]:
    """Rows of a gallery: a person with several faces has one, those with one face share rows.

    A row is its person's name and, for each face, its number and the name to write above it.
    """
    rows = [(name, [(i, "") for i in own]) for name, own in people.items() if len(own) > 1]
    single = [(own[0], name) for name, own in people.items() if len(own) == 1]
    return rows + [("", single[i : i + columns]) for i in range(0, len(single), columns)]


def _read_face(
    axes: Axes,
    image: np.ndarray,
    name: str,
    label: str,
    probabilities: np.ndarray,
    classes: Sequence[str],
) -> None:
    show_grey(axes, image)
    first = f"{name}: {label}" if name else label
    if np.isnan(probabilities).any():
        axes.set_title(f"{first}\nno face found", fontsize=7, pad=2, color=WRONG)
        return
    read = classes[int(probabilities.argmax())]
    mark = "\N{CHECK MARK}" if read == label else "\N{RIGHTWARDS ARROW} " + read
    words = f"{first}\n{mark} {probabilities.max():.0%}"
    axes.set_title(words, fontsize=7, pad=2, color=RIGHT if read == label else WRONG)


def _small_bars(axes: Axes, probabilities: np.ndarray, classes: Sequence[str]) -> None:
    """Seven bars from 0 to 1 in the emotions' colours, the first letters below."""
    if np.isnan(probabilities).any():
        return
    axes.set_axis_on()
    places = range(len(classes))
    axes.bar(places, probabilities, color=[colour_of(name) for name in classes], width=0.85)
    axes.set_ylim(0, 1)
    axes.set_xticks(places, [name[:2] for name in classes], fontsize=5.5)
    axes.set_yticks([])
    axes.tick_params(length=0, pad=1)
    axes.spines[["left"]].set_visible(False)
    axes.spines["bottom"].set_color(QUIET)
