"""Final runs in rows: means, deviations and leaks by hand, from two seeds of a small data set."""

from __future__ import annotations

import math

import pytest

from fer_utils.metrics.classification import wilson_interval
from fer_utils.records.final_rows import COLUMNS, final_rows

from .helpers import card_of, experiment, record_of, small_dataset

CARD = card_of(small_dataset())
OURS = experiment("ours", config={"views": ("ten",)})


def runs():
    """Two seeds: plain 4 and 8 of 42 wrong, in ten views 2 and 2."""
    found = []
    for seed, plain in enumerate((4, 8)):
        made = record_of(OURS, CARD, {"private_test": plain}, seed=seed)
        better = record_of(OURS, CARD, {"private_test": 2}, seed=seed)
        for split in ("public_test", "private_test"):
            made.predictions[f"{split}/ten"] = better.predictions[split]
        found.append(made)
    return found


def test_means_by_hand():
    table = final_rows({"net": runs()}, CARD)
    assert list(table.columns) == list(COLUMNS) and len(table) == 4
    plain = table.query("split == 'private_test' and views == 'plain'").iloc[0]
    assert plain["accuracy"] == pytest.approx(36 / 42)
    assert (plain["low"], plain["high"]) == wilson_interval(36, 42)
    assert plain["deviation"] == pytest.approx(4 / 42 / math.sqrt(2))
    assert plain["leak_free"] == pytest.approx((35 + 34) / 2 / 35)  # the first 7 images leaked
    ten = table.query("split == 'private_test' and views == 'ten'").iloc[0]
    assert (ten["accuracy"], ten["deviation"]) == (pytest.approx(40 / 42), 0)
    assert (ten["seeds"], ten["minutes"], ten["hardware"]) == (2, 2, "an abacus")


def test_one_seed_has_no_deviation_and_what_was_not_read_no_row():
    table = final_rows({"net": runs()[:1], "none": []}, CARD, splits=("private_test",))
    assert table["views"].tolist() == ["plain", "ten"]
    assert table["deviation"].isna().all()
