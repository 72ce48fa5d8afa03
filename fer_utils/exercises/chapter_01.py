"""Tests of the exercises of chapter 01: copies, intervals and contradictory labels."""

from __future__ import annotations

import numpy as np

from fer_utils.exercises.exercise import exercise
from fer_utils.exercises.expect import expect
from fer_utils.metrics import classification


@exercise("01.1")
def score_with_copies(function):
    expect(function, 0.0, 0.9, 0.4, wanted=0.4, why="Without copies only q counts")
    expect(function, 1.0, 0.9, 0.4, wanted=0.9, why="Where all are copies only p counts")
    expect(function, 0.2, 0.9, 0.4, wanted=0.5, why="A fifth is right 9 times of 10, the rest 4")
    why = "p is that of the copies and q that of the others, whichever is larger"
    expect(function, 0.3, 0.2, 0.8, wanted=0.62, why=why)


@exercise("01.2")
def wilson_interval(function):
    for right, n in ((50, 100), (2300, 3589), (3, 10)):
        wanted = classification.wilson_interval(right, n)
        expect(function, right, n, wanted=wanted, within=2e-4, why="Shares from 0 to 1, z = 1.96")
    why = "It is not centred on the share, and never leaves 0 to 1"
    expect(function, 0, 20, wanted=classification.wilson_interval(0, 20), within=2e-4, why=why)
    expect(function, 20, 20, wanted=classification.wilson_interval(20, 20), within=2e-4, why=why)


@exercise("01.3")
def error_floor(function):
    labels = np.array([0, 0, 1, 3, 3, 4, 4, 5, 6, 6])
    expect(function, [], labels, wanted=0.0, why="No two pictures are alike: nothing contradicts")
    expect(function, [[0, 1]], labels, wanted=0.0, why="Both carry the same label")
    expect(function, [[1, 2]], labels, wanted=0.1, why="One of the two, of ten pictures, is wrong")
    why = "In each group all but the most frequent label are wrong"
    expect(function, [[2, 3, 4], [5, 7, 8]], labels, wanted=0.3, why=why)
    expect(function, [[0, 2, 3, 4, 7]], labels, wanted=0.3, why=why)
    expect(function, [[0, 3, 1, 4]], labels, wanted=0.2, why="Of two and two, two are wrong")
