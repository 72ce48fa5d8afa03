"""Figures made of pictures: grids, pairs, mistakes, mean faces, filters, upscaling.

Conventions. Pictures are (N, H, W) or (N, H, W, 3), uint8 or float in 0..1. Every function takes
`title`, the finding, and `note`, a small caption below, and returns a Matplotlib Figure as wide as
a book page (7 inches). Import them from `fer_utils.plots`.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import cv2
import numpy as np
from matplotlib.figure import Figure

from fer_utils.plot_style import (
    count_lines,
    finish,
    page,
    picture_axes,
    show_grey,
    styled,
    text_height,
)

GAP = 1  # white pixels between the two pictures of a pair


def _same_length(**named: Sequence) -> None:
    lengths = {name: len(values) for name, values in named.items() if values is not None}
    if len(set(lengths.values())) > 1:
        raise ValueError(f"expected one entry a picture in each, got lengths {lengths}")


@styled
def grid(
    images: np.ndarray,
    titles: Sequence[str] | None = None,
    columns: int = 8,
    title: str = "",
    note: str = "",
) -> Figure:
    """Pictures (N, H, W) in rows of `columns`, each with its own short title if given."""
    _same_length(images=images, titles=titles)
    figure = page(1)
    aspect = images[0].shape[0] / images[0].shape[1] if len(images) else 1
    text = text_height(title, note)
    lines = count_lines(titles)
    cells = picture_axes(figure, len(images), columns, aspect=aspect, lines=lines, text=text)
    for i, axes in enumerate(cells):
        show_grey(axes, images[i])
        if titles is not None:
            axes.set_title(titles[i], fontsize=7.5, pad=2)
    return finish(figure, title, note)


@styled
def mistakes(
    images: np.ndarray,
    labels: np.ndarray,
    predictions: np.ndarray,
    classes: Sequence[str],
    n: int = 16,
    probabilities: np.ndarray | None = None,
    columns: int = 8,
    title: str = "",
    note: str = "",
) -> Figure:
    """`n` misread pictures, each with its label and, after the arrow, what it was read as.

    labels, predictions: int (N,). With probabilities (N, K) the surest mistakes come first, with
    the probability of the wrong class; without, the first ones in order.
    """
    _same_length(images=images, labels=labels, predictions=predictions, probabilities=probabilities)
    labels, predictions = np.asarray(labels), np.asarray(predictions)
    wrong = np.flatnonzero(labels != predictions)
    if len(wrong) == 0:
        raise ValueError("no mistakes to show: every prediction equals its label")
    if probabilities is not None:
        sure = np.asarray(probabilities)[wrong, predictions[wrong]]
        wrong = wrong[np.argsort(-sure, kind="stable")]
    shown = wrong[:n]
    titles = [
        f"{classes[labels[i]]}\n\N{RIGHTWARDS ARROW} {classes[predictions[i]]}" for i in shown
    ]
    if probabilities is not None:
        sure = (probabilities[i, predictions[i]] for i in shown)
        titles = [f"{title} {share:.0%}" for title, share in zip(titles, sure, strict=True)]
    note = note or (
        f"{len(shown)} of {len(wrong):,} mistakes among {len(labels):,} pictures; "
        "the label above, the prediction after the arrow."
    )
    return grid(images[shown], titles, columns, title, note)


@styled
def mean_faces(
    images_by_class: Mapping[str, np.ndarray], title: str = "", note: str = ""
) -> Figure:
    """Mean picture of each class above, standard deviation of each pixel below.

    images_by_class: class name -> uint8 (n, H, W). Both rows in grey levels of 0 to 255, each
    with one scale that spans its own range.
    """
    names = list(images_by_class)
    figure = page(2 * (5.7 / len(names)) + 0.65 + text_height(title, note))
    axes = figure.subplots(2, len(names), squeeze=False)
    means = [np.asarray(images).mean(0) for images in images_by_class.values()]
    spreads = [np.asarray(images).std(0) for images in images_by_class.values()]
    for i, name in enumerate(names):
        top = axes[0, i].imshow(means[i], "gray", vmin=np.min(means), vmax=np.max(means))
        bottom = axes[1, i].imshow(
            spreads[i], "viridis", vmin=np.min(spreads), vmax=np.max(spreads)
        )
        axes[0, i].set_title(f"{name}\nn = {len(images_by_class[name]):,}", fontsize=8)
    for one in axes.flat:
        one.set(xticks=[], yticks=[])
        one.spines[:].set_visible(False)
    figure.colorbar(top, ax=axes[0], label="mean\n(grey level)", aspect=8, shrink=0.9)
    figure.colorbar(bottom, ax=axes[1], label="std. deviation\n(grey levels)", aspect=8, shrink=0.9)
    return finish(figure, title, note)


@styled
def filters(
    weights: np.ndarray,
    columns: int = 8,
    titles: Sequence[str] | None = None,
    title: str = "",
    note: str = "",
) -> Figure:
    """Weights (N, H, W) as pictures: red adds, blue subtracts, white is zero; one scale for all.

    A dense layer's kernel (H*W, N) is `kernel.T.reshape(-1, H, W)`.
    """
    weights = np.asarray(weights, dtype=float)
    if weights.ndim != 3:
        raise ValueError(f"expected weights (N, H, W), got shape {weights.shape}")
    _same_length(weights=weights, titles=titles)
    figure = page(1)
    limit = float(np.abs(weights).max()) or 1.0
    axes = picture_axes(
        figure,
        len(weights),
        columns,
        aspect=weights.shape[1] / weights.shape[2],
        lines=count_lines(titles),
        text=text_height(title, note),
        width=6.2,  # the rest is the colour bar's
    )
    for i, one in enumerate(axes):
        drawn = one.imshow(weights[i], cmap="RdBu_r", vmin=-limit, vmax=limit)
        if titles is not None:
            one.set_title(titles[i], fontsize=7.5, pad=2)
    figure.colorbar(drawn, ax=figure.axes, label="weight", fraction=0.04, aspect=30)
    return finish(figure, title, note)


@styled
def pairs(
    first: np.ndarray,
    second: np.ndarray,
    first_titles: Sequence[str],
    second_titles: Sequence[str],
    columns: int = 4,
    title: str = "",
    note: str = "",
) -> Figure:
    """Pictures that belong together side by side, each half with its own title above it."""
    _same_length(first=first, second=second, first_titles=first_titles, second_titles=second_titles)
    figure = page(1)
    cells = picture_axes(
        figure,
        len(first),
        columns,
        aspect=first[0].shape[0] / (2 * first[0].shape[1] + GAP) if len(first) else 1,
        lines=count_lines([*first_titles, *second_titles]),
        text=text_height(title, note),
        width=6.6,
    )
    figure.get_layout_engine().set(wspace=0.06)  # pairs stand apart, the two of a pair do not
    for i, axes in enumerate(cells):
        white = 255 if first[i].dtype == np.uint8 else 1
        gap = np.full((len(first[i]), GAP), white, first[i].dtype)
        show_grey(axes, np.hstack([first[i], gap, second[i]]))
        for x, text in ((0.25, first_titles[i]), (0.75, second_titles[i])):
            axes.text(x, 1.02, text, ha="center", va="bottom", fontsize=7, transform=axes.transAxes)
    return finish(figure, title, note)


@styled
def upscaling(images: np.ndarray, size: int = 224, title: str = "", note: str = "") -> Figure:
    """Each picture enlarged to `size` pixels by nearest neighbour, bilinear and bicubic.

    images: (N, H, W), one row each; two or three rows fill a page.
    """
    methods = {
        "nearest neighbour": cv2.INTER_NEAREST,
        "bilinear": cv2.INTER_LINEAR,
        "bicubic": cv2.INTER_CUBIC,
    }
    figure = page(1)
    text = 0.2 + text_height(title, note)
    axes = picture_axes(figure, len(images) * len(methods), len(methods), text=text)
    for row, image in enumerate(images):
        for column, (name, method) in enumerate(methods.items()):
            one = axes[row * len(methods) + column]
            large = cv2.resize(np.asarray(image), (size, size), interpolation=method)
            show_grey(one, large)
            if row == 0:
                one.set_title(f"{name}, {image.shape[1]} to {size} pixels")
    return finish(figure, title, note)
