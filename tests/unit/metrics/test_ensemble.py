"""Ensembles of three made-up members on four images, by hand."""

from __future__ import annotations

from types import SimpleNamespace

import numpy as np
import pytest

from fer_utils.metrics import ensemble
from fer_utils.metrics.classification import wilson_interval
from fer_utils.records.predictions import Predictions

LABELS = np.array([0, 0, 1, 1])


def sure(*of_first):
    """Probabilities of two classes from that of the first."""
    first = np.array(of_first)
    return np.stack([first, 1 - first], 1)


MEMBERS = {
    "a": sure(0.9, 0.9, 0.6, 0.1),  # 3 right
    "b": sure(0.6, 0.4, 0.1, 0.4),  # 3 right
    "c": sure(0.2, 0.3, 0.4, 0.4),  # 2 right
}


def test_means_by_hand():
    np.testing.assert_allclose(ensemble.averaged(MEMBERS)[:, 0], [1.7 / 3, 1.6 / 3, 1.1 / 3, 0.3])
    with pytest.raises(ValueError, match="same images"):
        ensemble.averaged({**MEMBERS, "d": sure(0.5)})
    with pytest.raises(ValueError, match="same images"):
        ensemble.averaged({})


def test_each_size_is_the_mean_over_its_subsets():
    found = ensemble.by_size(LABELS, MEMBERS)
    assert [found[size][0] for size in (1, 2, 3)] == pytest.approx([8 / 12, 9 / 12, 1])
    assert found[3][1:] == wilson_interval(4, 4)


def test_what_each_adds_is_the_whole_minus_the_rest():
    found = ensemble.gains(LABELS, MEMBERS)
    assert {name: one.difference for name, one in found.items()} == {"a": 0.5, "b": 0.25, "c": 0}
    with pytest.raises(ValueError, match="two members"):
        ensemble.gains(LABELS, {"a": MEMBERS["a"]})


def test_in_order_the_first_is_alone():
    found = ensemble.in_order(LABELS, MEMBERS)
    assert [value for value, _, _ in found.values()] == [0.75, 1, 1]


def test_members_of_records_are_those_with_probabilities_of_the_same_classes():
    kept = Predictions.from_probabilities(MEMBERS["a"], "probabilities")
    labels = Predictions.from_probabilities(MEMBERS["b"])
    records = [
        SimpleNamespace(
            experiment=name, framework="torch", seed=0, predictions=made, classes=tuple(classes)
        )
        for name, made, classes in (
            *(("x", {"s": kept}, "ab"), ("y", {"s": labels}, "ab"), ("z", {}, "ab")),
            ("fewer", {"s": kept}, "a"),
        )
    ]
    found = ensemble.of_records(records, "s", classes=("a", "b"))
    assert list(found) == ["x, torch, seed 0"]
    np.testing.assert_allclose(found["x, torch, seed 0"], MEMBERS["a"], atol=0.02)
