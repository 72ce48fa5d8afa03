"""Minutes of runs on a machine that other programs use too."""

from __future__ import annotations

import pytest

from fer_utils.records import effort

from .helpers import card_of, experiment, record_of, small_dataset

CARD = card_of(small_dataset())
OURS = experiment()


def of_epochs(*seconds, stages=None, rest=0.0):
    rows = [{"epoch": i + 1, "seconds": float(s)} for i, s in enumerate(seconds)]
    for row, stage in zip(rows, stages or [], strict=False):
        row["stage"] = stage
    return record_of(OURS, CARD, history=rows, seconds=sum(seconds) + rest)


def test_an_epoch_that_waited_for_something_else_counts_as_the_median_one():
    assert effort.minutes(of_epochs(60, 60, 1200, 60, rest=30)) == pytest.approx(270 / 60)


def test_what_is_only_slower_counts_and_so_does_the_first_epoch_whatever_it_took():
    assert effort.minutes(of_epochs(900, 60, 170, 60)) == pytest.approx(1190 / 60)


def test_epochs_are_compared_within_their_stage():
    made = of_epochs(10, 10, 10, 60, 60, 60, 600, stages=[0, 0, 0, 1, 1, 1, 1])
    assert effort.minutes(made) == pytest.approx(270 / 60)
