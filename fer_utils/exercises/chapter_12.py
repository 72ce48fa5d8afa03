"""Tests of the exercises of chapter 12: figures of many rare labels, and printed ones."""

from __future__ import annotations

import numpy as np

from fer_utils.exercises.exercise import exercise
from fer_utils.exercises.expect import call, expect, require
from fer_utils.metrics import multilabel


@exercise("12.1")
def silence(function):
    expect(function, 1, 0.1, 0.0, wanted=(0.9, 0.9), why="Silence is wrong where a unit is present")
    why = "All units of a face have to be right, each independently"
    expect(function, 10, 0.1, 0.0, wanted=(0.9, 0.9**10), why=why)
    expect(function, 10, 0.1, 0.5, wanted=(0.95, 0.95**10), why="Half of the present are missed")
    expect(function, 12, 0.2, 1.0, wanted=(1.0, 1.0))


@exercise("12.2")
def fractions(function):
    expect(function, 0.5, 1, 2, wanted=[(1, 2)], why="0/1 and 1/1 round to something else")
    why = "2/3 is 0.7 and 1/2 is 0.5: only what rounds to the printed number counts"
    expect(function, 0.6, 1, 5, wanted=[(3, 5)], why=why)
    expect(function, 0.0, 1, 2, wanted=[(0, 1), (0, 2)], why="None of 2 is a fraction, too")
    expect(function, 1.0, 1, 2, wanted=[(1, 1), (2, 2)], why="All of 2 are a fraction, too")
    why = "Every numerator over every denominator up to the largest, by denominator"
    expect(function, 0.7656, 4, 100, wanted=[(49, 64)], why=why)
    expect(function, 0.9778, 4, 100, wanted=[(44, 45), (88, 90)], why=why)
    expect(function, 0.3111, 4, 100, wanted=[(14, 45), (28, 90)], why=why)
    found = call(function, 0.625, 3, 100)
    there = {tuple(fraction) for fraction in found}
    require({(5, 8), (50, 80)} <= there, f"5/8 and 50/80 are 0.625; got {found[:8]}")


@exercise("12.3")
def f1_by_unit(function):
    present = np.array([[1, 0, 0], [1, 1, 0], [0, 0, 0], [1, 0, 0]])
    predicted = np.array([[1, 0, 0], [0, 1, 0], [1, 0, 0], [1, 1, 0]])
    why = "2 TP / (2 TP + FP + FN) of each column; 0 for a unit that nobody shows or names"
    expect(function, present, predicted, wanted=np.array([2 / 3, 2 / 3, 0.0]), why=why)
    none, all_of_them = np.zeros((2, 1), int), np.ones((2, 1), int)
    said = "Silence misses every unit that is there: its F1 is 0, without a 0 / 0"
    expect(function, all_of_them, none, wanted=np.zeros(1), why=said)
    said = "A unit that is named and never there has no hits: its F1 is 0, without a 0 / 0"
    expect(function, none, all_of_them, wanted=np.zeros(1), why=said)
    rng = np.random.default_rng(12)
    present = (rng.random((60, 5)) < [0.5, 0.3, 0.2, 0.1, 0.05]).astype(int)
    predicted = np.where(rng.random((60, 5)) < 0.8, present, 1 - present)
    known = multilabel.summary(present, predicted, [f"unit {k}" for k in range(5)])
    wanted = np.array([row.f1 for row in known.per_unit])
    expect(function, present, predicted, wanted=wanted, why=why)
