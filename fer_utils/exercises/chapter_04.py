"""Tests of the exercises of chapter 04: the price of weights, BatchNorm, paired comparison."""

from __future__ import annotations

import numpy as np

from fer_utils.exercises.exercise import exercise
from fer_utils.exercises.expect import call, expect, require
from fer_utils.metrics import paired


@exercise("04.1")
def expected_penalty(function):
    expect(function, 1, 1, 1, wanted=1.0, why="One weight of variance 2 / (1 + 1)")
    why = "A fan counts channels times the places of the window"
    expect(function, 3, 64, 64, wanted=64.0, why=why)
    expect(function, 3, 256, 256, wanted=256.0, why=why)
    expect(function, 1, 9216, 128, wanted=2 * 9216 * 128 / 9344, within=1e-3)


@exercise("04.2")
def batch_norm(function):
    rng = np.random.default_rng(4)
    maps = rng.normal(3.0, [1.0, 5.0, 0.1], (4, 3, 2, 3))
    one, zero = np.ones(3), np.zeros(3)
    got = np.asarray(call(function, maps, one, zero, 0.0))
    require(got.shape == maps.shape, f"expected shape {maps.shape}, got {got.shape}")
    mean, deviation = got.mean((0, 1, 2)), got.std((0, 1, 2))
    require(
        np.allclose(mean, 0, atol=1e-6) and np.allclose(deviation, 1, atol=1e-6),
        f"with gamma 1 and beta 0 each channel should have mean 0 and deviation 1 over batch and "
        f"places; got means {mean.round(3)} and deviations {deviation.round(3)}",
    )
    normalised = (maps - maps.mean((0, 1, 2))) / maps.std((0, 1, 2))
    why = "A channel has one mean and one variance, over all pictures, rows and columns together"
    expect(function, maps, one, zero, 0.0, wanted=normalised, why=why)
    why = "gamma scales and beta shifts each channel by its own, after it was normalised"
    gamma, beta = np.array([1.0, 2.0, 3.0]), np.array([0.0, 1.0, -1.0])
    expect(function, maps, gamma, beta, 0.0, wanted=gamma * normalised + beta, why=why)
    why = "The scale of a channel drops out"
    expect(function, 3 * maps, one, zero, 0.0, wanted=normalised, why=why)
    flat = np.zeros((2, 1, 1, 3))
    expect(function, flat, one, one, 0.001, wanted=flat + 1, why="epsilon keeps 0 / 0 away")
    two = np.array([-1.0, 1.0]).reshape(2, 1, 1, 1)
    wanted = two * 0.5
    expect(function, two, one[:1], zero[:1], 3.0, wanted=wanted, why="epsilon joins the variance")


@exercise("04.3")
def paired_interval(function):
    rng = np.random.default_rng(44)
    first = rng.random(400) < 0.6
    second = np.where(rng.random(400) < 0.9, first, rng.random(400) < 0.5)
    truth = np.zeros(400, int)
    known = paired.paired_difference(truth, np.where(first, 0, 1), np.where(second, 0, 1))
    why = "Take the difference picture by picture (1, 0 or -1); then its mean and standard error"
    wanted = (known.difference, known.low, known.high)
    expect(function, first, second, wanted=wanted, within=2e-4, why=why)
    wanted = (-known.difference, -known.high, -known.low)
    why = "The first minus the second, below 0 where the second is better"
    expect(function, second, first, wanted=wanted, within=2e-4, why=why)
    expect(function, first, first, wanted=(0.0, 0.0, 0.0), why="A network against itself is sure")
