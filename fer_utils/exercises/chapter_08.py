"""Tests of the exercises of chapter 08: chance, weights and priors."""

from __future__ import annotations

import numpy as np

from fer_utils.exercises.exercise import exercise
from fer_utils.exercises.expect import expect
from fer_utils.metrics import adjustment


@exercise("08.1")
def expected_agreement(function):
    happy = np.array([0.25] + [0.125] * 6)
    expect(function, np.full(7, 1 / 7), np.full(7, 1 / 7), wanted=1 / 7)
    expect(function, happy, happy, wanted=0.15625, why="Agree on a class: both shares, multiplied")
    why = "Who always says happy is right as often as happy is there"
    expect(function, happy, np.eye(7)[0], wanted=0.25, why=why)


@exercise("08.2")
def effective_weights(function):
    counts = np.array([3995, 436, 4097, 7215, 4830, 3171, 4965])
    expect(function, counts, 0.0, wanted=np.ones(7), why="beta 0 gives every class the same weight")
    balanced = counts.sum() / (7 * counts)
    why = "beta towards 1 gives N / (K n), whose mean over the pictures is 1"
    expect(function, counts, 1 - 1e-9, wanted=balanced, within=1e-3, why=why)
    raw = 1 / (1 - 0.999**counts)
    wanted = raw * counts.sum() / (raw @ counts)
    why = "Weights are in proportion to 1 / (1 - beta^n), and their mean over the pictures is 1"
    expect(function, counts, 0.999, wanted=wanted, within=1e-4, why=why)


@exercise("08.3")
def adjusted(function):
    prior = np.array([0.7, 0.2, 0.1])
    p = np.array([[0.6, 0.2, 0.2], [0.7, 0.2, 0.1]])
    expect(function, p, prior, 0.0, wanted=p, why="tau 0 changes nothing")
    why = "Divide by the prior to the power tau, then let each row add up to 1 again"
    wanted = adjustment.adjusted(p, prior, 1.0)
    expect(function, p, prior, 1.0, wanted=wanted, why=why)
    expect(function, p, prior, 0.5, wanted=adjustment.adjusted(p, prior, 0.5), why=why)
