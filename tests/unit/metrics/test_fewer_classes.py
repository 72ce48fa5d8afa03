"""The pictures of a few classes, as a network of all of them answers."""

from __future__ import annotations

import numpy as np
import pytest

from fer_utils.metrics.classification import wilson_interval
from fer_utils.metrics.fewer_classes import (
    answer_within,
    answers,
    asked_twice,
    learned_minus_asked,
    merged,
    steps,
)

CLASSES = ("a", "b", "c")
MATRIX = np.array([[5, 1, 2], [3, 4, 1], [6, 0, 7]])


def test_errors_within_and_outside_by_hand():
    assert answers(MATRIX, CLASSES, ("a", "b")) == (16, 9, 4, 3)
    assert answers(MATRIX, CLASSES, ("c", "a")) == (21, 12, 8, 1)
    assert answers(MATRIX, CLASSES, CLASSES) == (29, 16, 13, 0)


def test_wrong_classes_are_errors():
    with pytest.raises(ValueError, match="distinct class names out of a, b, c"):
        answers(MATRIX, CLASSES, ("a", "z"))
    with pytest.raises(ValueError, match="matrix for 2 classes"):
        answers(MATRIX, ("a", "b"), ("a",))


def test_answers_within_take_the_likeliest_of_those_kept():
    labels = np.array([2, 1, 0, 2])
    likely = np.array([[0.5, 0.2, 0.3], [0.1, 0.8, 0.1], [0.4, 0.5, 0.1], [0.1, 0.7, 0.2]])
    true, predicted = answer_within(labels, likely, CLASSES, ("c", "a"))
    assert true.tolist() == [0, 1, 0]  # c, a, c
    assert predicted.tolist() == [1, 1, 0]  # a, a (b is not asked), c


def test_steps_from_all_classes_to_a_few_by_hand():
    labels = np.array([2, 1, 0, 2])
    likely = np.array([[0.5, 0.2, 0.3], [0.1, 0.8, 0.1], [0.4, 0.5, 0.1], [0.1, 0.7, 0.2]])
    found = steps(labels, likely.argmax(1), likely, CLASSES, ("c", "a"))
    assert found == {
        "all pictures, 3 answers": (1, 4),
        "2 classes, 3 answers": (0, 3),
        "2 classes, 2 answers": (2, 3),
    }


def test_merging_makes_groups_one_class_and_keeps_every_picture():
    labels = np.array([0, 1, 2, 3])
    made, names = merged(labels, ("a", "b", "c", "d"), [("d", "b")])
    assert names == ("a", "d or b", "c")
    assert made.tolist() == [0, 1, 2, 1]
    twice, _ = merged(np.stack([labels, labels]), ("a", "b", "c", "d"), [])
    assert twice.tolist() == [[0, 1, 2, 3]] * 2


@pytest.mark.parametrize("groups", [[("a", "x")], [("a", "b"), ("b", "c")]])
def test_merging_needs_known_classes_each_in_one_group(groups):
    with pytest.raises(ValueError, match="each in one group"):
        merged(np.array([0]), ("a", "b", "c"), groups)


def test_asked_twice_is_the_mean_over_the_seeds_of_each_network():
    labels = np.array([2, 1, 0, 2])
    one = np.array([[0.5, 0.2, 0.3], [0.1, 0.8, 0.1], [0.4, 0.5, 0.1], [0.1, 0.7, 0.2]])
    perfect = np.eye(3)[labels]
    found = asked_twice(labels, {"two": [one, perfect], "alone": [one]}, CLASSES, ("c", "a"))
    whole, fewer = found["two"]
    assert whole == (pytest.approx((1 / 4 + 1) / 2), *wilson_interval(2, 4))
    assert fewer == (pytest.approx((2 / 3 + 1) / 2), *wilson_interval(2, 3))
    assert found["alone"][0] == (0.25, *wilson_interval(1, 4))


def test_learning_the_smaller_question_is_compared_on_the_same_pictures():
    labels = np.array([0, 0, 1, 2, 2])
    likely = np.array([[0.5, 0.4, 0.1], [0.1, 0.2, 0.7], [0.9, 0.1, 0], [0.3, 0.6, 0.1], [0, 0, 1]])
    one = learned_minus_asked(
        labels, likely, ("a", "b", "c"), ("c", "a"), np.array([1, 1, 0, 1])
    )  # truth a, a, c, c; asked a, c, a, c; learned a, a, c, a
    assert (one.n, one.difference) == (4, 0.25)
    assert (one.only_first, one.only_second) == (0.5, 0.25)
