"""How long chapters take: measured seconds beside what is recorded of their runs."""

from __future__ import annotations

import json
from dataclasses import replace

import pytest

from fer_utils.records import chapter_times
from fer_utils.records.run_record import StaleRecord

from .helpers import card_of, experiment, named, record_of, small_dataset

CARD = card_of(small_dataset())
OURS = experiment("ours", frameworks=("torch", "keras"))


@pytest.fixture
def measured(tmp_path):
    path = chapter_times.times_file(tmp_path)
    path.parent.mkdir()
    seconds = {OURS.chapter: {"recorded": 12.3, "smoke": 20.8}}
    path.write_text(json.dumps({"hardware": "an abacus", "seconds": seconds}))
    return path


def test_a_row_counts_runs_owed_and_made_and_the_minutes_of_these(measured, tmp_path):
    for seed, seconds in ((0, 90), (1, 30)):
        record_of(OURS, CARD, seed=seed, seconds=seconds).save(tmp_path)
    hardware, table = chapter_times.chapter_times(named(OURS), tmp_path)
    assert hardware == "an abacus"
    row = table.loc[OURS.chapter]
    owed = 2 * len(OURS.seeds)
    assert (row.recorded, row.smoke, row.runs, row.made, row.minutes) == (12.3, 20.8, owed, 2, 2)
    text = chapter_times.in_markdown(named(OURS), tmp_path)
    cells = [cell.strip() for cell in text.splitlines()[-1].strip("|").split("|")]
    assert cells == [OURS.chapter, "12", "21", str(owed), "2", "2"]


def test_a_record_that_is_stale_is_refused(measured, tmp_path):
    record_of(OURS, CARD).save(tmp_path)
    longer = replace(OURS, config=replace(OURS.config, epochs=9))
    with pytest.raises(StaleRecord, match=r"configuration \(epochs\)"):
        chapter_times.chapter_times(named(longer), tmp_path)


def test_nothing_measured_is_no_section_and_a_damaged_file_is_named(measured, tmp_path):
    measured.write_text("{}")
    with pytest.raises(ValueError, match=r"chapters\.json: not a measurement; make it again"):
        chapter_times.chapter_times(named(OURS), tmp_path)
    measured.unlink()
    assert chapter_times.in_markdown(named(OURS), tmp_path) == ""
