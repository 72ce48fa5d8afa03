"""Tests of the exercises of chapter 10: integral images, smoothing, tracks, independent frames."""

from __future__ import annotations

import numpy as np

from fer_utils.exercises.exercise import exercise
from fer_utils.exercises.expect import expect


@exercise("10.1")
def rectangle_sums(function):
    grey = np.full((6, 8), 255, np.uint8)
    why = "255 a pixel; 8 bits hold no sum: count in int64"
    boxes = np.array([[0, 0, 8, 6], [2, 1, 3, 4], [7, 5, 1, 1]])
    expect(function, grey, boxes, wanted=np.array([12240, 3060, 255]), why=why)
    rng = np.random.default_rng(10)
    grey = rng.integers(0, 256, (20, 30)).astype(np.uint8)
    x, y = rng.integers(0, 20, 50), rng.integers(0, 12, 50)
    w, h = rng.integers(1, 11, 50), rng.integers(1, 9, 50)
    by_hand = [int(grey[b : b + d, a : a + c].sum()) for a, b, c, d in zip(x, y, w, h, strict=True)]
    boxes = np.column_stack([x, y, w, h])
    why = "The sum up to the lower right corner, less two strips, plus what was taken away twice"
    expect(function, grey, boxes, wanted=np.array(by_hand), why=why)


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
    far = (6, 0, 10, 10)
    expect(function, [left], [far], wanted={}, why="An overlap of a quarter is below 0.3: another")


@exercise("10.4")
def effective_number(function):
    rng = np.random.default_rng(104)
    noise = rng.normal(size=400)
    slow = np.zeros(400)
    for i in range(1, 400):
        slow[i] = 0.9 * slow[i - 1] + noise[i]
    for values in (noise, slow):
        away = values - values.mean()
        r = (away[1:] * away[:-1]).sum() / (away**2).sum()
        wanted = len(values) * (1 - r) / (1 + r)
        why = f"r of neighbours is {r:.3f} here, and n (1 - r) / (1 + r) frames count"
        expect(function, values, wanted=wanted, within=0.03 * wanted, why=why)
