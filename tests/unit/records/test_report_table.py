"""The landing page's table: one row a network, on the split and in the framework that it says."""

import pytest

from fer_utils.experiments import EXPERIMENTS
from fer_utils.experiments.reported import RMIT_RUNS
from fer_utils.records import tables
from fer_utils.records.report_table import END, START

from .helpers import THREE, card_of, experiment, named, record_of, small_dataset

CARD = card_of(small_dataset())  # 28 public and 42 private images
FRAMEWORKS = ("torch", "keras")


def table_of(folder, *experiments) -> list[list[str]]:
    """The cells of the table's lines in the page, header and rule aside."""
    page = tables.results_page(folder, CARD, named(*experiments))
    table = page[page.index(START) : page.index(END)]
    lines = [line for line in table.splitlines() if line.startswith("|")][2:]
    return [[cell.strip() for cell in line.strip("|").split("|")] for line in lines]


@pytest.mark.parametrize(
    ("reported", "split", "figure", "ours"),
    [
        ({"unknown": 0.3535}, "PrivateTest", "35.35*", "92.9"),
        ({"public_test": 0.56}, "PublicTest", "56", "75.0"),
        ({"test": 0.5189}, "both tests", "51.89", "85.7"),
        ({}, "PrivateTest", "–", "92.9"),
    ],
)
def test_the_split_is_the_reports_own_choice(tmp_path, reported, split, figure, ours):
    theirs = experiment("as-reported", report="Zagreb", reported=reported)
    own = experiment("ours", report="Zagreb")
    record_of(own, CARD, {"public_test": 7, "private_test": 3}).save(tmp_path)
    zagreb, rmit = table_of(tmp_path, theirs, own)
    assert zagreb[0] == "Zagreb" and zagreb[2:5] == [split, figure, "not run"]
    assert zagreb[5].startswith(ours)
    assert rmit[2] == "CK+" and rmit[4:] == ["not run (a)", "not run (a)"]


def test_the_framework_that_was_run_is_shown(tmp_path):
    own = experiment("ours", report="Zagreb", frameworks=FRAMEWORKS)
    assert table_of(tmp_path, own)[0][5] == "not run"
    record_of(own, CARD, {"private_test": 21}, framework="keras").save(tmp_path)
    assert table_of(tmp_path, own)[0][5].startswith("50.0")


def test_a_report_is_named_once_and_networks_of_ours_are_left_out(tmp_path):
    seven, three = (experiment("ours", report="DCNN", **c) for c in ({}, {"classes": THREE}))
    lines = table_of(tmp_path, seven, three)
    assert [line[0] for line in lines] == ["DCNN", "", "RMIT"]
    assert "3 classes <result-zagreb-fully-connected-3>" in lines[1][1]
    assert len(table_of(tmp_path, experiment("ours"))) == 1


def test_what_a_run_needs_is_said_once_below(tmp_path):
    borrowed = EXPERIMENTS["vgg16_dcnn-7-ours"]
    lines = table_of(tmp_path, borrowed)
    page = tables.results_page(tmp_path, CARD, named(borrowed))
    legend = page[: page.index(END)].splitlines()
    for line, need in zip(
        lines, ("ImageNet weights", "CK+, which asks for an agreement"), strict=True
    ):
        (note,) = [text.strip() for text in legend if text.endswith(f") needs {need}  ")]
        assert line[5] == f"not run {note[:3]}"


def test_rmit_has_the_range_of_its_printed_runs(tmp_path):
    low, high = table_of(tmp_path)[0][3].split(" to ")
    accuracies = [run.emotion for run in RMIT_RUNS if run.emotion]
    assert float(low) == pytest.approx(100 * min(accuracies), abs=0.05)
    assert float(high) == pytest.approx(100 * max(accuracies), abs=0.05)
