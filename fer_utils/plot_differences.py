"""How far networks are from one they are compared with: dots, intervals and a line at zero.

Import it from `fer_utils.plots`.
"""

from __future__ import annotations

from collections.abc import Mapping

from matplotlib.figure import Figure

from fer_utils.plot_style import QUIET, finish, page, styled


@styled
def differences(
    rows: Mapping[str, tuple[float, float, float]],
    base: str,
    xlabel: str = "difference of accuracy (points)",
    title: str = "",
    note: str = "",
) -> Figure:
    """A dot and its 95% interval a row, in percentage points from `base`, which is the line at 0.

    rows: name -> (value, low, high), differences of fractions, drawn from the top in the order
    given. Rows whose interval holds 0 are hollow and grey.
    """
    figure = page(1.1 + 0.26 * len(rows))
    axes = figure.subplots()
    for i, three in enumerate(rows.values()):
        value, low, high = (100 * number for number in three)
        apart = low > 0 or high < 0
        colour = "#004488" if apart else QUIET
        axes.plot([low, high], [i, i], color=colour, linewidth=1.6, solid_capstyle="butt")
        axes.plot(value, i, "o", color=colour, markersize=5, markerfacecolor=None if apart else "w")
        place = {"textcoords": "offset points", "va": "center", "fontsize": 7.5}
        axes.annotate(f"{value:+.1f}", (high, i), (5, 0), **place)
    axes.axvline(0, color=QUIET, linewidth=0.8, linestyle=":", zorder=0.5)
    place = {"textcoords": "offset points", "ha": "center", "fontsize": 7.5, "color": QUIET}
    axes.annotate(base, (0, 1), (0, 3), xycoords=("data", "axes fraction"), **place)
    axes.set_yticks(range(len(rows)), list(rows))
    axes.set_ylim(len(rows) - 0.5, -0.5)
    axes.margins(x=0.12)
    axes.set_xlabel(xlabel)
    axes.grid(axis="x")
    return finish(figure, title, note)
