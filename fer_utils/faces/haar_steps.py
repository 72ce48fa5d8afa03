"""What a Haar cascade does, step by step, for looking at (Viola and Jones, 2001).

The numbers are those of OpenCV's `haarcascade_frontalface_default.xml`, the steps are written out
in NumPy. For detecting, OpenCV itself is much faster: see `faces.detect`.
"""

from __future__ import annotations

import functools
import xml.etree.ElementTree as ElementTree
from dataclasses import dataclass
from pathlib import Path

import cv2
import numpy as np

FILE = "haarcascade_frontalface_default.xml"
WINDOW = 24  # pixels a side
SLACK = 1e-5  # OpenCV subtracts it from every stage's threshold


@dataclass(frozen=True)
class Stage:
    """A sum of n weak answers, and the threshold that it must reach to pass.

    Weak answer i compares one feature of the window with `cut[i]`: below it gives `below[i]`, else
    `above[i]`.
    """

    features: np.ndarray  # int (n, 3, 5): up to three rectangles x, y, width, height, weight
    cut: np.ndarray  # float (n,), in units of the window's standard deviation
    below: np.ndarray  # float (n,)
    above: np.ndarray  # float (n,)
    threshold: float


@functools.cache
def cascade() -> tuple[Stage, ...]:
    """The stages of OpenCV's frontal face cascade.

    Raises FileNotFoundError where OpenCV came without it (version 5 does).
    """
    path = Path(cv2.data.haarcascades) / FILE
    if not path.is_file():
        raise FileNotFoundError(f"no {path}: install opencv-python-headless>=4.10,<5")
    root = ElementTree.parse(path).getroot().find("cascade")
    features = np.zeros((len(root.find("features")), 3, 5), np.int64)
    for i, feature in enumerate(root.find("features")):
        for k, rectangle in enumerate(feature.find("rects")):
            features[i, k] = [int(float(number)) for number in rectangle.text.split()]
    return tuple(_stage(one, features) for one in root.find("stages"))


def _stage(one: ElementTree.Element, features: np.ndarray) -> Stage:
    weak = one.find("weakClassifiers")
    nodes = np.array([[float(v) for v in w.find("internalNodes").text.split()] for w in weak])
    leaves = np.array([[float(v) for v in w.find("leafValues").text.split()] for w in weak])
    chosen = features[nodes[:, 2].astype(int)]
    threshold = float(one.find("stageThreshold").text) - SLACK
    return Stage(chosen, nodes[:, 3], leaves[:, 0], leaves[:, 1], threshold)


def integral(grey: np.ndarray) -> np.ndarray:
    """Sums of all pixels above and left of each corner, int64 (H + 1, W + 1), of grey (H, W)."""
    sums = np.zeros((grey.shape[0] + 1, grey.shape[1] + 1), np.int64)
    sums[1:, 1:] = grey.astype(np.int64).cumsum(0).cumsum(1)
    return sums


def rectangle_sum(sums: np.ndarray, x, y, w, h) -> np.ndarray:
    """Sum of the pixels in a rectangle, from four corners of the integral image, whatever its size.

    The arguments may be arrays that broadcast.
    """
    return sums[y + h, x + w] - sums[y, x + w] - sums[y + h, x] + sums[y, x]


def feature_values(sums: np.ndarray, x: np.ndarray, y: np.ndarray, feature: np.ndarray):
    """Weighted sums of one feature's rectangles in windows at (x, y) (N,): int64 (N,)."""
    return sum(
        weight * rectangle_sum(sums, x + fx, y + fy, w, h)
        for fx, fy, w, h, weight in feature
        if weight
    )


def survivors(grey: np.ndarray, step: int = 1) -> list[np.ndarray]:
    """Corners int (n, 2) of the 24x24 windows that are left before and after each stage.

    grey: uint8 (H, W). The first entry has all windows, `step` pixels apart, the last the faces of
    this one size; other sizes are found in shrunken copies of the picture.
    """
    sums, squares = integral(grey), integral(grey.astype(np.int64) ** 2)
    y, x = np.mgrid[: grey.shape[0] - WINDOW + 1 : step, : grey.shape[1] - WINDOW + 1 : step]
    x, y = x.ravel(), y.ravel()
    inner = WINDOW - 2  # OpenCV leaves out the window's border here
    total = rectangle_sum(sums, x + 1, y + 1, inner, inner).astype(float)
    spread = inner**2 * rectangle_sum(squares, x + 1, y + 1, inner, inner) - total**2
    contrast = np.sqrt(np.where(spread > 0, spread, 1.0))  # standard deviation times the area
    left = [np.stack([x, y], axis=1)]
    for stage in cascade():
        score = np.zeros(len(x))
        for feature, cut, below, above in zip(
            stage.features, stage.cut, stage.below, stage.above, strict=True
        ):
            value = feature_values(sums, x, y, feature) / contrast
            score += np.where(value < cut, below, above)
        passed = score >= stage.threshold
        x, y, contrast = x[passed], y[passed], contrast[passed]
        left.append(np.stack([x, y], axis=1))
    return left


def pyramid(grey: np.ndarray, factor: float = 1.1) -> list[tuple[float, list[np.ndarray]]]:
    """(scale, `survivors`) of ever smaller copies; a corner times the scale is one of `grey`."""
    found, scale = [], 1.0
    while min(grey.shape) / scale >= WINDOW:
        size = round(grey.shape[1] / scale), round(grey.shape[0] / scale)
        found.append((scale, survivors(cv2.resize(grey, size, interpolation=cv2.INTER_AREA))))
        scale *= factor
    return found
