"""Rows of results and the tables made of them, from records with a known number of mistakes."""

import json
import re
from dataclasses import asdict, fields, replace

import numpy as np
import pytest

from fer_utils.experiments import EXPERIMENTS
from fer_utils.experiments.config import TrainConfig
from fer_utils.metrics.classification import wilson_interval
from fer_utils.records import tables
from fer_utils.records.run_record import RecordError, RunRecord, StaleRecord
from fer_utils.records.table_cells import CUT_SHORT, markdown_table

from .helpers import NETWORK, THREE, card_of, experiment, named, record_of, small_dataset

CARD = card_of(small_dataset())  # 28 public and 42 private images, 7 of them leaked
KEYS = (
    "experiment network report framework classes split n reported as_reported as_reported_epochs "
    "ours ours_epochs taught low high ours_leak_free seeds hardware minutes"
).split()
REPORTED = experiment(
    "as-reported",
    report="Zagreb",
    reported={"unknown": 0.3535},
    source="zagreb, table 2",
    assumed="ReLU",
    config={"epochs": 30},
    on_cpu=TrainConfig(3),
)
OURS = experiment("ours", frameworks=("torch", "keras"), keep="probabilities")
BOTH = named(REPORTED, OURS)


def rows_of(folder, experiments=BOTH) -> dict:
    """The rows by framework and split."""
    found = tables.rows(folder, CARD, experiments)
    return {(row.framework, row.split): row for row in found}


@pytest.fixture
def folder(tmp_path):
    """Ours in torch with two seeds (2 and 4 wrong of 28, 3 and 6 of 42), as reported with one."""
    record_of(OURS, CARD, {"public_test": 2, "private_test": 3}, seconds=60).save(tmp_path)
    wrong = {"public_test": 4, "private_test": 6}
    record_of(OURS, CARD, wrong, seed=1, seconds=120, hardware="a slate").save(tmp_path)
    shorter = REPORTED.on_cpu.to_dict()
    wrong = {"public_test": 14, "private_test": 14}
    record_of(REPORTED, CARD, wrong, config=shorter).save(tmp_path)
    return tmp_path


def test_a_row_has_exactly_the_promised_keys_and_is_plain_json(folder):
    row = tables.rows(folder, CARD, BOTH)[0]
    assert [entry.name for entry in fields(row)] == KEYS
    plain = json.loads(json.dumps(asdict(row)))
    assert plain["classes"] == ["angry", "disgust", "fear", "happy", "sad", "surprise", "neutral"]
    assert plain["experiment"] == f"{NETWORK}-7" and plain["network"] == NETWORK


def test_both_recipes_stand_in_one_row_per_framework_and_split(folder):
    assert list(rows_of(folder)) == [
        (framework, split)
        for framework in ("torch", "keras")
        for split in ("public_test", "private_test", "test")
    ]


@pytest.mark.parametrize(
    ("split", "n", "wrong", "as_reported_wrong"),
    [("public_test", 28, 3, 14), ("private_test", 42, 4.5, 14), ("test", 70, 7.5, 28)],
)
def test_accuracies_are_means_over_seeds_with_the_interval_of_the_rounded_mean(
    folder, split, n, wrong, as_reported_wrong
):
    row = rows_of(folder)["torch", split]
    assert row.n == n
    assert row.ours == pytest.approx(1 - wrong / n)
    assert row.as_reported == pytest.approx(1 - as_reported_wrong / n)
    assert (row.low, row.high) == wilson_interval(round(n - wrong), n)


def test_leaked_images_are_left_out_of_the_leak_free_figure(folder):
    # the first 7 private images are leaked, and all mistakes are among the first 6
    assert rows_of(folder)["torch", "private_test"].ours_leak_free == 1
    both = rows_of(folder)["torch", "test"]
    assert both.ours_leak_free == pytest.approx(1 - 3 / (70 - 7))


def test_seeds_hardware_and_minutes_are_those_of_ours(folder):
    row = rows_of(folder)["torch", "test"]
    assert (row.seeds, row.minutes, row.hardware) == (2, 1.5, "an abacus; a slate")


def test_what_was_not_run_has_a_row_with_nothing_but_the_reported_figure(folder):
    row = rows_of(folder)["keras", "private_test"]
    assert (row.n, row.reported, row.report) == (42, 0.3535, "Zagreb")
    empty = "as_reported ours low high ours_leak_free seeds hardware minutes".split()
    assert [getattr(row, name) for name in empty] == [None] * 8


