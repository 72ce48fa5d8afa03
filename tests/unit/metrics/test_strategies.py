"""Figures of strategies on answers made by hand, the front, and the rule of choice."""

from __future__ import annotations

import numpy as np
import pytest

from fer_utils.metrics import strategies
from fer_utils.metrics.classification import wilson_interval
from fer_utils.metrics.paired import PairedDifference
from fer_utils.metrics.resampling import Interval
from fer_utils.metrics.strategies import Answers
from fer_utils.records.predictions import Predictions

CLASSES = ("happy", "disgust")
LABELS = np.repeat([0, 1], [8, 2])
PREDICTED = np.stack([np.repeat([0, 1], [8, 2]), np.repeat([0, 1], [9, 1])])  # 10 and 9 right


def test_figures_are_means_over_seeds_with_wilson_intervals_of_the_images():
    found = strategies.figures(LABELS, Answers(PREDICTED), CLASSES)
    assert found["accuracy"] == (pytest.approx(0.95), *wilson_interval(10, 10))
    assert found["recall of disgust"].value == pytest.approx(0.75)
    assert found["balanced_accuracy"].value == pytest.approx((1 + 0.75) / 2)
    assert "calibration_error" not in found


def test_a_share_is_of_one_run_or_of_several():
    right = PREDICTED == LABELS
    assert (
        strategies.share(right[1]) == strategies.share(right[1:]) == (0.9, *wilson_interval(9, 10))
    )
    assert strategies.share(right).value == pytest.approx(0.95)


def test_recalls_are_means_over_seeds_and_unknown_without_an_image():
    found = strategies.recalls(LABELS, Answers(PREDICTED), (*CLASSES, "fear"))
    np.testing.assert_array_equal(found, [1, 0.75, np.nan])
    np.testing.assert_array_equal(
        strategies.recalls(LABELS, Answers(PREDICTED[1]), CLASSES), [1, 0.5]
    )


@pytest.mark.parametrize(
    ("accuracy", "end"),
    [
        (0.9, "+10.0 points [-8.0, +28.0]: asked for, and reached"),
        (0.7, "-10.0 points [-28.0, +8.0]: asked for, and NOT reached"),
    ],
)
def test_the_verdict_names_recall_accuracy_and_what_was_asked(accuracy, end):
    found = {
        name: {"accuracy": Interval(a, 0, 1), "recall of disgust": Interval(recall, 0, 1)}
        for name, a, recall in (("nothing", 0.8, 0.5), ("moved", accuracy, 0.75))
    }
    by = accuracy - 0.8
    change = PairedDifference(100, by, by - 0.18, by + 0.18, 0.1, 0.1)
    said = strategies.verdict(found, change, "moved", "nothing")
    assert said == f"recall of disgust from 50.0% to 75.0%, accuracy {end}"


def test_what_is_tested_is_one_strategy_beside_the_base_on_the_same_images():
    all_right, one_wrong = Answers(LABELS), Answers(np.repeat([0, 1], [9, 1]))
    answers = {"nothing": one_wrong, "other": Answers(1 - LABELS), "moved": all_right}
    found, said = strategies.tested(LABELS, answers, "moved", "nothing", CLASSES)
    assert list(found) == ["nothing", "moved"]
    assert found["moved"] == strategies.figures(LABELS, all_right, CLASSES)
    half = 196 * (0.1 * 0.9 / 10) ** 0.5  # one of ten images is gained
    wanted = f"accuracy +10.0 points [{10 - half:+.1f}, {10 + half:+.1f}]: asked for, and reached"
    assert said == f"recall of disgust from 50.0% to 100.0%, {wanted}"


def test_of_answers_moved_within_a_run_the_seed_is_no_part_of_the_difference():
    each_loses_one = Answers(np.stack([PREDICTED[1], np.zeros(10, int)]))
    answers = {"nothing": Answers(PREDICTED), "moved": each_loses_one}
    _, apart = strategies.tested(LABELS, answers, "moved", "nothing", CLASSES)
    _, same = strategies.tested(LABELS, answers, "moved", "nothing", CLASSES, same_runs=True)
    half = 196 * (2 * 0.5**2 / 10 - 0.1**2) ** 0.5 / 10**0.5  # two images, lost by one run each
    assert f"accuracy -10.0 points [{-10 - half:+.1f}, {-10 + half:+.1f}]" in same
    assert apart != same and apart.split(" [")[0] == same.split(" [")[0]


def test_predicted_shares_add_up_to_one():
    shares = strategies.predicted_shares(Answers(PREDICTED), CLASSES)
    assert shares["disgust"].value == pytest.approx(0.15)
    assert sum(one.value for one in shares.values()) == pytest.approx(1)


