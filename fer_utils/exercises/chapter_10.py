"""Tests of the exercises of chapter 10: integral images, smoothing, tracks, independent frames."""

from __future__ import annotations

import numpy as np

from fer_utils.exercises.exercise import exercise
from fer_utils.exercises.expect import expect


@exercise("10.1")
def rectangle_sums(function):
    grey = np.array([[1, 2], [3, 4]], np.uint8)
    boxes = np.array([[0, 0, 2, 2], [1, 0, 1, 2]])
    wanted = np.array([[0, 0, 0], [0, 1, 3], [0, 4, 10]]), np.array([10, 6])
    why = "First the integral image, zeros in front: what is above and to the left; then the sums"
    expect(function, grey, boxes, wanted=wanted, why=why)
    rng = np.random.default_rng(10)
    x, y = rng.integers(0, 20, 50), rng.integers(0, 12, 50)
    boxes = np.column_stack([x, y, rng.integers(1, 11, 50), rng.integers(1, 9, 50)])
    why = "255 a pixel; 8 bits hold no sum, nor do 16: count in int64"
    white = np.full((20, 30), 255, np.uint8)
    expect(function, white, boxes, wanted=integral_and_sums(white, boxes), why=why)
    why = "The sum up to the lower right corner, less two strips, plus what was taken away twice"
    grey = rng.integers(0, 256, (20, 30)).astype(np.uint8)
    expect(function, grey, boxes, wanted=integral_and_sums(grey, boxes), why=why)


def integral_and_sums(grey: np.ndarray, boxes: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Both by adding every pixel: slow, and nothing that could go wrong."""
    height, width = grey.shape
    corners = [[grey[:y, :x].sum() for x in range(width + 1)] for y in range(height + 1)]
    return np.array(corners), np.array([grey[y : y + h, x : x + w].sum() for x, y, w, h in boxes])


@exercise("10.2")
def smoothed(function):
    values = np.array([0.0, 1.0, 1.0, 1.0])
    steady = np.array([0.0, 0.2, 0.4, 0.6])
    wanted = 1 - np.exp(-np.array([0.0, 1.0, 2.0, 3.0]))
    why = "Each time it goes the share 1 - exp(-dt / seconds) of the way to the new value"
    expect(function, values, steady, 0.2, wanted=wanted, why=why)
    uneven = np.array([0.0, 0.2, 0.8, 0.9])
    wanted = np.append(0.0, 1 - np.exp(-uneven[1:] / 0.2))
    expect(function, values, uneven, 0.2, wanted=wanted, why=f"{why}; frames may be missing")
    back = np.array([0.0, 1.0, 0.0, 2.0])
    wanted = [0.0]
    for value, dt in zip(back[1:], np.diff(uneven), strict=True):
        wanted.append(wanted[-1] + (1 - np.exp(-dt / 0.2)) * (value - wanted[-1]))
    why = "It goes on from where the average was, not from the first value: it remembers"
    expect(function, back, uneven, 0.2, wanted=np.array(wanted), why=why)
    first = np.array([5.0, 5.0])
    expect(function, first, steady[:2], 0.2, wanted=first, why="It starts at the first value")


@exercise("10.3")
def follow(function):
    left, right = (0, 0, 10, 10), (100, 0, 10, 10)
    expect(function, [], [left], wanted={}, why="Nobody was there before")
    expect(function, [left, right], [right, left], wanted={0: 1, 1: 0})
    near, nearer = (3, 0, 10, 10), (1, 0, 10, 10)
    why = "Two overlap with it: the one that overlaps more is the same face"
    expect(function, [left], [near, nearer], wanted={0: 1}, why=why)
    why = "A face is followed by one box and a box follows one face"
    expect(function, [left, near], [nearer], wanted={0: 0}, why=why)
    expect(function, [left, near], [near], wanted={1: 0}, why=f"{why}; the best pair goes first")
    below, inside = (0, 8, 10, 10), (2, 2, 4, 4)
    expect(function, [left], [below], wanted={}, why="One is below the other: 20 of 180 are shared")
    why = "Sizes count: a box of 16 pixels within one of 100 is an overlap of 0.16"
    expect(function, [left], [inside], wanted={}, why=why)
    far = (6, 0, 10, 10)
    expect(function, [left], [far], wanted={}, why="An overlap of a quarter is below 0.3: another")
    crowd, later = [(20, 0, 20, 20), (28, 0, 20, 20)], [(22, 0, 20, 20), (15, 0, 20, 20)]
    why = "The pair that overlaps most goes first, although another pairing would follow both"
    expect(function, crowd, later, wanted={0: 0}, why=why)


@exercise("10.4")
def effective_number(function):
    rng = np.random.default_rng(104)
    noise = rng.normal(size=400)
    slow = np.zeros(400)
    for i in range(1, 400):
        slow[i] = 0.9 * slow[i - 1] + noise[i]
    for values in (noise, slow, slow + 9):
        away = values - values.mean()
        r = (away[1:] * away[:-1]).sum() / (away**2).sum()
        wanted = len(values) * (1 - r) / (1 + r)
        why = f"r of neighbours is {r:.3f} here, and n (1 - r) / (1 + r) frames count"
        why += "; a correlation is one of departures from the mean"
        expect(function, values, wanted=wanted, within=0.03 * wanted, why=why)
