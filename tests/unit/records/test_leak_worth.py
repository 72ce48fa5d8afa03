"""What copies are worth, on records whose right answers are known."""

from __future__ import annotations

import pytest

from fer_utils.records.leak_worth import leak_worth

from .helpers import card_of, experiment, record_of, small_dataset


def test_a_network_that_reads_only_the_copies_wrong_gains_without_them(tmp_path):
    card = card_of(small_dataset())  # the first 7 of 42 private images stand in Training
    made = experiment()
    record_of(made, card, wrong={"private_test": 7}).save(tmp_path)
    found = leak_worth({"it": made, "never run": experiment("sweep")}, folder=tmp_path, card=card)
    assert list(found.index) == ["it"]
    row = found.loc["it"]
    assert (row.accuracy, row.leak_free, row.copies) == (pytest.approx(63 / 70), 1, 0)
    assert row.worth == pytest.approx(-0.1)
    assert row.low < 0.95
    assert row.high == pytest.approx(1)
    assert (found.attrs["n"]["it"], found.attrs["copies"]["it"]) == (70, 7)


def test_it_is_the_mean_over_seeds_and_one_split_where_asked(tmp_path):
    card = card_of(small_dataset())
    made = experiment()
    for seed, wrong in enumerate((0, 14)):
        record_of(made, card, wrong={"private_test": wrong}, seed=seed).save(tmp_path)
    row = leak_worth({"it": made}, "private_test", folder=tmp_path, card=card).loc["it"]
    assert row.accuracy == pytest.approx((1 + 28 / 42) / 2)
    assert row.leak_free == pytest.approx((1 + 28 / 35) / 2)
    assert row.copies == pytest.approx(0.5)
    assert row.seeds == 2
