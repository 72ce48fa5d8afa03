"""Chance agreement: its formula against all orders, simulation, and a shuffled generator."""

from __future__ import annotations

from itertools import permutations

import numpy as np
import pytest

from fer_utils.metrics import shuffled


def test_mean_and_deviation_are_exact_over_all_orders():
    labels, predicted = np.array([0, 0, 0, 1, 1, 2]), np.array([0, 1, 0, 0, 2, 2])
    every = [np.mean(np.array(order) == labels) for order in permutations(predicted)]
    found = shuffled.expected_agreement(labels, predicted, 3)
    assert found.mean == pytest.approx(np.mean(every))
    assert found.deviation == pytest.approx(np.std(every))


def test_simulated_orders_agree_with_the_formula():
    rng = np.random.default_rng(1)
    labels, predicted = rng.choice(4, 900, p=[0.6, 0.2, 0.1, 0.1]), rng.integers(0, 4, 900)
    found = shuffled.expected_agreement(labels, predicted, 4)
    drawn = shuffled.shuffled_accuracies(labels, predicted, times=2000)
    assert drawn.mean() == pytest.approx(found.mean, abs=4 * found.deviation / np.sqrt(2000))
    assert drawn.std() == pytest.approx(found.deviation, rel=0.08)


def test_the_interval_holds_95_of_100_orders():
    rng = np.random.default_rng(1)
    labels, predicted = rng.choice(4, 900, p=[0.6, 0.2, 0.1, 0.1]), rng.integers(0, 4, 900)
    found = shuffled.expected_agreement(labels, predicted, 4)
    mean, low, high = found.interval
    assert (mean, (low + high) / 2) == (found.mean, pytest.approx(found.mean))
    assert high - low == pytest.approx(2 * 1.96 * found.deviation)
    drawn = shuffled.shuffled_accuracies(labels, predicted, times=2000)
    assert np.mean((drawn >= low) & (drawn <= high)) == pytest.approx(0.95, abs=0.02)


def test_what_the_network_knows_does_not_matter():
    labels = np.repeat([0, 1], [70, 30])
    all_right = shuffled.expected_agreement(labels, labels, 2)
    all_wrong_same_shares = shuffled.expected_agreement(labels, labels[::-1], 2)
    assert all_right == all_wrong_same_shares
    assert all_right.mean == pytest.approx(0.7**2 + 0.3**2)


def test_a_generator_that_shuffles_parts_labels_from_images():
    labels = np.random.default_rng(0).integers(0, 5, 400)
    images = labels[:, None, None].astype(np.uint8)  # a picture shows its label

    def accuracy(generator):
        answers = np.concatenate([batch[:, 0, 0] for batch in generator.batches(64)])
        return np.mean(answers == generator.classes), answers, generator.order

    right, _, _ = accuracy(shuffled.ShuffledGenerator(images, labels, shuffle=False))
    assert right == 1
    score, answers, order = accuracy(shuffled.ShuffledGenerator(images, labels))
    assert score < 0.35
    assert np.mean(answers == labels[order]) == 1  # put in order, all is right


def test_lengths_that_differ_are_an_error():
    with pytest.raises(ValueError, match="as many predictions"):
        shuffled.expected_agreement(np.zeros(3, int), np.zeros(2, int), 2)
