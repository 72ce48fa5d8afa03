"""Tests of the exercises of chapter 11: integrated gradients, Grad-CAM, pictures read by nobody."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from fer_utils.exercises.exercise import exercise
from fer_utils.exercises.expect import call, expect, require
from fer_utils.records import unanimous


@dataclass(frozen=True, repr=False)
class Gradient:
    """A gradient that feedback calls by the formula of its answer."""

    of: str
    at: Callable[[np.ndarray], np.ndarray]

    def __call__(self, x: np.ndarray) -> np.ndarray:
        return self.at(x)

    def __repr__(self) -> str:
        return f"gradient of {self.of}"


@exercise("11.1")
def integrated_gradients(function):
    grey = np.array([0.5, 0.5])
    line = Gradient("3 x1 - 2 x2", lambda x: np.array([3.0, -2.0]))
    why = "The mean gradient times what the pixel differs from the reference by"
    expect(function, line, np.array([1.0, 0.5]), grey, 4, wanted=np.array([1.5, 0.0]), why=why)
    product = Gradient("x1 x2", lambda x: x[::-1].copy())
    why = "The gradient changes from the reference to x: ask it in the middle of each piece"
    wanted = np.array([0.125, -0.375])
    expect(function, product, np.array([1.0, 0.0]), grey, 5, wanted=wanted, why=why)
    cube = Gradient("x1 ** 3", lambda x: 3 * x**2)
    for steps, wanted in ((1, 0.75), (2, 0.9375)):
        why = f"The middles of {steps} pieces: a share (k + 0.5) / steps of the way"
        expect(function, cube, np.ones(1), np.zeros(1), steps, wanted=np.array([wanted]), why=why)
    weights, x = np.random.default_rng(11).normal(size=(2, 6))

    def answer(x: np.ndarray) -> float:
        return 1 / (1 + np.exp(-4 * x @ weights))

    flat = Gradient("a sigmoid", lambda x: 4 * weights * answer(x) * (1 - answer(x)))
    total, rise = np.sum(call(function, flat, x, np.zeros(6), 400)), answer(x) - 0.5
    said = f"of a sigmoid they add up to {total:.4f}, but the answer rises by {rise:.4f}"
    require(abs(total - rise) < 1e-3, f"completeness: in 400 steps {said}")


@exercise("11.2")
def grad_cam(function):
    maps = np.array([[[1.0, 2.0], [3.0, 4.0]], [[0.0, 1.0], [0.0, 1.0]]])
    gradients = np.array([[[1.0, 0.0], [0.0, 1.0]], [[-2.0, -2.0], [-2.0, -2.0]]])
    wanted = np.array([[0.5, 0.0], [1.5, 0.0]])
    why = "Weights 0.5 and -2, the means of the gradients; add the maps, then cut off below 0"
    expect(function, maps, gradients, wanted=wanted, why=why)
    why = "Where every weight is below 0 nothing is left"
    expect(function, maps, -np.ones((2, 2, 2)), wanted=np.zeros((2, 2)), why=why)
    maps, gradients = np.random.default_rng(112).normal(size=(2, 5, 6, 4))
    weighted = np.tensordot(gradients.mean((1, 2)), maps, axes=1)
    expect(function, maps, gradients, wanted=np.where(weighted > 0, weighted, 0.0), why="ReLU last")


@exercise("11.3")
def none_right(function):
    labels = np.array([0, 1, 0, 1])
    answers = np.array([[0, 1, 2, 3], [0, 1, 2, 0], [0, 2, 2, 0]])
    why = (
        "Two are read as labelled by none, 4 x 0.5 x 0.5 x 0.75 expected, one answered alike by all"
    )
    expect(function, answers, labels, wanted=(2, 0.75, 1), why=why)
    rng = np.random.default_rng(113)
    labels = rng.integers(0, 7, 400)
    hard, other = rng.random(400) < 0.2, (labels + 1) % 7
    easy = np.array([0.9, 0.7, 0.5, 0.3])[:, None]
    answers = np.where(rng.random((4, 400)) < easy * (1 - hard), labels, other)
    answers = np.where(rng.random((4, 400)) < 0.1, rng.integers(0, 7, (4, 400)), answers)
    known = unanimous.how_many_right(answers, labels).iloc[0]
    agreed = int(unanimous.against_label(answers, labels).sum())
    why = "Each network errs at its own rate; independent rates multiply"
    wanted = (int(known["pictures"]), float(known["if independent"]), agreed)
    expect(function, answers, labels, wanted=wanted, why=why)
