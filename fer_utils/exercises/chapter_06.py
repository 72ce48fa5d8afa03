"""Tests of the exercises of chapter 06: luck, folds and smaller questions."""

from __future__ import annotations

import numpy as np

from fer_utils.exercises.exercise import exercise
from fer_utils.exercises.expect import call, expect, require


@exercise("06.1")
def points_by_luck(function):
    expect(function, 1.0, 0.5, 2500, 0.0, wanted=1.0, why="100 times the root of p (1 - p) / n")
    expect(function, 1.77, 0.45, 2873, 0.0, wanted=1.643, within=0.005)
    why = "Of the variance only 1 - r is left for the choice"
    expect(function, 2.51, 0.45, 2873, 0.7, wanted=1.276, within=0.005, why=why)
    expect(function, 2.51, 0.45, 2873, 1.0, wanted=0.0, why="Equals that err alike leave no choice")


@exercise("06.2")
def stratified_folds(function):
    rng = np.random.default_rng(6)
    for counts, folds in (((50, 8, 31), 5), ((6, 6), 3), ((7, 4), 4)):
        classes = 2 * np.arange(len(counts))  # some numbers are no class of these pictures
        in_order = np.repeat(classes, counts)
        for labels in (in_order, rng.permutation(in_order)):
            got = np.asarray(call(function, labels, folds))
            require(got.shape == labels.shape, f"expected {labels.shape} folds, got {got.shape}")
            require(
                np.isin(got, np.arange(folds)).all(),
                f"folds are numbered 0 to {folds - 1}; got {np.unique(got)[:10]}",
            )
            for label, n in zip(classes, counts, strict=True):
                spread = np.bincount(got[labels == label].astype(int), minlength=folds)
                require(
                    spread.max() - spread.min() <= 1,
                    f"{n} pictures of class {label} in {folds} folds came out as "
                    f"{spread.tolist()}; expected numbers that differ by one at most",
                )


@exercise("06.3")
def answer_within(function):
    p = np.array([[0.1, 0.5, 0.4, 0.0], [0.3, 0.2, 0.1, 0.4], [0.05, 0.1, 0.15, 0.7]])
    expect(function, p, [0, 1, 2, 3], wanted=[1, 3, 3], why="With all classes it is the argmax")
    why = "The most likely of the classes that may be answered, numbered as before"
    expect(function, p, [0, 2], wanted=[2, 0, 2], why=why)
    expect(function, p, [3, 0], wanted=[0, 3, 3], why=why)
    why = "Also where it has probability 0: a single class is always the answer"
    expect(function, p, [3], wanted=[3, 3, 3], why=why)
    expect(function, p, [1], wanted=[1, 1, 1], why="A single class is always the answer")
