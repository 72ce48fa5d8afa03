"""Charts of chapter 05: two frameworks step by step, and what one default is worth.

Conventions. Losses are in nats. Every function takes `title`, the finding, and `note`, a small
caption below, and returns a Matplotlib Figure as wide as a book page (7 inches). Import them from
`fer_utils.plots`.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import matplotlib
import numpy as np
from matplotlib.figure import Figure
from matplotlib.ticker import FuncFormatter

from fer_utils.plot_style import QUIET, finish, page, percent, styled

LEAST = 1e-8  # the smallest relative difference a logarithmic axis shows: below float32's 6e-8


def _plain_percent(value: float, _: int = 0) -> str:
    """Tick label of a small fraction without an exponent: 1e-8 is 0.000001%."""
    return f"{100 * value:.8f}".rstrip("0").rstrip(".") + "%"


@styled
def matched_curves(
    losses: Mapping[str, Sequence[float]],
    limit: float = 0.01,
    title: str = "",
    note: str = "",
) -> Figure:
    """Two loss curves on top of each other; below, how far apart they are as a share of the first.

    losses: name -> loss of each step (steps,), two of them. limit: a dotted line below.
    """
    if len(losses) != 2 or len({len(values) for values in losses.values()}) != 1:
        raise ValueError("expected two curves with the same number of steps")
    figure = page(4.2)
    above, below = figure.subplots(2, 1, sharex=True, height_ratios=(3, 2))
    (one, first), (other, second) = ((n, np.asarray(v, float)) for n, v in losses.items())
    steps = np.arange(1, len(first) + 1)
    above.plot(steps, first, color="#ddaa33", linewidth=4.5, label=one)
    above.plot(steps, second, color="#004488", linewidth=1, label=other)
    above.set_ylabel("loss (nats)")
    above.legend(loc="upper right")
    apart = np.abs(second - first) / first
    below.semilogy(steps, np.maximum(apart, LEAST), color="#004488", linewidth=1)
    below.axhline(limit, color=QUIET, linewidth=0.8, linestyle=":")
    below.annotate(percent(limit), (1, limit), (0, 3), textcoords="offset points", fontsize=7.5)
    below.set_ylim(LEAST / 2, max(10 * limit, 2 * float(apart.max())))
    below.yaxis.set_major_formatter(FuncFormatter(_plain_percent))
    below.set_ylabel("difference")
    below.set_xlabel("step")
    return finish(figure, title, note)


@styled
def step_curves(
    lines: Mapping[str, tuple[Sequence[float], Sequence[Sequence[float]]]],
    ylabel: str = "loss (nats)",
    title: str = "",
    note: str = "",
) -> Figure:
    """Curves against steps; lines: name -> (steps (m,), a curve a seed (seeds, m)).

    Seeds are thin lines, their mean a thick one.
    """
    figure = page(3.0)
    axes = figure.subplots()
    colours = [style["color"] for style in matplotlib.rcParams["axes.prop_cycle"]]
    for i, (name, (steps, curves)) in enumerate(lines.items()):
        curves, colour = np.atleast_2d(curves), colours[i % len(colours)]
        axes.plot(steps, curves.mean(0), color=colour, label=name)
        if len(curves) > 1:
            axes.plot(steps, curves.T, color=colour, linewidth=0.6, alpha=0.5)
    axes.set_xlabel("step")
    axes.set_ylabel(ylabel)
    axes.grid(axis="y")
    axes.legend()
    return finish(figure, title, note)


@styled
def in_seeds(
    apart: Mapping[str, Sequence[float]],
    title: str = "",
    note: str = "",
) -> Figure:
    """How far one change moves a curve, in distances of two seeds: a dot a seed, a bar the median.

    apart: name -> a distance for each seed, above 0; the dotted line at 1 is another seed.
    """
    figure = page(1.1 + 0.28 * len(apart))
    axes = figure.subplots()
    for i, values in enumerate(apart.values()):
        axes.barh(i, np.median(values), height=0.6, color="#66ccee")
        axes.plot(values, [i] * len(values), "o", color="#004488", markersize=3.5, alpha=0.8)
    axes.set_yticks(range(len(apart)), list(apart))
    axes.set_ylim(len(apart) - 0.5, -0.5)
    axes.set_xlim(0, 1.08 * max(1.0, *(max(values) for values in apart.values())))
    axes.axvline(1, color=QUIET, linewidth=0.8, linestyle=":")
    axes.annotate(
        "another seed", (1, 1), (0, 3), xycoords=("data", "axes fraction"),
        textcoords="offset points", ha="center", fontsize=7.5, color=QUIET,
    )  # fmt: skip
    axes.set_xlabel("distance from the common setting (1 = distance of two seeds)")
    return finish(figure, title, note)
