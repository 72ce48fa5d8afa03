"""Figures of merit against values worked out by hand, and their edge cases."""

import numpy as np
import pytest

from fer_utils.metrics import classification

# 3 of class 0 (2 right), 2 of class 1 (1 right), none of class 2, which is predicted once
LABELS = np.array([0, 0, 0, 1, 1])
PREDICTED = np.array([0, 0, 1, 1, 2])


def test_accuracy_is_the_share_of_right_ones():
    assert classification.accuracy(LABELS, PREDICTED) == pytest.approx(3 / 5)


@pytest.mark.parametrize(
    ("correct", "n", "low", "high"),
    [
        (5, 10, 0.2366, 0.7634),  # 0.5 -+ 1.96 sqrt(0.025 + 1.96²/400) / (1 + 0.38416)
        (0, 10, 0.0, 0.2775),  # high = (z²/n) / (1 + z²/n)
        (10, 10, 0.7225, 1.0),
        (2392, 3589, 0.6509, 0.6817),
    ],
)
def test_wilson_interval(correct, n, low, high):
    assert classification.wilson_interval(correct, n) == pytest.approx((low, high), abs=1e-4)


def test_wilson_interval_is_wider_for_fewer_images_and_for_more_certainty():
    few, many = classification.wilson_interval(7, 10), classification.wilson_interval(700, 1000)
    assert few[0] < many[0] < 0.7 < many[1] < few[1]
    assert classification.wilson_interval(7, 10, z=2.576)[0] < few[0]


@pytest.mark.parametrize(("correct", "n"), [(0, 0), (-1, 5), (6, 5)])
def test_wilson_interval_refuses_impossible_counts(correct, n):
    with pytest.raises(ValueError, match=f"got {correct} of {n}"):
        classification.wilson_interval(correct, n)


def test_confusion_matrix_has_true_classes_as_rows_and_a_row_for_an_empty_class():
    matrix = classification.confusion_matrix(LABELS, PREDICTED, 3)
    assert matrix.tolist() == [[2, 1, 0], [0, 1, 1], [0, 0, 0]]
    assert matrix.dtype == np.int64


def test_classification_report_with_an_empty_class_and_one_that_is_never_predicted():
    first, second, empty = classification.classification_report(LABELS, PREDICTED, "abc")
    assert (empty.precision, empty.recall, empty.f1, empty.support) == (0, 0, 0, 0)
    assert (first.precision, first.recall) == pytest.approx((1, 2 / 3))
    assert first.f1 == pytest.approx(0.8)
    assert (second.precision, second.recall, second.f1) == pytest.approx((0.5, 0.5, 0.5))
    assert [first.support, second.support] == [3, 2]
    missed = classification.classification_report(np.array([0, 1]), np.array([0, 0]), "ab")[1]
    assert (missed.precision, missed.recall, missed.f1, missed.support) == (0, 0, 0, 1)


def test_averages_over_classes_leave_out_a_class_without_images():
    assert classification.balanced_accuracy(LABELS, PREDICTED) == pytest.approx((2 / 3 + 1 / 2) / 2)
    assert classification.macro_f1(LABELS, PREDICTED) == pytest.approx((0.8 + 0.5) / 2)
    assert classification.weighted_f1(LABELS, PREDICTED) == pytest.approx((3 * 0.8 + 2 * 0.5) / 5)


def test_always_the_majority_has_chance_balanced_accuracy():
    labels = np.array([0] * 9 + [1])
    assert classification.accuracy(labels, np.zeros(10, int)) == 0.9
    assert classification.balanced_accuracy(labels, np.zeros(10, int)) == 0.5


def test_log_loss_of_a_uniform_guess_is_the_logarithm_of_the_number_of_classes():
    assert classification.log_loss(np.full((4, 7), 1 / 7), np.arange(4)) == pytest.approx(np.log(7))


def test_log_loss_is_the_mean_surprise_and_infinite_for_a_class_called_impossible():
    probabilities = np.array([[0.5, 0.5], [0.25, 0.75]])
    expected = -(np.log(0.5) + np.log(0.25)) / 2
    assert classification.log_loss(probabilities, np.array([0, 0])) == pytest.approx(expected)
    assert classification.log_loss(np.array([[1.0, 0.0]]), np.array([1])) == np.inf


