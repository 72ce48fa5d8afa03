"""Tests of the exercises of chapter 03: a convolution, its reach and its price."""

from __future__ import annotations

import numpy as np

from fer_utils.exercises.exercise import exercise
from fer_utils.exercises.expect import expect


@exercise("03.1")
def receptive_field(function):
    expect(function, [], wanted=1, why="Without layers a unit is a pixel")
    expect(function, [(3, 1)], wanted=3)
    expect(function, [(3, 1)] * 3, wanted=7, why="A window of 3 adds one pixel on either side")
    why = "Behind a stride of 2 neighbours are 2 pixels apart, so a window of 3 adds 4"
    expect(function, [(3, 1), (2, 2), (3, 1)], wanted=8, why=why)
    expect(function, [(5, 2), (3, 2), (3, 1)], wanted=17, why="Strides multiply: behind two, 4")


@exercise("03.2")
def convolve(function):
    ramp = np.arange(12.0).reshape(3, 4)
    edge = np.array([[-1.0, 1.0]])
    why = "Networks do not flip the kernel: right minus left is 1 on a ramp"
    expect(function, ramp, edge, wanted=np.ones((3, 3)), why=why)
    rng = np.random.default_rng(3)
    for shape, kernel in (((3, 3), (3, 3)), ((6, 5), (3, 3)), ((5, 6), (2, 3))):
        image, weights = rng.integers(0, 9, shape) * 1.0, rng.integers(-2, 3, kernel) / 2
        windows = np.lib.stride_tricks.sliding_window_view(image, kernel)
        wanted = (windows * weights).sum((2, 3))
        why = f"Without a rim: {wanted.shape}; sums of any numbers, not rounded"
        expect(function, image, weights, wanted=wanted, why=why)


@exercise("03.3")
def price(function):
    expect(function, 1, 1, 1, 1, 1, wanted=(2, 1), why="One weight and one bias, used once")
    expect(function, 48, 1, 64, 3, 1, wanted=(640, 1_327_104), why="A kernel is used at each place")
    why = "A stride of 2 computes every second place of every second row"
    expect(function, 48, 64, 64, 3, 2, wanted=(36_928, 21_233_664), why=why)
    expect(function, 5, 2, 3, 3, 2, wanted=(57, 486), why="Half of 5, rounded up, is 3 places")
    expect(function, 7, 1, 1, 1, 3, wanted=(2, 9), why="A third of 7, rounded up, is 3 places")
