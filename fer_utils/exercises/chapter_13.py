"""Tests of the exercises of chapter 13: the best epoch's gain, views and leaks, a temperature."""

from __future__ import annotations

from statistics import NormalDist

import numpy as np

from fer_utils.exercises.exercise import exercise
from fer_utils.exercises.expect import expect


@exercise("13.1")
def gain_of_best(function):
    expect(function, 0.73, 3589, 1, 0.8, wanted=0.0, within=4e-4, why="One leaves no choice")
    why = "The part that all epochs share cannot be picked; sqrt(1 - correlation) is left"
    for accuracy, n, epochs, r in ((0.73, 3589, 20, 0.8), (0.5, 400, 100, 0.95), (0.6, 900, 5, 0)):
        wanted = (accuracy * (1 - accuracy) * (1 - r) / n) ** 0.5 * largest_of(epochs)
        close = 0.06 * wanted
        expect(function, accuracy, n, epochs, r, wanted=wanted, within=close, why=why)


def largest_of(k: int) -> float:
    """Mean of the largest of k standard normal draws, the integral of 1 - P(all below x) less
    that of P(all below x) left of 0."""
    x = (np.arange(-800, 800) + 0.5) / 100
    below = np.array([NormalDist().cdf(one) for one in x]) ** k
    return float(np.where(x > 0, 1 - below, -below).sum() / 100)


@exercise("13.2")
def two_accuracies(function):
    first = np.array([[[0.9, 0.1], [0.2, 0.8], [0.7, 0.3], [0.4, 0.6]]])
    labels, leaked = np.array([0, 1, 1, 0]), np.array([True, False, False, False])
    why = "Two of four are right; one of the three that are not in Training"
    expect(function, first, labels, leaked, wanted=(1 / 2, 1 / 3), why=why)
    sure = np.array([[[0.6, 0.4]], [[0.6, 0.4]], [[0.1, 0.9]]])
    far_off = np.array([[[0.01, 0.99]], [[0.8, 0.2]], [[0.8, 0.2]]])
    peak = np.array([[[0.9, 0.1]], [[0.2, 0.8]], [[0.3, 0.7]]])
    one, none = np.array([1]), np.array([False])
    why = "Average the probabilities: no vote of the views"
    expect(function, sure, one, none, wanted=(1.0, 1.0), why=why)
    why = "Average over all views: the surest alone does not decide"
    expect(function, peak, one, none, wanted=(1.0, 1.0), why=why)
    why = "Average the probabilities, not their logarithms"
    expect(function, far_off, one - 1, none, wanted=(1.0, 1.0), why=why)


@exercise("13.3")
def temperature(function):
    for z, right in ((2.0, 7), (2.0, 9), (-3.0, 8), (0.5, 9), (4.0, 7)):
        logits, labels = np.array([[z, 0.0]] * 10), np.array([0] * right + [1] * (10 - right))
        if z < 0:
            labels = 1 - labels
        wanted = abs(z) / np.log(right / (10 - right))
        why = f"{right} of 10 are right: softmax(logits / T) has to say {right / 10}"
        expect(function, logits, labels, wanted=wanted, within=0.02 * wanted, why=why)
        why = "The same for all logits plus 1,000: take each row's largest away before exp"
        expect(function, logits + 1000, labels, wanted=wanted, within=0.02 * wanted, why=why)
    rng = np.random.default_rng(13)
    logits = rng.normal(size=(600, 7))
    labels = (logits + rng.gumbel(size=(600, 7))).argmax(axis=1)  # as likely as softmax says
    for times in (0.5, 2.0):
        wanted = least_loss(times * logits, labels)
        why = "The least mean of -log of the label's probability"
        expect(function, times * logits, labels, wanted=wanted, within=0.02 * wanted, why=why)


def least_loss(logits: np.ndarray, labels: np.ndarray) -> float:
    """The temperature at which the mean logit of the labels is the one that softmax expects: there
    the loss's derivative by 1 / T is 0. By halving."""
    given = logits[np.arange(len(labels)), labels].mean()
    low, high = 0.01, 100.0
    for _ in range(60):
        middle = (low + high) / 2
        likely = np.exp((logits - logits.max(axis=1, keepdims=True)) * middle)
        expected = ((likely * logits).sum(axis=1) / likely.sum(axis=1)).mean()
        low, high = (middle, high) if expected < given else (low, middle)
    return 1 / low