def test_a_reported_figure_stands_on_its_split_alone_unless_its_split_is_unknown(folder):
    known = replace(REPORTED, reported={"public_test": 0.56})
    record_of(known, CARD).save(folder, force=True)
    found = rows_of(folder, named(known, OURS))
    figures = [found["torch", split].reported for split in ("public_test", "private_test", "test")]
    assert figures == [0.56, None, None]
    figures = {row.reported for row in tables.rows(folder, CARD, BOTH)}
    assert figures == {0.3535}


def test_a_class_subset_has_rows_of_its_own_with_labels_renumbered(tmp_path):
    three = experiment("ours", classes=THREE)
    record_of(three, CARD, {"private_test": 9}).save(tmp_path)
    found = tables.rows(tmp_path, CARD, named(OURS, three))
    own = [row for row in found if row.classes == THREE]
    assert [row.n for row in own] == [12, 18, 30]
    assert own[1].ours == pytest.approx(0.5)
    assert own[1].ours_leak_free == pytest.approx(1 - 6 / 15)
    assert all(row.ours is None for row in found if row.classes != THREE)


def test_a_run_evaluated_on_one_split_gives_nothing_on_the_others(tmp_path):
    one = experiment("ours", config={"evaluate_on": ("private_test",)})
    record_of(one, CARD).save(tmp_path)
    found = rows_of(tmp_path, named(one))
    assert found["torch", "private_test"].ours == 1
    assert found["torch", "public_test"].ours is None and found["torch", "test"].ours is None
    assert found["torch", "test"].seeds is None


def test_a_stale_record_is_refused_with_the_command_that_remakes_it(folder):
    changed = experiment("ours", config={"batch_size": 5})
    with pytest.raises(StaleRecord, match=r"batch_size.*fer_utils train .* --seed 0"):
        tables.rows(folder, CARD, named(changed))
    other = card_of(replace(small_dataset(), images=small_dataset().images[::-1].copy()))
    with pytest.raises(StaleRecord, match="fingerprint"):
        tables.rows(folder, other, BOTH)


def test_a_record_with_too_few_predictions_is_refused(tmp_path):
    record = record_of(OURS, CARD)
    record.predictions["public_test"] = record.predictions["private_test"]
    record.save(tmp_path)
    with pytest.raises(RecordError, match="42 predictions of public_test, which has 28 images"):
        tables.rows(tmp_path, CARD, BOTH)


def test_ablations_have_a_table_of_their_own_and_no_rows(folder):
    dropout = experiment(
        "dropout", config={"train_on": "ten_thousand", "evaluate_on": ("validation",)}
    )
    n = len(CARD.labels_of("validation"))
    record_of(dropout, CARD, {"validation": 1}).save(folder)
    record_of(dropout, CARD, {"validation": 2}, seed=1).save(folder)
    everything = {**BOTH, **named(dropout)}
    assert tables.rows(folder, CARD, everything) == tables.rows(folder, CARD, BOTH)
    table = tables.ablation_rows(folder, CARD, everything)
    assert table[["recipe", "split", "n", "seeds"]].to_numpy().tolist() == [
        ["dropout", "validation", n, 2]
    ]
    assert table.accuracy[0] == pytest.approx(1 - 1.5 / n)
    assert table.low[0] < table.accuracy[0] < table.high[0]
    assert list(tables.ablation_rows(folder, CARD, BOTH).columns) == list(table.columns)
    assert len(tables.ablation_rows(folder, CARD, BOTH)) == 0


def test_the_text_shows_percent_interval_marks_and_what_was_not_run(folder):
    text = tables.text(tables.rows(folder, CARD, BOTH), BOTH)
    lines = text.splitlines()
    assert lines[0].split()[:2] == ["network", "report"]
    assert "89.3 [72.8, 96.3]" in lines[1] and "35.35*" in lines[1]
    assert "50.0 (3 of 30 epochs)" in lines[1]
    assert "not run" in lines[5]
    assert lines[-1].startswith("* on the report's own split")
    assert tables.text([]) == "no experiments are registered"


def test_a_mark_tells_that_ours_had_a_teacher(folder, tmp_path_factory):
    tmp_path = tmp_path_factory.mktemp("taught")
    teaching = {"teachers": ("compact_vgg-7-ours",), "teachers_share": 0.5}
    alone = OURS.config
    taught = replace(OURS, config=replace(alone, **teaching))
    record_of(taught, CARD, {"public_test": 3, "private_test": 3}).save(tmp_path)
    either = named(taught)
    with_teacher = tables.text(tables.rows(tmp_path, CARD, either), either)
    assert "89.3† [72.8, 96.3]" in with_teacher
    assert "\n\n† with a teacher" in with_teacher
    # the recipe has a teacher, but the runs were those of a CPU that had none
    either = named(replace(taught, on_cpu=alone))
    assert "†" not in tables.text(tables.rows(folder, CARD, either), either)


