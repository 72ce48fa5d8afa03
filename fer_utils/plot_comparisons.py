"""Charts that compare one figure of several networks: dots with intervals, bars, reference lines.

Conventions. Accuracies are fractions, drawn as per cent. References are lines (a number) or bands
(low, high) such as chance or what humans reach. Every function takes `title`, the finding, and
`note`, a small caption below, and returns a Matplotlib Figure as wide as a book page (7 inches).
Import them from `fer_utils.plots`.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.ticker import MaxNLocator

from fer_utils.plot_style import PAGE_WIDTH, QUIET, colour_of, finish, page, paler, percent, styled


def _stagger(places: Mapping[str, float], per_letter: float) -> dict[str, int]:
    """Line (0 is the lowest) for each name centred at its place, so that none runs into another."""
    ends: list[float] = []  # where each line is taken up to
    lines = {}
    for name in sorted(places, key=lambda name: places[name]):
        half = per_letter * (len(name) + 1) / 2
        free = [i for i, end in enumerate(ends) if end <= places[name] - half]
        lines[name] = free[0] if free else len(ends)
        ends[lines[name] :] = [places[name] + half, *ends[lines[name] + 1 :]]
    return lines


def _references(
    axes: Axes,
    references: Mapping[str, float | tuple[float, float]] | None,
    names: Iterable[str],
) -> None:
    """Vertical lines (a number) or bands (low, high), named above; row `names` take room."""
    references = references or {}
    middle = {name: float(np.mean(where)) for name, where in references.items()}
    inches = PAGE_WIDTH - 0.3 - 0.065 * max(map(len, names), default=0)  # about the axes' width
    lines = _stagger(middle, 0.062 * float(np.diff(axes.get_xlim())[0]) / inches)
    for name, where in references.items():
        if np.ndim(where):
            axes.axvspan(*where, color=paler(QUIET, 0.15), linewidth=0, zorder=0)
        axes.axvline(middle[name], color=QUIET, linewidth=0.8, linestyle=":", zorder=0.5)
        axes.annotate(
            name,
            (middle[name], 1),
            (0, 3 + 10 * lines[name]),
            xycoords=("data", "axes fraction"),
            textcoords="offset points",
            ha="center",
            fontsize=7.5,
            color=QUIET,
        )


@styled
def intervals(
    rows: Mapping[str, tuple[float, float, float]],
    references: Mapping[str, float | tuple[float, float]] | None = None,
    xlabel: str = "accuracy",
    title: str = "",
    note: str = "",
) -> Figure:
    """A dot and its 95% interval a row; references as lines (a number) or bands (low, high).

    rows: name -> (value, low, high), fractions, drawn from the top in the order given.
    """
    figure = page(1.1 + 0.26 * len(rows))
    axes = figure.subplots()
    for i, (value, low, high) in enumerate(rows.values()):
        axes.plot([low, high], [i, i], color="#004488", linewidth=1.6, solid_capstyle="butt")
        axes.plot(value, i, "o", color="#004488", markersize=5)
        axes.annotate(
            f"{value:.1%}", (high, i), (5, 0), textcoords="offset points", va="center", fontsize=7.5
        )
    axes.set_yticks(range(len(rows)), list(rows))
    axes.set_ylim(len(rows) - 0.5, -0.5)
    lowest = [row[1] for row in rows.values()] + [np.min(r) for r in (references or {}).values()]
    highest = [row[2] for row in rows.values()] + [np.max(r) for r in (references or {}).values()]
    margin = 0.08 * (max(highest) - min(lowest)) or 0.05
    axes.set_xlim(max(0, min(lowest) - margin), min(1.02, max(highest) + 1.6 * margin))
    axes.xaxis.set_major_formatter(percent)
    axes.set_xlabel(xlabel)
    axes.grid(axis="x")
    _references(axes, references, rows)
    return finish(figure, title, note)


@styled
def compare_bars(
    values: Mapping[str, float],
    xlabel: str = "accuracy",
    references: Mapping[str, float | tuple[float, float]] | None = None,
    title: str = "",
    note: str = "",
) -> Figure:
    """One horizontal bar a name with its value; fractions. Emotions have their own colours."""
    figure = page(1.1 + 0.28 * len(values))
    axes = figure.subplots()
    colours = [colour_of(name) for name in values]
    bars = axes.barh(list(values), list(values.values()), color=colours, height=0.7)
    axes.bar_label(bars, [f"{value:.1%}" for value in values.values()], padding=3, fontsize=8)
    axes.invert_yaxis()
    far = [*values.values(), *(np.max(r) for r in (references or {}).values())]
    axes.set_xlim(0, max(far) * 1.12)
    axes.xaxis.set_major_formatter(percent)
    axes.set_xlabel(xlabel)
    _references(axes, references, values)
    return finish(figure, title, note)


@styled
def sweep(
    lines: Mapping[str, Mapping[float, float | tuple[float, float, float]]],
    xlabel: str,
    ylabel: str = "accuracy",
    log_x: bool = False,
    title: str = "",
    note: str = "",
) -> Figure:
    """A figure against a setting: dots joined by a line, with their 95% intervals.

    lines: name -> {setting -> (value, low, high), or a value alone}, fractions. log_x: settings on
    a logarithmic axis; 0 stands then at its left end, named "0".
    """
    figure = page(3.0)
    axes = figure.subplots()
    settings = sorted({setting for line in lines.values() for setting in line})
    places = {setting: float(setting) for setting in settings}
    if log_x:
        axes.set_xscale("log")
        if settings[0] == 0:
            places[0] = settings[1] / 10
        axes.set_xticks(list(places.values()), [f"{setting:g}" for setting in settings])
        axes.minorticks_off()
    elif all(float(setting).is_integer() for setting in settings):
        axes.xaxis.set_major_locator(MaxNLocator(integer=True))
    for name, line in lines.items():
        found = sorted(line.items())
        values, low, high = np.array([np.broadcast_to(three, 3) for _, three in found]).T
        x = [places[setting] for setting, _ in found]
        axes.errorbar(x, values, [values - low, high - values], fmt="o-", capsize=2, label=name)
    axes.yaxis.set_major_formatter(percent)
    axes.set_xlabel(xlabel)
    axes.set_ylabel(ylabel)
    axes.grid(axis="y")
    if len(lines) > 1:
        axes.legend()
    return finish(figure, title, note)
