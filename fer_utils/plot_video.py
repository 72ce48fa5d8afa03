"""Probabilities over time, one panel a face, one colour an emotion as everywhere.

Import it from `fer_utils.plots`.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.patches import Patch

from fer_utils.plot_style import colour_of, finish, page, percent, styled, text_height

MANY = 60  # points from which a line needs no dots


@styled
def timelines(
    lines: Sequence[Any],
    truth: Mapping[int, Sequence[tuple[float, float, str]]] | None = None,
    title: str = "",
    note: str = "",
) -> Figure:
    """Lines of probability by second, a panel for each `faces.video_table.Timeline`.

    truth: {face: [(from, to, class)]}, seconds: what was really shown, as a strip above the panel.

    Raises ValueError for no timeline.
    """
    if not lines:
        raise ValueError("no timeline to draw: no face was found")
    figure = page(1 + 1.35 * len(lines) + text_height(title, note))
    heights = (0.2, *[1] * len(lines))
    top, *panels = figure.subplots(len(heights), squeeze=False, height_ratios=heights)[:, 0]
    for axes, line in zip(panels, lines, strict=True):
        axes.sharex(panels[0])
        _panel(axes, line)
        if truth and line.face in truth:
            _strip(axes, truth[line.face])
        axes.set_ylabel(f"face {line.face}" if len(lines) > 1 else "probability")
        axes.tick_params(labelbottom=axes is panels[-1])
    times = np.concatenate([line.times for line in lines])
    margin = 0.02 * np.ptp(times) or 0.5
    panels[-1].set_xlim(times.min() - margin, times.max() + margin)
    panels[-1].set_xlabel("time (seconds)")
    top.set_axis_off()
    handles = [Patch(color=colour_of(name), label=name) for name in lines[0].classes]
    small = {"columnspacing": 1, "handlelength": 1, "borderaxespad": 0}
    legend = top.legend(handles=handles, loc="lower left", ncols=len(handles), **small)
    legend.set_in_layout(False)  # the strip is high enough for it
    return finish(figure, title, note)


def _panel(axes: Axes, line: Any) -> None:
    dots = "." if len(line.times) < MANY else None
    for k, name in enumerate(line.classes):
        colour = colour_of(name)
        style = {"color": colour, "linewidth": 1.2, "marker": dots, "markersize": 3}
        axes.plot(line.times, line.probabilities[:, k], **style)
    axes.set_ylim(0, 1)
    axes.set_yticks([0, 0.5, 1])
    axes.yaxis.set_major_formatter(percent)
    axes.grid(axis="y")


def _strip(axes: Axes, spans: Sequence[tuple[float, float, str]]) -> None:
    for start, end, name in spans:
        where = {"ymin": 1.02, "ymax": 1.09, "clip_on": False, "linewidth": 0}
        axes.axvspan(start, end, color=colour_of(name), **where).set_in_layout(False)
