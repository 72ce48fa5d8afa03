"""Raters beside each other and beside a model, worked out by hand."""

from __future__ import annotations

import numpy as np
import pytest

from fer_utils.metrics import raters as r
from fer_utils.metrics.agreement import fleiss_kappa
from fer_utils.metrics.classification import wilson_interval

LABELS = np.array([0, 1, 2, 0, 1])
RATERS = {"a": np.array([0, 1, 1, 2, -1]), "b": np.array([0, 1, 2, 0, 0])}


def test_only_faces_that_all_answered_are_compared():
    rows, table = r.complete(RATERS)
    assert rows.tolist() == [0, 1, 2, 3]
    assert table.tolist() == [[0, 1, 1, 2], [0, 1, 2, 0]]
    assert r.agreement(RATERS, 3) == fleiss_kappa(table, 3)
    assert np.isnan(r.agreement({"a": RATERS["a"]}, 3))
    assert np.isnan(r.agreement({"a": np.array([0, -1]), "b": np.array([-1, 0])}, 3))


def test_accuracy_of_each_is_over_what_they_answered():
    table = r.rater_table({**RATERS, "c": np.full(5, -1)}, LABELS, {"a": 2.5, "b": 1.0})
    assert list(table.index) == ["a", "b"]
    assert table.loc["a", ["faces", "accuracy", "median seconds"]].tolist() == [4, 0.5, 2.5]
    assert tuple(table.loc["b", ["low", "high"]]) == wilson_interval(4, 5)
    assert "median seconds" not in r.rater_table(RATERS, LABELS)


def test_confusion_counts_every_answer():
    # a: 0>0, 1>1, 2>1, 0>2; b: 0>0, 1>1, 2>2, 0>0, 1>0
    expected = [[3, 0, 1], [1, 2, 0], [0, 1, 1]]
    assert r.pooled_confusion(RATERS, LABELS, 3).tolist() == expected


def test_the_model_is_compared_on_the_same_faces():
    model = np.array([0, 0, 2, 0, 1])  # right on all but face 1
    found = r.against_model(RATERS, LABELS, model)
    assert list(found) == ["a", "b", r.EVERYBODY]
    assert (found["a"].n, found["a"].difference) == (4, 0.25)
    assert (found["b"].n, found["b"].difference) == (5, 0)
    # Of faces 0 to 3 the model is right on 3, a on 2 and b on 4.
    assert (found[r.EVERYBODY].n, found[r.EVERYBODY].difference) == (4, 0)
    assert list(r.against_model({"a": RATERS["a"]}, LABELS, model)) == ["a"]


def test_simulated_raters_are_right_as_often_as_told():
    labels = np.repeat(np.arange(3), 2000)
    recall = {"angry": 0.4, "happy": 1.0, "sad": 0.0}
    made = r.simulated_raters(labels, tuple(recall), recall, raters=2, seed=3)
    assert list(made) == ["simulated 1", "simulated 2"]
    for named in made.values():
        shares = [(named == labels)[labels == k].mean() for k in range(3)]
        assert shares == pytest.approx([0.4, 1, 0], abs=0.04)
        wrong = named[(labels == 0) & (named != 0)]
        assert np.mean(wrong == 1) == pytest.approx(0.5, abs=0.06)
    assert not np.array_equal(made["simulated 1"], made["simulated 2"])
