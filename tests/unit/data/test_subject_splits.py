"""Splits by subject: nobody in two parts, whatever the data set looks like."""

from __future__ import annotations

import numpy as np
import pytest

from fer_utils.data import subject_splits
from fer_utils.data.dataset import FaceDataset


def people(subject, classes: int = 3) -> FaceDataset:
    """A data set of black pictures with these subjects, classes in turn."""
    subject = np.asarray(subject)
    n = len(subject)
    labels = np.arange(n) % classes
    return FaceDataset(
        np.zeros((n, 2, 2), np.uint8), labels, tuple("abc"[:classes]), np.full(n, "train"), "made",
        subject=subject,
    )  # fmt: skip


def crowds():
    """Data sets of many shapes: 3 to 40 subjects with 1 to 20 pictures each, in any order."""
    rng = np.random.default_rng(0)
    for _ in range(12):
        sizes = rng.integers(1, 21, rng.integers(3, 41))
        yield people(rng.permutation(np.repeat(rng.permutation(1000)[: len(sizes)], sizes)))
    yield people([7] * 30 + [1, 2, 3] * 2)  # one person is nearly everything


def test_no_subject_is_in_two_parts():
    for seed, data in enumerate(crowds()):
        split = subject_splits.by_subject(data, seed=seed)
        parts = [set(split.subject[split.split == name]) for name in subject_splits.PARTS]
        assert all(parts)
        assert sum(map(len, parts)) == len(set(data.subject))


def test_no_subject_is_in_two_folds_and_every_picture_is_in_one():
    for seed, data in enumerate(crowds()):
        folds = min(5, len(set(data.subject)))
        fold = subject_splits.subject_folds(data, folds, seed)
        assert ((fold >= 0) & (fold < folds)).all()
        assert all(len(set(fold[data.subject == person])) == 1 for person in set(data.subject))


def test_three_subjects_fill_three_parts():
    split = subject_splits.by_subject(people([1, 2, 3])).split
    assert sorted(split) == sorted(subject_splits.PARTS)


def test_the_shares_are_of_pictures():
    data = people(np.arange(1000) // 4)
    found = [len(subject_splits.by_subject(data).part(name)) for name in subject_splits.PARTS]
    assert np.allclose(np.array(found) / 1000, subject_splits.SHARES, atol=0.01)
    assert len(subject_splits.by_picture(data).part("test")) == 200


def test_a_split_by_picture_shares_nearly_everybody():
    data = people(np.arange(1000) // 10)
    assert subject_splits.shared_subjects(subject_splits.by_picture(data)) > 0.95
    assert subject_splits.shared_subjects(subject_splits.by_subject(data)) == 0


def test_the_draw_is_fixed_by_its_seed():
    data = people(np.arange(60) // 3)
    one, same, other = (subject_splits.by_subject(data, seed=s).split for s in (1, 1, 2))
    assert np.array_equal(one, same)
    assert not np.array_equal(one, other)
    assert sorted(set(one)) == sorted(subject_splits.PARTS)


def test_a_fold_becomes_the_test_part():
    data = people(np.arange(60) // 3)
    fold = subject_splits.subject_folds(data)
    held = subject_splits.in_fold(data, fold, 2)
    assert np.array_equal(held.split == "private_test", fold == 2)
    assert np.array_equal(held.split == "train", fold != 2)


def test_what_cannot_be_split_is_an_error():
    with pytest.raises(ValueError, match="2 subjects cannot fill three parts"):
        subject_splits.by_subject(people([1, 1, 2]))
    with pytest.raises(ValueError, match="add up to 1"):
        subject_splits.by_subject(people([1, 2, 3]), (0.5, 0.2, 0.2))
    with pytest.raises(ValueError, match="4 folds of 3 subjects"):
        subject_splits.subject_folds(people([1, 2, 3]), 4)
    anonymous = FaceDataset(np.zeros((1, 2, 2), np.uint8), np.zeros(1, np.int64), ("a",),
                            np.array(["train"]), "anonymous")  # fmt: skip
    with pytest.raises(ValueError, match="does not say who"):
        subject_splits.by_subject(anonymous)
