"""Paired differences: closed forms, and coverage by simulation."""

from __future__ import annotations

import numpy as np
import pytest

from fer_utils.metrics.paired import (
    deviation_within,
    differences,
    paired_difference,
    seed_deviation,
    steps,
)

LABELS = np.zeros(100, int)


def wrong(*images: range) -> np.ndarray:
    predicted = LABELS.copy()
    for some in images:
        predicted[list(some)] = 1
    return predicted


def test_one_run_each_is_the_large_sample_interval_of_the_discordant_images():
    # the first alone right on b = 20 images, the second alone on c = 5, both wrong on 10
    made = paired_difference(
        LABELS, wrong(range(5), range(90, 100)), wrong(range(20, 40), range(90, 100))
    )
    assert made.difference == pytest.approx(0.15)
    error = np.sqrt(25 - 15**2 / 100) / 100
    assert (made.low, made.high) == pytest.approx((0.15 - 1.96 * error, 0.15 + 1.96 * error))
    assert (made.only_first, made.only_second) == pytest.approx((0.2, 0.05))
    assert made.n == 100


def test_the_other_way_round_is_the_same_with_the_other_sign():
    a, b = wrong(range(30)), wrong(range(20, 60))
    one, two = paired_difference(LABELS, a, b), paired_difference(LABELS, b, a)
    assert (one.difference, one.low, one.high) == pytest.approx(
        (-two.difference, -two.high, -two.low)
    )


def test_pairs_tell_more_than_two_accuracies_alone():
    both_wrong = range(40, 90)
    made = paired_difference(LABELS, wrong(both_wrong), wrong(both_wrong, range(8)))
    unpaired = 1.96 * np.sqrt(0.5 * 0.5 / 100 + 0.42 * 0.58 / 100)
    assert made.high - made.difference < unpaired / 2
    assert made.low > 0


def test_seeds_are_averaged_by_image_and_their_spread_is_added():
    first = np.stack([wrong(range(10)), wrong(range(20))])  # accuracies 0.9 and 0.8
    made = paired_difference(LABELS, first, wrong(), seed_deviation=0.03)
    assert made.difference == pytest.approx(-0.15)
    apart = np.repeat([-1.0, -0.5, 0.0], [10, 10, 80])
    error = np.sqrt(apart.var() / 100 + 0.03**2 * (1 / 2 + 1))
    assert made.high - made.difference == pytest.approx(1.96 * error)
    assert made.only_first == 0
    assert made.only_second == pytest.approx(0.15)


def test_what_a_seed_does_to_both_ways_of_reading_a_run_cancels():
    runs = np.stack([wrong(range(k)) for k in (5, 20)])  # 15 of the images lie between the seeds
    lower = np.stack([wrong(range(k)) for k in (8, 23)])  # each run loses three more
    assert deviation_within(LABELS, lower, runs) == pytest.approx(0)
    assert seed_deviation(LABELS, [lower, runs]) > 0
    uneven = np.stack([wrong(range(k)) for k in (5, 24)])  # the first loses none, the second four
    expected = (4 / len(LABELS)) / np.sqrt(2) / np.sqrt(2)
    assert deviation_within(LABELS, uneven, runs) == pytest.approx(expected)
    assert deviation_within(LABELS, runs[:1], lower[:1]) == 0.0


def test_seed_deviation_is_pooled_over_networks():
    one = np.stack([wrong(range(10)), wrong(range(20))])  # 0.9, 0.8
    two = np.stack([wrong(range(30)), wrong(range(30)), wrong(range(60))])  # 0.7, 0.7, 0.4
    expected = np.sqrt((2 * 0.05**2 + 0.1**2 + 0.1**2 + 0.2**2) / 3)
    assert seed_deviation(LABELS, [one, two, wrong()]) == pytest.approx(expected)
    assert seed_deviation(LABELS, [wrong(), wrong(range(5))]) == 0.0


def test_identical_predictions_differ_by_nothing():
    made = paired_difference(LABELS, wrong(range(5)), wrong(range(5)))
    assert (made.difference, made.low, made.high) == (0, 0, 0)


def test_all_from_one_base():
    base = np.stack([wrong(range(10)), wrong(range(20))])
    table = differences(LABELS, {"a": wrong(range(5)), "base": base, "b": base}, "base")
    assert list(table.index) == ["a", "b"]
    assert table.difference.tolist() == pytest.approx([0.1, 0.0])
    assert table.seeds.tolist() == [1, 2]
    assert table.lost["a"] == 0
    assert table.gained["a"] == pytest.approx(0.1)
    half = 1.96 * seed_deviation(LABELS, [base])  # b and base are the same runs: seeds alone
    assert table.high["b"] == pytest.approx(half)
    assert differences(LABELS, {"a": base}, "base").empty
    assert differences(LABELS, {"base": base}, "base").empty
    assert list(differences(LABELS, {}, "base").columns) == list(table.columns)


def test_steps_compare_each_network_with_the_one_below_it():
    seeds = np.stack([wrong(range(10)), wrong(range(20))])  # 0.9 and 0.8
    known = {"whole": wrong(range(5)), "half": wrong(range(10)), "base": seeds}
    below = {"base": None, "half": "base", "lost": "half", "whole": "half", "other": "lost"}
    found = steps(LABELS, known, below)
    assert list(found) == ["half", "whole"]  # in the order of `below`, where both are known
    assert found["whole"][0] == pytest.approx(0.05)
    assert found["half"][0] == pytest.approx(0.05)
    deviation = seed_deviation(LABELS, [seeds])  # of all that are known, also where one run is
    made = paired_difference(LABELS, known["whole"], known["half"], deviation)
    assert found["whole"] == (made.difference, made.low, made.high)
    assert steps(LABELS, {}, below) == {}


def test_shapes_that_do_not_fit_are_an_error():
    with pytest.raises(ValueError, match="same images"):
        paired_difference(LABELS, wrong()[:99], wrong())
    with pytest.raises(ValueError, match="same images"):
        paired_difference(LABELS[:0], wrong()[:0], wrong()[:0])
    with pytest.raises(ValueError, match="same images"):
        paired_difference(LABELS, np.zeros((2, 2, 100), int), wrong())


def test_the_interval_covers_the_true_difference_with_images_and_seeds_redrawn():
    rng = np.random.default_rng(0)
    n, seeds, networks, covered = 400, 2, 6, 0
    for _ in range(300):
        hard = rng.random(n)  # how hard an image is, the same for every network
        labels = np.zeros(n, int)
        shift = rng.normal(0, 0.03, (networks, seeds, 1))  # a seed's luck; no true difference
        runs = (rng.normal(0, 0.05, (networks, seeds, n)) + hard > 0.6 + shift).astype(int)
        table = differences(labels, dict(enumerate(runs)), base=0)
        covered += int(((table.low <= 0) & (table.high >= 0)).sum())
    assert 0.92 < covered / (300 * (networks - 1)) < 0.99
