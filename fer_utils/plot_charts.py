"""Charts by class and by epoch: class counts, learning curves, confusion, grouped bars.

Conventions. Shares and accuracies are fractions, drawn as per cent. Every function takes `title`,
the finding, and `note`, a small caption below (sample sizes), and returns a Matplotlib Figure as
wide as a book page (7 inches). Import them from `fer_utils.plots`.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import matplotlib
import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.patches import Patch
from matplotlib.ticker import MaxNLocator

from fer_utils.plot_style import QUIET, colour_of, finish, page, paler, percent, styled

SHADES = (1.0, 0.6, 0.35, 0.2)  # strength of colour of the first, second ... series of grouped bars


@styled
def class_counts(
    counts_by_split: Mapping[str, Mapping[str, int]],
    classes: Sequence[str] | None = None,
    title: str = "",
    note: str = "",
) -> Figure:
    """Pictures per class, one panel a split: `FaceDataset.counts()` as bars with n and share."""
    splits = list(counts_by_split)
    classes = list(classes or counts_by_split[splits[0]])
    figure = page(0.9 + 0.26 * len(classes))
    panels = figure.subplots(1, len(splits), sharey=True, squeeze=False)[0]
    for axes, split in zip(panels, splits, strict=True):
        counts = np.array([counts_by_split[split].get(name, 0) for name in classes])
        bars = axes.barh(classes, counts, color=[colour_of(name) for name in classes])
        shares = counts / max(1, counts.sum())
        texts = [f"{n:,} ({share:.1%})" for n, share in zip(counts, shares, strict=True)]
        axes.bar_label(bars, texts, padding=2, fontsize=7)
        axes.set_xlim(0, max(1, counts.max()) * (1.3 + 0.25 * len(splits)))
        axes.set_title(f"{split.replace('_', ' ')}, n = {counts.sum():,}", loc="left")
        axes.set_xlabel("pictures")
        axes.xaxis.set_major_locator(MaxNLocator(3, integer=True))
        axes.xaxis.set_major_formatter("{x:,.0f}")
    panels[0].invert_yaxis()
    return finish(figure, title, note)


def _curves(record: Any, key: str) -> tuple[list[int], list[float]]:
    """Epochs and values of `key` in a record's (or a plain list's) history, where it stands."""
    rows = [row for row in getattr(record, "history", record) if row.get(key) is not None]
    return [row["epoch"] for row in rows], [row[key] for row in rows]


def _draw_curves(axes: Axes, records: Sequence[Any], key: str, colour: str, line: str) -> bool:
    """Thin lines for the seeds, a thick one for their mean; False when no record has `key`."""
    curves = [curve for record in records if (curve := _curves(record, key))[0]]
    if not curves:
        return False
    if len(curves) > 1:
        for epochs, values in curves:
            axes.plot(epochs, values, line, color=colour, linewidth=0.6, alpha=0.5)
    by_epoch: dict[int, list[float]] = {}
    for epochs, values in curves:
        for epoch, value in zip(epochs, values, strict=True):
            by_epoch.setdefault(epoch, []).append(value)
    epochs = sorted(by_epoch)
    marker = "o" if len(epochs) == 1 else None
    means = [np.mean(by_epoch[epoch]) for epoch in epochs]
    axes.plot(epochs, means, line, color=colour, marker=marker)
    return True


def _stage_ends(records: Sequence[Any]) -> list[int]:
    """The last epoch of every stage but the last one, of all records."""
    ends = set()
    for record in records:
        rows = list(getattr(record, "history", record))
        pairs = zip(rows, rows[1:], strict=False)
        ends |= {a["epoch"] for a, b in pairs if a.get("stage") != b.get("stage")}
    return sorted(ends)


def _legend_above(axes: Axes, **options: Any) -> None:
    """Legend between title and axes, as many names in a row as fit."""
    handles = options.get("handles") or axes.get_legend_handles_labels()[0]
    longest = max(len(handle.get_label()) for handle in handles)
    columns = max(1, min(len(handles), 90 // (longest + 7)))
    place = {"loc": "lower left", "bbox_to_anchor": (0, 1), "borderaxespad": 0.2}
    axes.legend(ncols=columns, **place, **options)


@styled
def learning_curves(
    records_by_name: Mapping[str, Any],
    metric: str = "accuracy",
    title: str = "",
    note: str = "",
) -> Figure:
    """`metric` ("accuracy", "loss", "learning_rate") by epoch, one colour a name.

    records_by_name: name -> a RunRecord, or a list of them (seeds: thin lines, the mean thick).
    Solid: validation where recorded; dashed: training. Where a training in stages goes on to the
    next, a dotted line stands in the colour of its name.
    """
    figure = page(3.2)
    axes = figure.subplots()
    colours = [style["color"] for style in matplotlib.rcParams["axes.prop_cycle"]]
    drawn = {}
    for i, (name, records) in enumerate(records_by_name.items()):
        if hasattr(records, "history") or (records and isinstance(records[0], dict)):
            records = [records]
        colour = colours[i % len(colours)]
        for prefix, line in (("validation_", "-"), ("train_", "--"), ("", "-")):
            if _draw_curves(axes, records, prefix + metric, colour, line):
                drawn[prefix] = line
        for epoch in _stage_ends(records):
            axes.axvline(epoch + 0.5, color=colour, linewidth=0.8, linestyle=":", zorder=0.5)
        axes.plot([], [], color=colour, label=name)
    if not drawn:
        raise ValueError(f"no record has {metric!r} in its history")
    if "" not in drawn:
        for prefix, line in drawn.items():
            axes.plot(
                [], [], line, color=QUIET, label=prefix.rstrip("_").replace("train", "training")
            )
    axes.set_xlabel("epoch")
    axes.set_ylabel(metric.replace("_", " ") + (" (nats)" if metric == "loss" else ""))
    axes.xaxis.set_major_locator(MaxNLocator(integer=True))
    if metric == "accuracy":
        axes.yaxis.set_major_formatter(percent)
    axes.grid(axis="y")
    _legend_above(axes)
    return finish(figure, title, note)


@styled
def confusion(
    matrix: np.ndarray,
    classes: Sequence[str],
    title: str = "",
    note: str = "",
    predicted: str = "predicted",
) -> Figure:
    """Confusion matrix (K, K), rows true, columns predicted: counts, coloured by row share."""
    matrix = np.asarray(matrix)
    if matrix.shape != (len(classes), len(classes)):
        raise ValueError(f"expected a matrix for {len(classes)} classes, got {matrix.shape}")
    totals = matrix.sum(1)
    shares = matrix / np.maximum(totals, 1)[:, None]
    figure = page(1.4 + 0.62 * len(classes))
    axes = figure.subplots()
    drawn = axes.imshow(shares, cmap="Blues", vmin=0, vmax=1, aspect="auto")
    for (row, column), count in np.ndenumerate(matrix):
        ink = "white" if shares[row, column] > 0.55 else "#222222"
        place = {"ha": "center", "color": ink}
        axes.text(column, row - 0.05, f"{count:,}", va="bottom", fontsize=9, **place)
        axes.text(column, row + 0.05, f"{shares[row, column]:.0%}", va="top", fontsize=7, **place)
    names = [f"{name}\nn = {total:,}" for name, total in zip(classes, totals, strict=True)]
    axes.set_xticks(range(len(classes)), classes)
    axes.set_yticks(range(len(classes)), names)
    axes.tick_params(length=0)
    axes.spines[:].set_visible(False)
    axes.set(xlabel=predicted, ylabel="labelled")
    bar = figure.colorbar(drawn, ax=axes, label="share of the labelled class", aspect=30)
    bar.ax.yaxis.set_major_formatter(percent)
    bar.outline.set_visible(False)
    return finish(figure, title, note)


@styled
def per_class_bars(
    values_by_name: Mapping[str, Sequence[float]],
    classes: Sequence[str],
    ylabel: str = "recall",
    title: str = "",
    note: str = "",
) -> Figure:
    """One group of bars a class in its emotion's colour, one shade a name; fractions (K,) each."""
    if len(values_by_name) > len(SHADES):
        raise ValueError(f"at most {len(SHADES)} series are readable, got {len(values_by_name)}")
    figure = page(3)
    axes = figure.subplots()
    width = 0.8 / len(values_by_name)
    for i, (values, shade) in enumerate(zip(values_by_name.values(), SHADES, strict=False)):
        places = np.arange(len(classes)) - 0.4 + width * (i + 0.5)
        colours = [paler(colour_of(name), shade) for name in classes]
        bars = axes.bar(places, values, width * 0.94, color=colours)
        if len(values_by_name) <= 3:
            axes.bar_label(bars, [f"{100 * value:.0f}" for value in values], fontsize=7, padding=1)
    axes.set_xticks(range(len(classes)), classes)
    axes.tick_params(axis="x", length=0)
    axes.set_ylabel(ylabel)
    axes.yaxis.set_major_formatter(percent)
    axes.grid(axis="y")
    if len(values_by_name) > 1:
        shades = zip(values_by_name, SHADES, strict=False)
        handles = [Patch(color=paler("#222222", shade), label=name) for name, shade in shades]
        _legend_above(axes, handles=handles)
    return finish(figure, title, note)