def test_a_reported_figure_keeps_the_digits_of_its_report(tmp_path):
    for figure, shown in [(0.56, "56"), (0.3535, "35.35"), (0.526, "52.6"), (0.6, "60")]:
        one = named(replace(REPORTED, reported={"public_test": figure}))
        table = tables.frame(tables.rows(tmp_path, CARD, one), one)
        assert table["reported %"].tolist() == [shown, "–", "–"]


def test_a_notebook_shows_the_same_cells(folder):
    shown = tables.show(tables.rows(folder, CARD, BOTH), BOTH, title="Baseline")
    html = shown.to_html()
    assert "89.3 [72.8,\u00a096.3]" in html and "Baseline" in html  # no break in an interval
    assert html == tables.show(tables.rows(folder, CARD, BOTH), BOTH, title="Baseline").to_html()


def test_what_is_the_same_in_every_row_stands_in_the_caption(folder):
    one_split = [r for r in tables.rows(folder, CARD, BOTH) if r.split == "private_test"][:1]
    shown = tables.show(one_split, BOTH, title="Baseline")
    assert shown.caption.startswith("Baseline. framework torch, split PrivateTest, n 42")
    assert not {"framework", "split", "n", "report"} & set(shown.columns)
    assert {"network", "leak-free %"} <= set(shown.columns)


def test_a_framework_that_differs_stands_behind_the_network(folder):
    shown = tables.show(tables.rows(folder, CARD, BOTH), BOTH)
    assert "framework" not in shown.columns and "framework" not in shown.caption
    names = shown.data["network"].tolist()
    assert all(name.endswith(" (torch)") for name in names[:3])
    assert all(name.endswith(" (keras)") for name in names[3:]) and len(names) == 6


def test_a_machine_has_a_letter_in_the_table_and_its_name_in_the_caption(folder):
    shown = tables.show(tables.rows(folder, CARD, BOTH), BOTH)
    assert shown.caption.endswith(". (a) an abacus; a slate")
    assert shown.data[tables.RUNS].tolist() == 3 * ["2 × 1.5 (a)"] + 3 * ["–"]
    assert not {"seeds", "minutes", "hardware"} & set(shown.columns)


def test_what_a_run_needs_has_a_letter_behind_those_of_the_machines(folder):
    borrowed = EXPERIMENTS["vgg16_dcnn-7-ours"]
    both = BOTH | named(borrowed)
    shown = tables.show(tables.rows(folder, CARD, both), both)
    assert shown.data[tables.OURS_COLUMN].tolist()[-1] == "not run (b)"
    assert shown.caption.endswith(". (a) an abacus; a slate. (b) needs ImageNet weights")


def test_a_gpu_run_of_all_epochs_takes_the_note_away(folder):
    record_of(REPORTED, CARD, {"public_test": 7, "private_test": 7}).save(folder, force=True)
    row = rows_of(folder)["torch", "public_test"]
    assert row.as_reported == 0.75 and row.as_reported_epochs is None


def test_all_epochs_in_float32_on_a_cpu_need_no_note(tmp_path):
    exact = experiment(
        "as-reported",
        config={"epochs": 30, "precision": "bf16"},
        on_cpu=TrainConfig(30, precision="float32"),
    )
    config = exact.on_cpu.to_dict()
    record_of(exact, CARD, {"public_test": 7}, config=config).save(tmp_path)
    row = rows_of(tmp_path, named(exact))["torch", "public_test"]
    assert row.as_reported == 0.75 and row.as_reported_epochs is None
    page = tables.results_page(tmp_path, CARD, named(exact))
    assert "Without a GPU 30 epochs in float32 or bf16." in page


def test_fewer_epochs_than_the_recipe_has_stand_behind_ours_too(tmp_path):
    cut = experiment("ours", config={"epochs": 60}, on_cpu=TrainConfig(5))
    record_of(cut, CARD, {"private_test": 21}, config=cut.on_cpu.to_dict()).save(tmp_path)
    row = rows_of(tmp_path, named(cut))["torch", "private_test"]
    assert row.ours_epochs == "5 of 60"
    assert "50.0 [35.5, 64.5] (5 of 60 epochs)" in tables.text([row], named(cut))


def test_runs_of_two_recipes_or_of_seeds_nobody_asked_for_are_in_no_mean(tmp_path):
    cut = experiment("ours", config={"epochs": 60}, on_cpu=TrainConfig(5), seeds=(0, 1))
    short = {"config": cut.on_cpu.to_dict()}
    record_of(cut, CARD, {"private_test": 21}, **short).save(tmp_path)
    record_of(cut, CARD, {"private_test": 0}, seed=7, **short).save(tmp_path)
    row = rows_of(tmp_path, named(cut))["torch", "private_test"]
    assert (row.ours, row.seeds) == (0.5, 1)
    record_of(cut, CARD, {"private_test": 7}, seed=1).save(tmp_path)
    row = rows_of(tmp_path, named(cut))["torch", "private_test"]
    assert (row.ours, row.seeds, row.ours_epochs) == (35 / 42, 1, None)


