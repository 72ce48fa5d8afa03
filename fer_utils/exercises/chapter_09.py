"""Tests of the exercises of chapter 09: boxes, crops and raters."""

from __future__ import annotations

import numpy as np

from fer_utils.exercises.exercise import exercise
from fer_utils.exercises.expect import expect
from fer_utils.metrics import agreement


@exercise("09.1")
def overlap(function):
    box = (0, 0, 10, 10)
    expect(function, box, box, wanted=1.0)
    expect(function, box, (5, 0, 10, 10), wanted=1 / 3, why="50 of the 150 that they cover")
    expect(function, (2, 3, 4, 6), (0, 0, 20, 20), wanted=0.06, why="A box is x, y, width, height")
    expect(function, box, (30, 0, 10, 10), wanted=0.0, why="Boxes that do not touch share nothing")
    expect(function, box, (0, 30, 10, 10), wanted=0.0, why="Also where one is below the other")
    expect(function, box, (2, 5, 10, 10), wanted=0.25, why="8 by 5 of the 160 that they cover")
    expect(function, box, (30, 30, 10, 10), wanted=0.0, why="Two negative sides are no area")


@exercise("09.2")
def cut_out(function):
    grey = np.arange(80).reshape(8, 10).astype(np.uint8)
    why = "The square has margin times the longer side, about the middle of the box"
    expect(function, grey, (2, 2, 4, 4), 1.0, wanted=grey[2:6, 2:6], why=why)
    expect(function, grey, (4, 3, 2, 2), 2.0, wanted=grey[2:6, 3:7], why=why)
    expect(function, grey, (3, 2, 2, 4), 1.0, wanted=grey[2:6, 2:6], why=why)
    expect(function, grey, (2, 3, 4, 2), 1.0, wanted=grey[2:6, 2:6], why=why)
    wanted = np.pad(grey, 2, mode="edge")[:4, :4]
    why = "What lies outside the picture repeats its edge"
    expect(function, grey, (-1, -1, 2, 2), 2.0, wanted=wanted, why=why)
    wanted = np.pad(grey, 3, mode="edge")[9:13, 11:15]
    expect(function, grey, (9, 7, 2, 2), 2.0, wanted=wanted, why=why)


@exercise("09.3")
def kappa(function):
    same = np.array([[0, 1, 2, 3], [0, 1, 2, 3], [0, 1, 2, 3]])
    expect(function, same, 4, wanted=1.0, why="Raters who always agree have 1")
    rng = np.random.default_rng(9)
    answers = np.where(rng.random((4, 30)) < 0.6, rng.integers(0, 7, 30), rng.integers(0, 7, 30))
    wanted = agreement.fleiss_kappa(answers, 7)
    why = "(agreement - chance) / (1 - chance), see the task"
    expect(function, answers, 7, wanted=wanted, within=1e-4, why=why)
    why = "Where all say the same word, chance agrees fully too: NaN"
    expect(function, np.zeros((3, 5), int), 7, wanted=float("nan"), why=why)
