"""The table of all networks: a row a split where something was run, else one that says so."""

from fer_utils.experiments import EXPERIMENTS
from fer_utils.experiments.config import TrainConfig
from fer_utils.records import tables
from fer_utils.records.main_table import HEADER

from .helpers import card_of, experiment, named, record_of, small_dataset

CARD = card_of(small_dataset())  # 28 public and 42 private images
REPORTED = experiment("as-reported", report="Zagreb", reported={"public_test": 0.5})
OURS = experiment(
    "ours",
    frameworks=("torch", "keras"),
    report="Zagreb",
    config={"epochs": 60},
    on_cpu=TrainConfig(5),
)


def table_of(folder, *experiments) -> tuple[list[list[str]], str]:
    """The cells of the table's lines, header and rule aside, and the text below the table."""
    page = tables.results_page(folder, CARD, named(*experiments))
    text = page.split("## All networks\n")[1].split("\n## ")[0]
    lines = [line for line in text.splitlines() if line.startswith("|")][2:]
    cells = [[cell.strip() for cell in line.strip("|").split("|")] for line in lines]
    return cells, text[text.rindex(":::") :]


def test_a_framework_without_runs_has_one_row_for_the_split_of_the_report(tmp_path):
    record_of(OURS, CARD, {"public_test": 2, "private_test": 3}).save(tmp_path)
    lines, _ = table_of(tmp_path, REPORTED, OURS)
    assert all(len(line) == len(HEADER) for line in lines)
    splits = ["PublicTest, 28", "PrivateTest, 42", "both tests, 70", "PublicTest, 28"]
    assert [line[1] for line in lines] == splits
    assert [line[2] for line in lines] == ["50", "–", "–", "50"]
    assert [line[0].endswith("(Zagreb), torch") for line in lines] == [True, False, False, False]
    assert lines[-1][0].endswith("(Zagreb), keras") and lines[-1][3:] == [
        *2 * ["not run"],
        "–",
        "–",
    ]


def test_a_run_of_as_reported_alone_is_shown_on_every_split(tmp_path):
    record_of(REPORTED, CARD, {"public_test": 14, "private_test": 21}).save(tmp_path)
    lines, _ = table_of(tmp_path, REPORTED)
    assert [line[3] for line in lines] == ["50.0"] * 3


def test_intervals_do_not_break_and_shorter_runs_are_explained_once(tmp_path):
    shorter = OURS.on_cpu.to_dict()
    record_of(OURS, CARD, {"public_test": 14, "private_test": 21}, config=shorter).save(tmp_path)
    lines, below = table_of(tmp_path, OURS)
    assert lines[1][4] == "50.0 [35.5,\u00a064.5] (5\u00a0of\u00a060)"
    assert below.count("epochs run, of those of the recipe") == 1


def test_letters_of_what_is_needed_follow_those_of_the_machines(tmp_path):
    borrowed = EXPERIMENTS["vgg16_dcnn-7-ours"]
    record_of(OURS, CARD, {"public_test": 2, "private_test": 3}).save(tmp_path)
    lines, below = table_of(tmp_path, OURS, borrowed)
    assert lines[0][-1].endswith("(a)") and lines[-1][4] == "not run (b)"
    assert "(a) an abacus  \n(b) needs ImageNet weights  \n" in below


def test_without_experiments_it_says_so(tmp_path):
    assert "No experiment is registered yet." in tables.results_page(tmp_path, CARD, {})
