"""Tests of the exercises of chapter 05: the same thing in the words of two frameworks."""

from __future__ import annotations

import numpy as np

from fer_utils.exercises.exercise import exercise
from fer_utils.exercises.expect import expect
from fer_utils.metrics import differences


@exercise("05.1")
def steps_until(function):
    why = "PyTorch writes the share of the new batch, Keras that of the old average"
    expect(function, 0.01, 0.1, "torch", wanted=44, why=why)
    expect(function, 0.01, 0.99, "keras", wanted=459, why=why)
    expect(function, 0.3, 0.5, "keras", wanted=2, why="0.5 and then 0.25, below 0.3")
    expect(function, 0.25, 0.5, "torch", wanted=3, why="0.25 is not less than 0.25")


@exercise("05.2")
def running_variance(function):
    one, four = np.array([1.0, 3.0]), np.array([0.0, 1.0, 2.0, 5.0])
    why = "PyTorch: a tenth of the batch's variance, divided by n - 1, and 0.9 of what was there"
    expect(function, [], "torch", wanted=1.0, why="The average starts at 1")
    expect(function, [one], "torch", wanted=1.1, why=why)
    expect(function, [one, 3 * one], "torch", wanted=2.79, why=why)
    expect(function, [four], "torch", wanted=0.9 + 0.1 * 14 / 3, why=why)
    why = "Keras: a hundredth of the batch's variance, divided by n, and 0.99 of what was there"
    expect(function, [one, 3 * one], "keras", wanted=1.08, why=why)
    expect(function, [3 * one, four], "keras", wanted=0.99 * 1.08 + 0.01 * 14 / 4, why=why)


@exercise("05.3")
def interval_of_difference(function):
    for first, second, n in ((0.5189, 0.526, 7178), (0.7, 0.6, 100)):
        _, low, high = differences.independent(first, second, n)
        why = "Squares of the two standard errors add up; 1.96 of the root to either side"
        expect(function, first, second, n, wanted=(low, high), within=1e-4, why=why)
    expect(function, 1.0, 1.0, 50, wanted=(0.0, 0.0))