def test_calibration_error_of_two_bins_worked_out_by_hand():
    # confidences .9 .9 (both right), .6 .6 (one right): 2/4 * |1 - .9| + 2/4 * |.5 - .6| = 0.1
    probabilities = np.array([[0.9, 0.1], [0.9, 0.1], [0.6, 0.4], [0.6, 0.4]])
    error = classification.expected_calibration_error(probabilities, np.array([0, 0, 0, 1]))
    assert error == pytest.approx(0.1)


def test_calibration_error_is_zero_when_right_as_often_as_said_and_one_when_surely_wrong():
    half = np.array([[0.5, 0.5], [0.5, 0.5]])
    assert classification.expected_calibration_error(half, np.array([0, 1])) == pytest.approx(0)
    sure = np.array([[1.0, 0.0]])
    assert classification.expected_calibration_error(sure, np.array([1])) == pytest.approx(1)


def test_in_one_bin_over_and_underconfidence_cancel_and_in_two_they_do_not():
    probabilities = np.array([[0.95, 0.05], [0.45, 0.55]])  # .95 and wrong, .55 and right
    labels = np.array([1, 1])
    one = classification.expected_calibration_error(probabilities, labels, bins=1)
    assert one == pytest.approx(abs(0.5 - 0.75))
    many = classification.expected_calibration_error(probabilities, labels, bins=10)
    assert many == pytest.approx((0.95 + 0.45) / 2)


def test_a_confidence_on_the_edge_belongs_to_the_lower_bin():
    probabilities = np.array([[0.5, 0.5], [0.6, 0.4]])  # .5 and right in (0, .5], .6 and wrong
    error = classification.expected_calibration_error(probabilities, np.array([0, 1]), bins=2)
    assert error == pytest.approx((0.5 + 0.6) / 2)


def test_calibration_counts_the_predicted_class_where_rounding_made_a_tie():
    probabilities = np.array([[0.4, 0.4, 0.2]])
    labels = predicted = np.array([1])  # right; the first of the most likely classes is 0
    error = classification.expected_calibration_error(probabilities, labels, predicted=predicted)
    assert error == pytest.approx(0.6)
    full = classification.summary(labels, predicted, probabilities, classes="abc")
    assert (full.accuracy, full.calibration_error) == (1, pytest.approx(0.6))


def test_summary_holds_the_same_figures_and_no_log_loss_without_probabilities():
    probabilities = np.eye(3)[PREDICTED] * 0.7 + 0.1
    full = classification.summary(LABELS, PREDICTED, probabilities, classes="abc")
    assert (full.n, full.correct, full.accuracy) == (5, 3, 0.6)
    assert (full.low, full.high) == classification.wilson_interval(3, 5)
    assert full.log_loss == pytest.approx(-(3 * np.log(0.8) + 2 * np.log(0.1)) / 5)
    assert full.calibration_error == pytest.approx(0.2)
    assert [row.name for row in full.per_class] == ["a", "b", "c"]
    bare = classification.summary(LABELS, PREDICTED, classes="abc")
    assert bare.log_loss is None and bare.calibration_error is None


@pytest.mark.parametrize(
    ("labels", "predicted", "message"),
    [
        ([], [], "n >= 1"),
        ([0, 1], [0], "same shape"),
        ([0, 3], [0, 1], r"labels\[1\] is 3, expected 0 to 2"),
        ([0, 1], [-1, 1], r"predicted\[0\] is -1"),
        ([0.0, 1.0], [0, 1], "whole numbers"),
    ],
)
def test_unusable_labels_are_refused(labels, predicted, message):
    dtype = float if labels and isinstance(labels[0], float) else int
    with pytest.raises(ValueError, match=message):
        classification.summary(np.array(labels, dtype), np.array(predicted, int), classes="abc")


@pytest.mark.parametrize("logits", [[[2.0, -1.0]], [[0.4, 0.4]], [[np.nan, 1.0]]])
def test_logits_in_place_of_probabilities_are_refused(logits):
    with pytest.raises(ValueError, match="softmax"):
        classification.log_loss(np.array(logits), np.array([0]))
    with pytest.raises(ValueError, match=r"probabilities \(3, K\)"):
        classification.log_loss(np.array(logits), np.array([0, 0, 0]))
