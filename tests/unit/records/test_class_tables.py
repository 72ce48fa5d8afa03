"""Recalls by class: the report's, ours and as reported, and what was never run."""

import numpy as np
import pytest

from fer_utils.data.dataset import CLASSES
from fer_utils.records import class_tables
from fer_utils.records.run_record import StaleRecord

from .helpers import NETWORK, card_of, experiment, named, record_of, small_dataset

CARD = card_of(small_dataset())  # 42 private images, classes taken in turn, 6 of each
OURS, THEIRS = experiment("ours"), experiment("as-reported")
BOTH = named(THEIRS, OURS)
REPORTED = {NETWORK: {"angry": 0.32, "disgust": 0.0}}


def recalls(folder, **options):
    options = {"folder": folder, "card": CARD, "experiments": BOTH} | options
    return class_tables.recalls([NETWORK], REPORTED, **options)[NETWORK]


def test_means_over_seeds_beside_the_report_and_nan_where_nothing_ran(tmp_path):
    record_of(OURS, CARD, {"private_test": 7}).save(tmp_path)  # one mistake in each class
    record_of(OURS, CARD, {"private_test": 1}, seed=1).save(tmp_path)  # one "angry"
    table = recalls(tmp_path)
    assert tuple(table.index) == CLASSES
    assert list(table.columns) == ["reported", "as reported", "ours"]
    assert table["ours"].tolist() == pytest.approx([5 / 6] + [11 / 12] * 6)
    assert table["as reported"].isna().all()
    assert table["reported"].tolist()[:2] == [0.32, 0]
    assert np.isnan(table["reported"]["happy"])


def test_another_split_is_scored_on_its_own_images(tmp_path):
    record_of(OURS, CARD, {"public_test": 1}).save(tmp_path)
    table = recalls(tmp_path, split="public_test")
    assert table["ours"]["angry"] == pytest.approx(3 / 4)
    record_of(THEIRS, CARD, {"private_test": 1}).save(tmp_path)
    assert recalls(tmp_path)["as reported"]["angry"] == pytest.approx(5 / 6)


def test_shown_in_percent_with_the_number_of_images(tmp_path):
    table = class_tables.recalls([NETWORK], REPORTED, folder=tmp_path, card=CARD, experiments=BOTH)
    html = class_tables.show_recalls(table, title="By class").to_html()
    assert "angry (n = 6)" in html
    assert ">32.0<" in html and ">0.0<" in html
    assert html.count(">not run<") == 7 * 3 - 2
    assert "By class. Recall in %; ours and as reported on PrivateTest" in html


def test_a_stale_record_and_an_unknown_network_are_refused(tmp_path):
    with pytest.raises(ValueError, match="no experiment with seven classes of alexnet"):
        class_tables.recalls(["alexnet"], {}, folder=tmp_path, card=CARD, experiments=BOTH)
    record_of(OURS, CARD, config=OURS.config.with_seed(0).to_dict() | {"epochs": 99}).save(tmp_path)
    with pytest.raises(StaleRecord):
        recalls(tmp_path)
