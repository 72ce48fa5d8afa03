"""Figures for several labels at once, against values worked out by hand."""

from __future__ import annotations

import math

import numpy as np
import pytest

from fer_utils.metrics import multilabel

PRESENT = np.array([[1, 0, 0], [1, 1, 0], [0, 1, 0], [0, 0, 0]])
PREDICTED = np.array([[1, 0, 0], [0, 1, 1], [0, 1, 0], [1, 0, 0]])
NAMES = ("AU1", "AU2", "AU4")


def test_figures_of_each_label_and_all():
    found = multilabel.summary(PRESENT, PREDICTED, NAMES)
    first, second, third = found.per_unit
    assert (first.precision, first.recall, first.f1, first.support) == (0.5, 0.5, 0.5, 2)
    assert (second.precision, second.recall, second.f1) == (1, 1, 1)
    assert (third.recall, third.f1, third.support) == (0, 0, 0)
    assert found.accuracy == 9 / 12
    assert found.all_absent == 8 / 12
    assert found.exact_match == 2 / 4
    assert (found.precision, found.recall) == (3 / 5, 3 / 4)
    assert found.macro_f1 == 0.75  # AU4 never occurs and has no say
    assert found.weighted_f1 == (2 * 0.5 + 2 * 1) / 4
    assert found.macro_average_precision is None


def test_average_precision_of_a_ranking():
    present = np.array([[1], [0], [1], [0]])
    scores = np.array([[0.9], [0.8], [0.7], [0.1]])
    found = multilabel.summary(present, scores > 0.5, ("AU1",), scores)
    assert found.per_unit[0].average_precision == pytest.approx((1 / 1 + 2 / 3) / 2)
    assert found.macro_average_precision == pytest.approx(5 / 6)
    never = multilabel.summary(PRESENT, PREDICTED, NAMES, PREDICTED.astype(float))
    assert math.isnan(never.per_unit[2].average_precision)
    assert not math.isnan(never.macro_average_precision)


def test_high_accuracy_beside_low_recall():
    """45 units present among 300 answers; 14 found, one false alarm: right in 9 answers of 10."""
    present, predicted = np.zeros((100, 3), int), np.zeros((100, 3), int)
    present.flat[:45] = 1
    predicted.flat[:14] = 1
    predicted.flat[299] = 1
    found = multilabel.summary(present, predicted, NAMES)
    assert round(found.recall, 4) == 0.3111
    assert found.accuracy == (300 - 31 - 1) / 300
    assert found.all_absent == 255 / 300


def test_f1_is_the_harmonic_mean_and_not_what_the_report_prints():
    assert multilabel.f1_of(0.5, 1.0) == pytest.approx(2 / 3)
    assert multilabel.f1_of(0.0, 0.0) == 0
    assert multilabel.f1_of(0.7656, 0.625) == pytest.approx(0.6882, abs=5e-5)
    assert multilabel.f1_of(0.9778, 0.3111) == pytest.approx(0.4720, abs=5e-5)
    with pytest.raises(ValueError, match="fractions"):
        multilabel.f1_of(76.56, 62.5)


def test_f1_lies_between_precision_and_recall():
    rng = np.random.default_rng(0)
    for precision, recall in rng.random((200, 2)):
        assert min(precision, recall) <= multilabel.f1_of(precision, recall)
        assert multilabel.f1_of(precision, recall) <= (precision + recall) / 2 + 1e-12


def test_the_interval_draws_whole_people_and_holds_the_figure():
    rng = np.random.default_rng(0)
    present = rng.integers(0, 2, (200, 3))
    predicted = np.where(rng.random((200, 3)) < 0.8, present, 1 - present)
    whole = multilabel.summary(present, predicted, NAMES)
    for figure in ("macro_f1", "weighted_f1", "exact_match"):
        apart = multilabel.bootstrap(figure, present, predicted, np.arange(200))
        assert apart[0] < getattr(whole, figure) < apart[1]
        once = multilabel._weighted_figure(figure, present, predicted, np.ones(200, int))
        assert once == pytest.approx(getattr(whole, figure))
    one_person = multilabel.bootstrap("macro_f1", present, predicted, np.zeros(200))
    assert one_person == pytest.approx((whole.macro_f1,) * 2)
    copies = [np.repeat(values, 4, 0) for values in (present, predicted, np.arange(200))]
    wide = multilabel.bootstrap("macro_f1", *copies)
    assert wide == pytest.approx(
        multilabel.bootstrap("macro_f1", present, predicted, np.arange(200))
    )


@pytest.mark.parametrize(
    ("present", "predicted", "names", "message"),
    [
        (PRESENT, PREDICTED[:2], NAMES, "same shape"),
        (PRESENT[:0], PREDICTED[:0], NAMES, "n >= 1"),
        (PRESENT, PREDICTED * 0.7, NAMES, "threshold scores first"),
        (PRESENT, PREDICTED, NAMES[:2], "2 names for 3 labels"),
    ],
)
def test_what_does_not_fit_is_an_error(present, predicted, names, message):
    with pytest.raises(ValueError, match=message):
        multilabel.summary(present, predicted, names)
    if names == NAMES:
        with pytest.raises(ValueError, match="expected scores of shape"):
            multilabel.summary(PRESENT, PREDICTED, NAMES, np.zeros((4, 2)))