class Record:
    def __init__(self, keep):
        logits = np.log([[0.6, 0.4]] * 8 + [[0.2, 0.8]] * 2)
        self.predictions = {"validation": Predictions.from_logits(logits, keep)}


def test_answers_come_from_records_and_can_be_adjusted_where_probabilities_were_kept():
    kept = Answers.of([Record("probabilities")] * 2, "validation")
    assert kept.predicted.shape == (2, 10)
    assert kept.predicted[0].tolist() == LABELS.tolist()
    assert kept.adjusted(np.array([0.8, 0.2]), 0) is kept
    moved = kept.adjusted(np.array([0.8, 0.2]), 1)  # 0.6 / 0.8 < 0.4 / 0.2
    assert (moved.predicted == 1).all()
    assert moved.probabilities.sum(-1) == pytest.approx(np.ones((2, 10)))
    figures = strategies.figures(LABELS, kept, CLASSES)
    assert figures["calibration_error"].value == pytest.approx(0.36, abs=0.01)
    labels_only = Answers.of([Record("labels")], "validation")
    with pytest.raises(ValueError, match="needs probabilities"):
        labels_only.adjusted(np.array([0.8, 0.2]), 1)


def test_the_front_is_what_none_beats():
    points = {"a": (0.5, 0.5), "b": (0.6, 0.4), "c": (0.5, 0.4), "d": (0.4, 0.6), "e": (0.4, 0.5)}
    assert strategies.front(points) == ["b", "a", "d"]
    assert strategies.front({"one": (0.1, 0.1), "twin": (0.1, 0.1)}) == ["one", "twin"]


def row(accuracy, balanced, recall):
    values = {"accuracy": accuracy, "balanced_accuracy": balanced, "recall of disgust": recall}
    return {name: Interval(x, x - 0.01, x + 0.01) for name, x in values.items()}


BASE = {"nothing": row(0.50, 0.40, 0.2)}


def test_the_choice_needs_the_recall_and_no_loss_of_accuracy():
    found = BASE | {
        "costs": row(0.49, 0.60, 0.9),
        "low": row(0.55, 0.50, 0.59),
        "good": row(0.50, 0.45, 0.60),
        "better": row(0.50, 0.47, 0.61),
    }
    chosen = strategies.choose(found, "nothing")
    assert (chosen.name, chosen.meets) == ("better", True)


@pytest.mark.parametrize(
    ("accuracy", "recall", "meets"),
    [(0.50, 0.60, True), (0.49, 0.90, False), (0.90, 0.59, False)],
)
def test_what_is_asked_is_the_recall_at_no_loss_of_accuracy(accuracy, recall, meets):
    assert strategies.meets(row(accuracy, 0.1, recall), BASE["nothing"]) is meets


def test_a_tie_goes_to_the_higher_accuracy_then_to_the_first():
    same = row(0.51, 0.45, 0.7)
    found = BASE | {"first": row(0.50, 0.45, 0.7), "second": same, "third": same}
    assert strategies.choose(found, "nothing").name == "second"


def test_where_none_does_it_the_least_loss_at_that_recall_is_named():
    found = BASE | {
        "costs": row(0.40, 0.60, 0.9),
        "costs less": row(0.45, 0.50, 0.6),
        "free": row(0.55, 0.45, 0.5),
    }
    chosen = strategies.choose(found, "nothing")
    assert (chosen.name, chosen.meets) == ("costs less", False)
    assert "least loss" in chosen.rule


def test_where_none_reaches_the_recall_the_highest_is_named():
    found = BASE | {"little": row(0.6, 0.4, 0.3), "more": row(0.5, 0.39, 0.4)}
    chosen = strategies.choose(found, "nothing")
    assert (chosen.name, chosen.meets) == ("more", False)
    assert "none reaches" in chosen.rule


def test_without_the_base_or_anything_else_there_is_no_choice():
    assert strategies.choose({}, "nothing") is None
    assert strategies.choose(BASE, "nothing") is None
    assert strategies.choose({"alone": row(0.4, 0.6, 0.9)}, "nothing") is None


def test_the_table_shows_per_cent_with_intervals_and_holes_where_nothing_is_known():
    full = BASE["nothing"] | {"calibration_error": Interval(0.1, 0.05, 0.15)}
    table = strategies.table({"nothing": full, "plain": row(0.5, 0.4, 0.1)})
    assert table.loc["nothing", "calibration error"] == "10.0 [5.0,\u00a015.0]"
    assert table.loc["plain", "calibration error"] == "–"
    assert table.loc["plain", "accuracy"] == "50.0 [49.0,\u00a051.0]"


def test_a_split_without_the_rare_class_is_an_error():
    with pytest.raises(ValueError, match="none of 8 images is of disgust"):
        strategies.figures(LABELS[:8], Answers(PREDICTED[:, :8]), CLASSES)
