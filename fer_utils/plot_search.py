"""Charts of a search for hyperparameters, drawn from its summary (`results/searches/*.json`).

Import them from `fer_utils.plots`. Accuracies are fractions, drawn as per cent.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
from matplotlib.figure import Figure
from matplotlib.ticker import MaxNLocator

from fer_utils.plot_charts import _legend_above
from fer_utils.plot_style import OTHER_COLOUR, QUIET, finish, page, percent, styled

INK = "#004488"


@styled
def search_history(
    summary: Mapping[str, Any],
    references: Mapping[str, float] | None = None,
    title: str = "",
    note: str = "",
) -> Figure:
    """The score of each trial in turn, the best so far, and the pruned ones where they ended.

    references: name -> accuracy, dotted lines, such as that of a report's own settings.
    """
    trials = summary["trials"]
    if not trials:
        raise ValueError(f"study {summary['study']!r} has no finished trial to draw")
    figure = page(3.2)
    axes = figure.subplots()
    complete = [row for row in trials if row["state"] == "complete"]
    pruned = [row for row in trials if row["state"] == "pruned" and row["curve"]]
    if pruned:
        places = [row["number"] for row in pruned], [row["curve"][-1] for row in pruned]
        axes.plot(*places, "x", color=QUIET, markersize=5, label="pruned, last accuracy")
    if complete:
        numbers, scores = zip(*((row["number"], row["score"]) for row in complete), strict=True)
        axes.plot(numbers, scores, "o", color=INK, markersize=4, label="complete")
        ends = [*numbers, trials[-1]["number"]], [*scores, scores[-1]]
        best = np.maximum.accumulate(ends[1])
        axes.step(ends[0], best, color=INK, linewidth=1, where="post", label="best so far")
    for name, accuracy in (references or {}).items():
        axes.axhline(accuracy, color=OTHER_COLOUR, linestyle=":", linewidth=1)
        place = {"xy": (1, accuracy), "xycoords": ("axes fraction", "data")}
        paper = {"facecolor": "white", "edgecolor": "none", "alpha": 0.8, "pad": 0.5}
        axes.annotate(name, **place, ha="right", va="bottom", fontsize=7.5, color=QUIET, bbox=paper)
    axes.set_xlabel("trial")
    axes.set_ylabel(f"accuracy, {summary['scored_on']}")
    axes.xaxis.set_major_locator(MaxNLocator(integer=True))
    axes.yaxis.set_major_formatter(percent)
    axes.grid(axis="y")
    _legend_above(axes)
    return finish(figure, title, note)


@styled
def search_importance(summary: Mapping[str, Any], title: str = "", note: str = "") -> Figure:
    """The share of each setting in what told good trials from bad, largest on top."""
    shares = summary["importance"]
    if not shares:
        raise ValueError(f"study {summary['study']!r} has too few complete trials for importances")
    figure = page(0.9 + 0.28 * len(shares))
    axes = figure.subplots()
    names = [name.replace("_", " ") for name in shares]
    bars = axes.barh(names, list(shares.values()), color=INK, height=0.7)
    axes.bar_label(bars, [f"{share:.0%}" for share in shares.values()], padding=3, fontsize=8)
    axes.invert_yaxis()
    axes.set_xlim(0, max(shares.values()) * 1.12)
    axes.xaxis.set_major_formatter(percent)
    axes.set_xlabel("importance")
    return finish(figure, title, note)
