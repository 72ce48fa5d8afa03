"""Classification reports: the same figures as scikit-learn's, and gaps where nothing is known."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from sklearn import metrics as sk

from fer_utils.data.dataset import CLASSES
from fer_utils.experiments.reported import MAASTRICHT_SUPPORT
from fer_utils.metrics import classification_report as reports
from fer_utils.metrics.classification import summary

RNG = np.random.default_rng(0)
LABELS = RNG.permutation(np.arange(700) % 7)
PREDICTED = np.where(RNG.random(700) < 0.6, LABELS, RNG.integers(0, 7, 700))
OTHER = np.where(RNG.random(700) < 0.4, LABELS, RNG.integers(0, 7, 700))


def test_it_is_what_scikit_learn_prints():
    theirs = sk.classification_report(
        LABELS, PREDICTED, target_names=CLASSES, output_dict=True, zero_division=0
    )
    ours = reports.report([summary(LABELS, PREDICTED)])
    names = {reports.MACRO: "macro avg", reports.WEIGHTED: "weighted avg"}
    for row in (*CLASSES, *names):
        wanted = theirs[names.get(row, row)]
        figures = ours.loc[row, ["precision", "recall", "F1", "n"]].tolist()
        assert figures == pytest.approx(
            [wanted[key] for key in ("precision", "recall", "f1-score", "support")]
        )
    assert ours.loc[reports.ACCURACY, "F1"] == pytest.approx(theirs["accuracy"])
    assert ours.loc[reports.ACCURACY, ["precision", "recall"]].isna().all()
    assert list(ours.index) == [*CLASSES, reports.ACCURACY, reports.MACRO, reports.WEIGHTED]


def test_several_runs_are_averaged_and_must_be_on_the_same_images():
    one, two = summary(LABELS, PREDICTED), summary(LABELS, OTHER)
    mean = reports.report([one, two])
    recalls = [(a.recall + b.recall) / 2 for a, b in zip(one.per_class, two.per_class, strict=True)]
    assert mean["recall"][: len(CLASSES)].tolist() == pytest.approx(recalls)
    assert mean.loc["fear", "n"] == 100
    with pytest.raises(ValueError, match="same images"):
        reports.report([one, summary(LABELS[:600], OTHER[:600])])
    with pytest.raises(ValueError, match="one run"):
        reports.report([])


def test_a_class_without_images_counts_in_no_average():
    labels, predicted = np.array([0, 0, 1, 1]), np.array([0, 1, 1, 2])
    table = reports.report([summary(labels, predicted, classes=("a", "b", "c"))])
    assert table.loc["c", "n"] == 0
    assert table.loc[reports.MACRO, "recall"] == pytest.approx(0.5)
    assert table.loc[reports.MACRO, "F1"] == pytest.approx((2 / 3 + 1 / 2) / 2)
    assert table.loc[reports.WEIGHTED, "precision"] == pytest.approx((2 * 1 + 2 * 0.5) / 4)


def test_what_a_report_does_not_say_stays_empty():
    table = reports.printed(0.56, MAASTRICHT_SUPPORT)
    assert table.loc[reports.ACCURACY, "F1"] == 0.56
    assert table.loc["disgust", "n"] == 56
    assert table["n"][-3:].tolist() == [3589] * 3
    assert table[["precision", "recall"]].isna().all(axis=None)
    assert table["F1"].notna().sum() == 1
    shown = reports.show(table, "Maastricht").to_html()
    assert ">0.56<" in shown
    assert ">3,589<" in shown
    assert shown.count(f">{reports.UNKNOWN}<") == 3 * 10 - 1
    assert "nan" not in shown


def test_reports_stand_beside_each_other_and_a_missing_one_says_so():
    ours = reports.report([summary(LABELS, PREDICTED)])
    table = reports.beside({"reported": reports.printed(0.5, MAASTRICHT_SUPPORT), "ours": ours})
    pd.testing.assert_frame_equal(table["ours"], ours)
    alone = reports.show(ours).to_html()
    assert f">{ours['precision'].iloc[0]:.2f}<" in alone and ">1<" not in alone
    table = reports.beside({"as reported": None, "ours": ours})
    assert table["as reported (not run)"].isna().all(axis=None)
    assert list(table["as reported (not run)"].columns) == list(reports.COLUMNS)
    with pytest.raises(ValueError, match="none of a, b"):
        reports.beside({"a": None, "b": None})
