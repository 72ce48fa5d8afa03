"""Tests of the exercises of chapter 02: what a fully connected network is."""

from __future__ import annotations

import numpy as np

from fer_utils.exercises.exercise import exercise
from fer_utils.exercises.expect import call, expect, require


@exercise("02.1")
def dense_parameters(function):
    expect(function, 4, [3], wanted=15, why="4 weights and a bias for each of 3 units")
    expect(function, 4, [3, 2], wanted=23, why="The second layer reads the 3 units of the first")
    expect(function, 48 * 48, [512, 256, 7], wanted=1_313_287)
    expect(function, 96 * 96, [512, 256, 7], wanted=4_852_231)


@exercise("02.2")
def probabilities(function):
    images = np.array([[1.0, 2.0], [0.0, -1.0]])
    one = [np.array([[1.0, 0.0], [0.0, 1.0]])], [np.zeros(2)]
    wanted = np.array([[0.26894142, 0.73105858], [0.73105858, 0.26894142]])
    expect(function, images, *one, wanted=wanted, why="A single layer has the softmax and no ReLU")
    two = [np.array([[1.0, -1.0], [0.0, 0.0]]), np.eye(2)], [np.zeros(2), np.array([0.0, 1.0])]
    wanted = np.array([[0.5, 0.5], [0.26894142, 0.73105858]])
    expect(function, images, *two, wanted=wanted, why="Hidden units below 0 give 0")
    x, three = np.array([[1.0, 2.0]]), [np.eye(2), np.array([[1.0, -1.0], [1.0, 1.0]]), np.eye(2)]
    biases = [np.array([-3.0, 2.0]), np.array([-1.0, -5.0]), np.array([0.0, 2.0])]
    wanted = np.array([[0.73105858, 0.26894142]])
    why = "Its hidden layers give (0, 4) and (3, 0): each adds its bias, and then comes ReLU"
    expect(function, x, three, biases, wanted=wanted, why=why)
    large = call(function, 1000 * images, *one)
    require(np.isfinite(large).all(), "logits of 2,000 give NaN: take the row's largest away first")
    why = "Large logits keep their differences: cut off nowhere, take the row's largest away"
    expect(function, 1000 * images, *one, wanted=np.eye(2)[::-1], why=why)


@exercise("02.3")
def weights_for_shuffled(function):
    rng = np.random.default_rng(2)
    images, weights, order = rng.random((5, 6)), rng.random((6, 3)), rng.permutation(6)
    got = call(function, weights, order)
    require(np.shape(got) == (6, 3), f"expected weights of shape (6, 3), got {np.shape(got)}")
    apart = np.abs(images[:, order] @ got - images @ weights).max()
    require(
        apart < 1e-9,
        f"images[:, order] @ yours differs from images @ weights by {apart:.3g}, expected 0: "
        "each unit has to meet each pixel with the weight that it had for it before",
    )
