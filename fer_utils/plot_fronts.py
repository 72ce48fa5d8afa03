"""Two figures of many strategies against each other, and the front of those that no other beats.

Import it from `fer_utils.plots`.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from matplotlib.figure import Figure

from fer_utils.plot_style import QUIET, finish, page, paler, percent, styled

INK, CURVES = "#004488", ("#BB5566", "#997700")
Three = tuple[float, float, float]


@styled
def front(
    points: Mapping[str, tuple[Three, Three]],
    on_front: Sequence[str],
    curves: Mapping[str, Mapping[str, tuple[float, float]]] | None = None,
    xlabel: str = "accuracy",
    ylabel: str = "balanced accuracy",
    title: str = "",
    note: str = "",
) -> Figure:
    """A dot and two 95% intervals a strategy, numbered and named at the side; the front in ink.

    points: name -> ((x, low, high), (y, low, high)), fractions. on_front: names whose dots are
    filled and joined, in order. curves: at most two, name -> {label -> (x, y)}: a setting turned
    continuously, drawn as a line with its labels.
    """
    figure = page(4.4)
    axes = figure.subplots()
    joined = [points[name] for name in on_front if name in points]
    axes.plot(
        [x[0] for x, _ in joined], [y[0] for _, y in joined], color=INK, linewidth=1, zorder=1
    )
    for i, (name, (x, y)) in enumerate(points.items(), start=1):
        best = name in on_front
        colour = INK if best else QUIET
        faint = paler(colour, 0.35)
        axes.plot(x[1:], [y[0]] * 2, color=faint, linewidth=0.8, zorder=0)
        axes.plot([x[0]] * 2, y[1:], color=faint, linewidth=0.8, zorder=0)
        fill = colour if best else "white"
        label = f"{i} {name}"
        axes.plot(x[0], y[0], "o", color=colour, markerfacecolor=fill, markersize=6, label=label)
        place = {"textcoords": "offset points", "fontsize": 7.5, "color": colour}
        axes.annotate(str(i), (x[0], y[0]), (4, 4), **place)
    for (name, curve), colour in zip((curves or {}).items(), CURVES, strict=False):
        axes.plot(*zip(*curve.values(), strict=True), ".--", color=colour, lw=0.9, label=name)
        for text, where in curve.items():
            place = {"textcoords": "offset points", "fontsize": 6.5, "color": colour}
            axes.annotate(text, where, (4, -8), **place)
    axes.set(xlabel=xlabel, ylabel=ylabel)
    axes.xaxis.set_major_formatter(percent)
    axes.yaxis.set_major_formatter(percent)
    axes.grid()
    axes.legend(loc="center left", bbox_to_anchor=(1, 0.5), fontsize=7.5, frameon=False)
    return finish(figure, title, note)
