"""Which pictures to show first, and how much of the pixels' variance the class explains."""

from __future__ import annotations

import numpy as np
import pytest

from fer_utils.data.audit import audit
from fer_utils.data.dataset import CLASSES, FaceDataset
from fer_utils.data.first_look import (
    class_share_of_variance,
    contradictory_pairs,
    examples,
    least_typical,
)


def noise(n: int) -> np.ndarray:
    return np.random.default_rng(0).integers(0, 256, (n, 8, 8)).astype(np.uint8)


def test_examples_are_random_class_after_class_and_all_of_a_rare_one():
    labels = np.array([2, 0, 0, 2, 0, 1, 2, 2])
    chosen = examples(labels, 2, seed=1)
    assert labels[chosen].tolist() == [0, 0, 1, 2, 2]
    assert len(set(chosen.tolist())) == 5
    assert np.array_equal(chosen, examples(labels, 2, seed=1))
    many = np.zeros(100, int)
    assert not np.array_equal(examples(many, 5, seed=1), examples(many, 5, seed=2))
    assert len(examples(np.zeros(0, int), 3)) == 0


def test_the_least_typical_is_the_negative_and_flat_pictures_are_left_out():
    ramp = np.tile(np.arange(8, dtype=np.uint8) * 20, (8, 1))
    images = np.stack([ramp] * 5 + [255 - ramp, np.full((8, 8), 9, np.uint8), ramp.T])
    assert least_typical(images, 2).tolist() == [5, 7]
    assert 6 not in least_typical(images, 8)
    assert len(least_typical(images, 8)) == 7


def test_variance_lies_between_the_classes_within_them_or_in_known_parts():
    dark, light = np.zeros((2, 4, 4), np.uint8), np.full((2, 4, 4), 200, np.uint8)
    images, labels = np.concatenate([dark, light]), np.array([0, 0, 1, 1])
    assert class_share_of_variance(images, labels) == 1
    assert class_share_of_variance(images, np.array([0, 1, 0, 1])) == 0
    assert class_share_of_variance(dark, np.array([0, 1])) == 0
    # values 0, 20 | 40, 60: means 10 and 50, so 400 between and 100 within
    steps = (np.arange(4, dtype=np.uint8) * 20)[:, None, None] * np.ones((1, 3, 3), np.uint8)
    assert class_share_of_variance(steps, labels) == pytest.approx(0.8)
    # a class counts as many times as it has pictures: 0, 0, 0 | 40
    uneven = np.array([0, 0, 0, 40], np.uint8)[:, None, None] * np.ones((1, 3, 3), np.uint8)
    assert class_share_of_variance(uneven, np.array([0, 0, 1, 1])) == pytest.approx(1 / 3)


def test_contradictory_pairs_are_the_same_picture_under_two_labels():
    images = noise(8)
    images[[3, 5]] = images[0]  # labels 0, 0, 2
    images[6] = images[1]  # labels 1, 1: no contradiction
    images[7] = images[2]
    labels = np.array([0, 1, 2, 0, 0, 2, 1, 4])
    data = FaceDataset(images, labels, CLASSES, np.full(8, "train"), "made up")
    found = audit(data, near=False)
    assert contradictory_pairs(found, 9).tolist() == [[0, 5], [2, 7]]
    assert contradictory_pairs(found, 1).tolist() == [[0, 5]]
    clean = audit(data.take(np.array([0, 1, 2])), near=False)
    assert contradictory_pairs(clean, 3).shape == (0, 2)
