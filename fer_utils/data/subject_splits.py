"""Splits of a data set that shows people more than once: by subject, and, for contrast, by picture.

Two pictures of one person resemble each other whatever the expression. Split by picture, and a
network may be tested on people it has learned; split by subject, nobody is in two parts. Parts are
named "train", "validation" and "private_test", so `FaceDataset.part("test")` is the last. Draws use
NumPy's `RandomState`, whose streams are frozen.
"""

from __future__ import annotations

from dataclasses import replace

import numpy as np
from sklearn.model_selection import StratifiedGroupKFold

from fer_utils.data.dataset import FaceDataset

PARTS = ("train", "validation", "private_test")
SHARES = (0.6, 0.2, 0.2)  # of the RMIT report


def by_subject(
    data: FaceDataset, shares: tuple[float, float, float] = SHARES, seed: int = 0
) -> FaceDataset:
    """The data set split so that every subject is in one part only.

    Subjects come in random order; a part takes subjects until it has its share of the pictures, at
    least one subject each. ValueError for shares that do not add up, fewer than three subjects, or
    a data set without subjects.
    """
    subject = _subjects(data)
    people = np.unique(subject)
    if len(people) < len(PARTS):
        raise ValueError(f"{len(people)} subjects cannot fill three parts; expected 3 or more")
    people = people[np.random.RandomState(seed).permutation(len(people))]
    pictures = np.array([(subject == person).sum() for person in people])
    middle = (np.cumsum(pictures) - pictures / 2) / len(subject)
    part = np.searchsorted(np.cumsum(_shares(shares))[:2], middle, side="right")
    first = np.clip((part == 0).sum(), 1, len(people) - 2)  # no part without a subject
    second = np.clip((part <= 1).sum(), first + 1, len(people) - 1)
    part = np.repeat([0, 1, 2], [first, second - first, len(people) - second])
    of_person = dict(zip(people.tolist(), part.tolist(), strict=True))
    return _with_split(data, np.array([of_person[person] for person in subject.tolist()]))


def by_picture(
    data: FaceDataset, shares: tuple[float, float, float] = SHARES, seed: int = 0
) -> FaceDataset:
    """The data set split at random, whoever is in a picture: what a subject split must not be."""
    order = np.random.RandomState(seed).permutation(len(data))
    part = np.empty(len(data), np.int64)
    middle = (np.arange(len(data)) + 0.5) / max(len(data), 1)
    part[order] = np.searchsorted(np.cumsum(_shares(shares))[:2], middle, side="right")
    return _with_split(data, part)


def subject_folds(data: FaceDataset, folds: int = 5, seed: int = 0) -> np.ndarray:
    """The fold, 0 .. folds-1, of each picture, int64 (N,): subjects whole, classes spread evenly.

    As `StratifiedGroupKFold` of scikit-learn has it. ValueError for fewer subjects than folds,
    or where every class has fewer pictures than folds.
    """
    subject = _subjects(data)
    if not 2 <= folds <= len(np.unique(subject)):
        raise ValueError(
            f"{folds} folds of {len(np.unique(subject))} subjects: expected 2 folds or more, and a "
            "subject or more for each"
        )
    fold = np.empty(len(data), np.int64)
    splitter = StratifiedGroupKFold(folds, shuffle=True, random_state=seed)
    for number, (_, held) in enumerate(splitter.split(data.images, data.labels, subject)):
        fold[held] = number
    return fold


def in_fold(data: FaceDataset, fold: np.ndarray, number: int) -> FaceDataset:
    """The data set with one fold as "private_test" and the others as "train"."""
    return _with_split(data, np.where(np.asarray(fold) == number, 2, 0))


def shared_subjects(data: FaceDataset, split: str = "private_test") -> float:
    """Share of the pictures of a split whose subject also stands in "train"."""
    part = data.part(split)
    return float(np.isin(_subjects(part), _subjects(data.part("train"))).mean())


def _with_split(data: FaceDataset, part: np.ndarray) -> FaceDataset:
    return replace(data, split=np.array(PARTS)[part], known_fingerprint=None)


def _subjects(data: FaceDataset) -> np.ndarray:
    if data.subject is None:
        raise ValueError(f"data set {data.name!r} does not say who is in its pictures")
    return np.asarray(data.subject)


def _shares(shares: tuple[float, float, float]) -> np.ndarray:
    values = np.asarray(shares, float)
    if values.shape != (3,) or (values <= 0).any() or abs(values.sum() - 1) > 1e-9:
        raise ValueError(f"shares {shares}: expected three above 0 that add up to 1")
    return values
