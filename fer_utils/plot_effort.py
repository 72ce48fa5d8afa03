"""What accuracy costs: a dot a network, against minutes, parameters or multiplications.

Import it from `fer_utils.plots`.
"""

from __future__ import annotations

from collections.abc import Mapping

import matplotlib
import numpy as np
from matplotlib.figure import Figure
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
    high))}}. A group has one colour in all panels; a name stands beside its dot. Values are
    fractions, costs above 0.
    """
    figure = page(3.6)
    axes = figure.subplots(1, len(panels), sharey=True, squeeze=False)[0]
    colours = [style["color"] for style in matplotlib.rcParams["axes.prop_cycle"]]
    groups = list(dict.fromkeys(group for panel in panels.values() for group in panel))
    for one, (cost, panel) in zip(axes, panels.items(), strict=True):
        for group, points in panel.items():
            colour = colours[groups.index(group) % len(colours)]
            x = [place for place, _ in points.values()]
            values, low, high = np.array([three for _, three in points.values()]).T
            bars = [values - low, high - values]
            one.errorbar(x, values, bars, fmt="o", color=colour, capsize=2, label=group)
            for name, place, value in zip(points, x, values, strict=True):
                one.annotate(name, (place, value), (5, 3), textcoords="offset points", fontsize=6.5)
        one.set_xscale("log")
        one.margins(x=0.3)
        one.xaxis.set_major_locator(LogLocator(subs=(1, 2, 5)))
        one.xaxis.set_major_formatter("{x:g}")
        one.xaxis.set_minor_formatter(NullFormatter())
        one.set_xlabel(cost)
        one.yaxis.set_major_formatter(percent)
        one.grid(axis="y")
    axes[0].set_ylabel(ylabel)
    axes[0].legend(fontsize=7)
    return finish(figure, title, note)
