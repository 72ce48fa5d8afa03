"""Costs of recorded networks: which rows count, and what is drawn of them."""

from __future__ import annotations

from dataclasses import replace

import pytest

from fer_utils.data.dataset import CLASSES
from fer_utils.records.costs import Cost, of_ours, panels
from fer_utils.records.result_rows import Row

RAN = Row(
    experiment="zagreb_fully_connected-7",
    network="zagreb_fully_connected",
    report="Zagreb",
    framework="torch",
    classes=CLASSES,
    split="private_test",
    n=3589,
    reported=None,
    as_reported=None,
    as_reported_epochs=None,
    ours_epochs=None,
    ours=0.4,
    taught=False,
    low=0.38,
    high=0.42,
    ours_leak_free=0.4,
    seeds=1,
    hardware="an abacus",
    minutes=2.5,
)


def test_rows_of_another_split_or_number_of_classes_or_without_a_run_do_not_count():
    others = [
        replace(RAN, split="public_test", minutes=1.0),
        replace(RAN, classes=CLASSES[:3], minutes=1.0),
        replace(RAN, ours=None, minutes=1.0),
    ]
    (cost,) = of_ours([RAN, *others]).values()
    assert (cost.name, cost.minutes, cost.accuracy) == (
        "Fully connected",
        2.5,
        (0.4, 0.38, 0.42),
    )
    assert cost.parameters == (2304 * 512 + 512) + (512 * 256 + 256) + (256 * 7 + 7)
    assert of_ours([RAN], "public_test") == {}


def test_of_two_frameworks_the_first_row_counts():
    (cost,) = of_ours([RAN, replace(RAN, framework="keras", minutes=9.0)]).values()
    assert cost.minutes == 2.5


def test_panels_hold_each_cost_by_group_and_no_empty_group():
    found = {"a_b": Cost("a b", 2.0, 3_000_000, (0.5, 0.4, 0.6))}
    assert panels(found, {"some": ["a_b"], "none": []}) == {
        "minutes of training": {"some": {"a b": (2.0, (0.5, 0.4, 0.6))}},
        "million parameters": {"some": {"a b": (3.0, (0.5, 0.4, 0.6))}},
    }
    with pytest.raises(KeyError, match="unknown"):
        panels(found, {"some": ["unknown"]})
