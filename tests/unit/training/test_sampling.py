"""What each kind of sampling promises of an epoch."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from fer_utils.experiments.config import TrainConfig
from fer_utils.training.batches import batch_order
from fer_utils.training.sampling import epoch_order

LABELS = np.repeat([0, 1, 2, 4], [60, 30, 10, 2])  # no image of class 3
PLAIN = TrainConfig(epochs=2, seed=3)


def order(sampling, epoch=0, labels=LABELS, seed=3):
    return epoch_order(labels, replace(PLAIN, sampling=sampling, seed=seed), epoch)


def test_shuffle_is_the_order_that_records_were_made_with():
    assert np.array_equal(order("shuffle", 1), batch_order(len(LABELS), 3, 1))


@pytest.mark.parametrize("sampling", ["shuffle", "oversample", "balanced_batches"])
def test_an_epoch_is_as_long_as_the_part_repeats_and_differs_by_epoch_and_seed(sampling):
    first = order(sampling)
    assert first.shape == LABELS.shape
    assert 0 <= first.min() <= first.max() < len(LABELS)
    assert np.array_equal(first, order(sampling))
    assert not np.array_equal(first, order(sampling, epoch=1))
    assert not np.array_equal(first, order(sampling, seed=4))


def test_oversampling_takes_rare_images_again_and_common_ones_once():
    times = np.bincount(order("oversample"), minlength=len(LABELS))
    assert times[LABELS == 0].max() == 1
    assert times[LABELS == 1].max() <= 2
    assert times[LABELS == 4].min() > 1
    assert times.max() <= 30  # 60 of the largest class, 2 images of the smallest


def test_oversampling_gives_each_class_the_same_share_on_average():
    drawn = np.concatenate([LABELS[order("oversample", epoch)] for epoch in range(100)])
    shares = np.bincount(drawn, minlength=5)[[0, 1, 2, 4]] / len(drawn)
    assert shares == pytest.approx([0.25] * 4, abs=0.01)


def test_balanced_batches_hold_each_class_as_often_as_any_other():
    visited = LABELS[order("balanced_batches")]
    for start in range(0, len(visited) - 4, 4):
        assert sorted(visited[start : start + 4]) == [0, 1, 2, 4]
    for start in range(0, len(visited), 7):  # a batch that is no multiple of the classes
        counts = np.bincount(visited[start : start + 7], minlength=5)[[0, 1, 2, 4]]
        assert counts.max() - counts.min() <= 2


def test_balanced_batches_repeat_no_image_twice_more_often_than_another_of_its_class():
    times = np.bincount(order("balanced_batches"), minlength=len(LABELS))
    for label in np.unique(LABELS):
        of_class = times[LABELS == label]
        assert of_class.max() - of_class.min() <= 1 + (label == 4)


def test_with_equal_classes_every_image_is_visited_once():
    labels = np.repeat([0, 1, 2], 8)
    for sampling in ("oversample", "balanced_batches"):
        assert sorted(order(sampling, labels=labels)) == list(range(24))
