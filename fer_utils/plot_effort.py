"""What accuracy costs: a dot a network, against minutes, parameters or multiplications.

Import it from `fer_utils.plots`.
"""

from __future__ import annotations

from collections.abc import Mapping

import matplotlib
import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.lines import Line2D
from matplotlib.ticker import LogLocator, NullFormatter

from fer_utils.plot_style import finish, page, percent, styled

Points = Mapping[str, tuple[float, tuple[float, float, float]]]


@styled
def effort(
    panels: Mapping[str, Mapping[str, Points]],
    ylabel: str = "accuracy",
    title: str = "",
    note: str = "",
) -> Figure:
    """Accuracy against what it costs, a panel for each cost, on a logarithmic axis.

    panels: cost with its unit, the label below the panel -> {group -> {name -> (cost, (value, low,
    high))}}. A group has one colour in all panels; dots are numbered from the highest value down
    and named at the side. Values are fractions, costs above 0.
    """
    figure = page(3.6)
    axes = figure.subplots(1, len(panels), sharey=True, squeeze=False)[0]
    colours = [style["color"] for style in matplotlib.rcParams["axes.prop_cycle"]]
    groups = list(dict.fromkeys(group for panel in panels.values() for group in panel))
    colour = {group: colours[i % len(colours)] for i, group in enumerate(groups)}
    number = _numbers(panels)
    for one, (cost, panel) in zip(axes, panels.items(), strict=True):
        for group, points in panel.items():
            x = [place for place, _ in points.values()]
            values, low, high = np.array([three for _, three in points.values()]).T
            one.errorbar(x, values, [values - low, high - values], fmt="o", color=colour[group])
            for name, place, value in zip(points, x, values, strict=True):
                left = number[name] % 2 == 0  # neighbours in rank are close to each other
                beside = {"textcoords": "offset points", "ha": "right" if left else "left"}
                where = (-4 if left else 4, 2)
                one.annotate(str(number[name]), (place, value), where, fontsize=7, **beside)
        one.set_xscale("log")
        one.margins(x=0.1)
        one.xaxis.set_major_locator(LogLocator(subs=(1, 2, 5), numticks=8))
        one.xaxis.set_major_formatter("{x:g}")
        one.xaxis.set_minor_formatter(NullFormatter())
        one.set_xlabel(cost)
        one.yaxis.set_major_formatter(percent)
        one.grid(axis="y")
    axes[0].set_ylabel(ylabel)
    _name_at_the_side(axes[-1], panels, number, colour)
    return finish(figure, title, note)


def _numbers(panels: Mapping[str, Mapping[str, Points]]) -> dict[str, int]:
    """name -> its rank by value, 1 for the highest."""
    values = {
        name: value
        for panel in panels.values()
        for points in panel.values()
        for name, (_, (value, _, _)) in points.items()
    }
    return {name: rank for rank, name in enumerate(sorted(values, key=values.get)[::-1], 1)}


def _name_at_the_side(
    axes: Axes,
    panels: Mapping[str, Mapping[str, Points]],
    number: Mapping[str, int],
    colour: Mapping[str, str],
) -> None:
    """The names by number, below the heading of their group."""
    handles = []
    for group, paint in colour.items():
        names = {name for panel in panels.values() for name in panel.get(group, {})}
        handles.append(Line2D([], [], marker="o", linestyle="", color=paint, label=group))
        for name in sorted(names, key=number.get):
            handles.append(Line2D([], [], linestyle="", label=f"{number[name]} {name}"))
    place = {"loc": "center left", "bbox_to_anchor": (1, 0.5), "frameon": False}
    axes.legend(handles=handles, fontsize=7, labelspacing=0.25, handletextpad=0.2, **place)