def test_a_notebook_s_table_says_once_what_epochs_in_parentheses_are(tmp_path):
    cut = experiment("ours", config={"epochs": 60}, on_cpu=TrainConfig(5))
    record_of(cut, CARD, {"private_test": 21}, config=cut.on_cpu.to_dict()).save(tmp_path)
    shown = tables.show(tables.rows(tmp_path, CARD, named(cut)), named(cut))
    assert "(5\u00a0of\u00a060)" in shown.to_html() and CUT_SHORT in shown.caption
    whole = named(experiment("ours"))
    assert CUT_SHORT not in tables.show(tables.rows(tmp_path / "no", CARD, whole), whole).caption


def test_a_section_has_one_table_and_a_line_for_each_further_set_of_runs(folder):
    page = tables.results_page(folder, CARD, BOTH)
    assert page.count("| Class |") == 1
    low, high = (f"{100 * end:.1f}" for end in wilson_interval(28, 42))
    said = f"- As reported in torch, PrivateTest, 1 seed, percent: accuracy 66.7 [{low}, {high}], "
    line = next(line for line in page.splitlines() if line.startswith(said))
    assert line.endswith("Made in 1 epochs, 2.0 minutes a seed.")


def test_the_page_has_the_table_and_a_report_of_each_class(folder):
    page = tables.results_page(folder, CARD, BOTH)
    assert page.startswith("<!-- Written by `python -m fer_utils results page`")
    assert "2 × 1.5 (a)" in page and "(a) an abacus; a slate" in page
    assert "Ours in torch, PrivateTest, 2 seeds, percent: accuracy 89.3" in page
    assert "log loss" in page and "expected calibration error" in page
    assert "From {cite}`zagreb`, table 2. Our assumptions: ReLU." in page
    assert "trainable parameters" in page
    table = page[page.index("| Class") :].splitlines()
    # of the first 6 private images one of each class but neutral is mistaken, in one or two seeds
    assert table[2].split() == "| angry | 100.0 | 83.3 | 90.9 | 6 |".split()
    assert table[8].startswith("| neutral |") and " 6 |" in table[8]
    assert page == tables.results_page(folder, CARD, BOTH)


def test_the_page_of_a_network_not_run_says_how_to_run_it(tmp_path):
    page = tables.results_page(tmp_path, CARD, named(REPORTED))
    assert "Not run yet: `python -m fer_utils train " in page
    assert "No experiment is registered yet" in tables.results_page(tmp_path, CARD, {})


def test_the_page_says_how_long_the_recorded_run_was_and_what_was_noted_of_it(tmp_path):
    rows = [{"epoch": epoch, "seconds": 1.0} for epoch in (1, 2)]
    record_of(OURS, CARD, history=rows, notes="made on a train").save(tmp_path)
    page = tables.results_page(tmp_path, CARD, named(OURS))
    assert "Made in 2 epochs with" in page and "\nSeed 0: made on a train\n" in page


def test_labels_alone_give_no_log_loss(tmp_path):
    plain = experiment("ours")
    record_of(plain, CARD).save(tmp_path)
    assert "log loss" not in tables.results_page(tmp_path, CARD, named(plain))
    record_of(OURS, CARD, seed=1).save(tmp_path)  # with probabilities, as one seed may keep alone
    page = tables.results_page(tmp_path, CARD, named(plain))
    assert re.search(r"log loss [\d.]+ nats, .* error [\d.]+ \(both: 1 of 2 seeds\)\.", page)


def test_the_page_is_written_whole(folder, tmp_path):
    path = tables.write_results_page(tmp_path / "book" / "results.md", folder, CARD, BOTH)
    assert path.read_text() == tables.results_page(folder, CARD, BOTH)
    assert [entry.name for entry in path.parent.iterdir()] == ["results.md"]


def test_figures_do_not_depend_on_rounded_probabilities(tmp_path):
    record = record_of(OURS, CARD, {"private_test": 5})
    fresh = record.predictions["private_test"].probabilities
    read = RunRecord.load(record.save(tmp_path)).predictions["private_test"].probabilities
    assert np.array_equal(fresh, read)


def test_a_markdown_table_is_not_padded_and_escapes_bars():
    assert markdown_table(("name", "n"), [("a|b", "1"), ("", "10,000")], "lr") == (
        "| name | n |\n| --- | --: |\n| a\\|b | 1 |\n|  | 10,000 |"
    )
