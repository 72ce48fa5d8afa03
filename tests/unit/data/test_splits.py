"""Stratified parts of Training: exact sizes, nothing shared, the same for ever."""

from __future__ import annotations

import numpy as np
import pytest

from fer_utils.data.dataset import CLASSES, THREE_CLASSES, FaceDataset
from fer_utils.data.splits import (
    stratified_choice,
    stratified_folds,
    stratified_holdout,
    ten_thousand,
    validation_tenth,
)

LABELS = np.repeat([0, 1, 2], [40, 25, 4])


def made_up(numbers=(100, 20, 30, 205, 90, 64, 77), tests=7) -> FaceDataset:
    """Training with these many pictures of each class, mixed, and a few test pictures."""
    labels = np.random.RandomState(1).permutation(np.repeat(np.arange(7), numbers))
    labels = np.concatenate([np.zeros(tests, np.int64), labels])
    split = np.array(["public_test"] * tests + ["train"] * (len(labels) - tests))
    images = np.arange(len(labels), dtype=np.uint32).view(np.uint8).reshape(-1, 2, 2)
    return FaceDataset(images, labels, CLASSES, split, "made-up")


def serial(dataset: FaceDataset) -> list[int]:
    """Which picture of `made_up` each is."""
    return np.ascontiguousarray(dataset.images).reshape(-1, 4).view(np.uint32).ravel().tolist()


def test_holdout_takes_the_fraction_of_each_class_halves_rounded_up():
    kept, held = stratified_holdout(LABELS, 0.1, seed=0)
    assert np.bincount(LABELS[held], minlength=3).tolist() == [4, 3, 0]
    assert sorted([*kept, *held]) == list(range(69))
    for part in (kept, held):
        assert part.dtype == np.int64
        assert (np.diff(part) > 0).all()


@pytest.mark.parametrize(("fraction", "n"), [(0.0, 0), (1.0, 69)])
def test_holdout_of_nothing_and_of_all(fraction, n):
    kept, held = stratified_holdout(LABELS, fraction, seed=0)
    assert (len(kept), len(held)) == (69 - n, n)


@pytest.mark.parametrize("fraction", [-0.1, 1.5, float("nan")])
def test_holdout_refuses_other_fractions(fraction):
    with pytest.raises(ValueError, match="fraction from 0 to 1"):
        stratified_holdout(LABELS, fraction, seed=0)


def test_holdout_is_fixed_by_its_seed_for_ever():
    assert stratified_holdout(LABELS, 0.1, seed=0)[1].tolist() == HELD_OUT_SEED_0
    assert stratified_holdout(LABELS, 0.1, seed=1)[1].tolist() != HELD_OUT_SEED_0


# numpy.random.RandomState(0).permutation(40)[:4] and 40 + ...permutation(25)[:3], sorted
HELD_OUT_SEED_0 = [4, 20, 22, 25, 42, 45, 59]


def test_holdout_of_a_class_does_not_depend_on_the_others():
    alone = np.flatnonzero(LABELS != 0)
    _, held = stratified_holdout(LABELS, 0.3, seed=5)
    _, held_alone = stratified_holdout(LABELS[alone] + 10, 0.3, seed=5)
    assert alone[held_alone].tolist() == [i for i in held if LABELS[i] != 0]


def test_choice_gives_the_remainder_to_the_largest_remainders():
    # shares of 10 are 5.797, 3.623 and 0.580: 5, 3, 0 and one each for the first two
    chosen = stratified_choice(LABELS, 10, seed=0)
    assert np.bincount(LABELS[chosen]).tolist() == [6, 4]
    assert (np.diff(chosen) > 0).all()
    assert stratified_choice(LABELS, 69, seed=3).tolist() == list(range(69))
    assert len(stratified_choice(LABELS, 0, seed=3)) == 0


def test_choice_refuses_more_than_there_are():
    with pytest.raises(ValueError, match="from 0 to 69.*got 70"):
        stratified_choice(LABELS, 70, seed=0)


def test_folds_are_stratified_and_share_nothing():
    labels = np.repeat([0, 1, 2], [50, 7, 23])
    fold = stratified_folds(labels, 5)
    assert fold.shape == (80,) and set(fold) == set(range(5))
    for label, n in enumerate((50, 7, 23)):
        sizes = np.bincount(fold[labels == label], minlength=5)
        assert sizes.sum() == n and sizes.max() - sizes.min() <= 1
    np.testing.assert_array_equal(fold, stratified_folds(labels, 5))


@pytest.mark.parametrize(
    ("folds", "message"), [(1, "at least 2 folds"), (4, "class 1 has 3 pictures.*4 folds")]
)
def test_folds_that_cannot_be_are_errors(folds, message):
    with pytest.raises(ValueError, match=message):
        stratified_folds(np.array([0] * 9 + [1] * 3), folds)


def test_validation_tenth_of_training_only():
    data = made_up()
    rest, validation = validation_tenth(data)
    assert set(rest.split) == {"train"}
    assert set(validation.split) == {"validation"}
    assert list(validation.counts()["validation"].values()) == [10, 2, 3, 21, 9, 6, 8]
    assert sorted(serial(rest) + serial(validation)) == serial(data.part("train"))
    assert serial(validation_tenth(data)[1]) == serial(validation)
    assert validation.fingerprint != data.fingerprint


def test_validation_tenth_and_choosing_classes_in_either_order():
    data = made_up()
    first = validation_tenth(data.with_classes(THREE_CLASSES))
    last = [part.with_classes(THREE_CLASSES) for part in validation_tenth(data)]
    for a, b in zip(first, last, strict=True):
        assert serial(a) == serial(b)
        assert a.labels.tolist() == b.labels.tolist()


def test_ten_thousand_of_the_nine_tenths():
    small = made_up()
    assert serial(ten_thousand(small)) == serial(validation_tenth(small)[0])
    large = made_up((3995, 436, 4097, 7215, 4830, 3171, 4965))  # as FER2013's Training
    chosen = ten_thousand(large)
    assert len(chosen) == 10_000
    assert set(serial(chosen)) <= set(serial(validation_tenth(large)[0]))
    nine_tenths = np.array([3595, 392, 3687, 6493, 4347, 2854, 4468])
    exact = nine_tenths * 10_000 / nine_tenths.sum()
    numbers = list(chosen.counts()["train"].values())
    assert np.abs(numbers - exact).max() < 1
