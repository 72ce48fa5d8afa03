"""The moving average: the formula, whatever the frame rate, and off where asked."""

from __future__ import annotations

import math

import numpy as np
import pytest

from fer_utils.faces.smooth import Smoother

RNG = np.random.default_rng(0)


def test_the_average_is_the_formula():
    smoother = Smoother(0.5)
    first, second = np.array([[1.0, 0.0]]), np.array([[0.0, 1.0]])
    np.testing.assert_array_equal(smoother.update([1], first, 3.0), first)
    share = 1 - math.exp(-0.1 / 0.5)
    np.testing.assert_allclose(smoother.update([1], second, 3.1), [[1 - share, share]])


def test_the_average_does_not_depend_on_the_frame_rate():
    slow, fast = Smoother(0.5), Smoother(0.5)
    start, end = np.array([[1.0, 0.0]]), np.array([[0.2, 0.8]])
    slow.update([1], start, 0)
    fast.update([1], start, 0)
    for k in range(1, 10):
        fast.update([1], end, k / 10)
    np.testing.assert_allclose(fast.update([1], end, 1), slow.update([1], end, 1))


def test_smoothing_can_be_off_and_forgets_faces_that_left():
    values = RNG.dirichlet(np.ones(7), (4, 2))
    off = Smoother(0)
    for k, one in enumerate(values):
        np.testing.assert_array_equal(off.update([1, 2], one, k), one)
    on = Smoother(0.5)
    on.update([1, 2], values[0], 0)
    on.update([2], values[1][1:], 1)
    np.testing.assert_array_equal(on.update([1, 2], values[2], 2)[0], values[2][0])
    assert on.update([], np.zeros((0, 7)), 3).shape == (0, 7)
    with pytest.raises(ValueError, match="expected 0"):
        Smoother(-1)
