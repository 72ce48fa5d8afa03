"""The text of `book/results.md`: the five reports, all results, then a section for each network.

The page is MyST Markdown made of records, experiments and the data card alone, so that making it
again gives the same text; `verify` compares. A section describes one set of runs, chosen without
looking at its figures: *ours* before *as reported*, the first framework that has records.
"""

from __future__ import annotations

from pathlib import Path

import numpy as np

from fer_utils import paths
from fer_utils.data.card import DataCard, load_card
from fer_utils.experiments import EXPERIMENTS
from fer_utils.experiments.experiment import Experiment
from fer_utils.metrics import classification_report
from fer_utils.metrics.classification import Metrics, with_interval
from fer_utils.models.pretrained import PretrainedSpec
from fer_utils.records import effort
from fer_utils.records.against_card import has_split, scores
from fer_utils.records.chapter_times import in_markdown
from fer_utils.records.families import AS_REPORTED, OURS, Experiments, Family, families
from fer_utils.records.main_table import main_table
from fer_utils.records.recipe_words import recipe_in_words
from fer_utils.records.report_table import report_table
from fer_utils.records.result_rows import current_records, rows
from fer_utils.records.run_record import RunRecord, full_run_command
from fer_utils.records.table_cells import markdown_table, percent

PAGE_COMMAND = "python -m fer_utils results page"
HEAD = f"""\
<!-- Written by `{PAGE_COMMAND}` from the records in results/. Do not edit. -->

# Results

Every figure on this page is computed from recorded predictions. *Reported* is the figure of the
student report, *as reported* our run of its recipe as far as the report gives it, *ours* the best
recipe we found for that same network. Every choice was made on a tenth of Training that was held
out; the test splits were read once per seed. Accuracies are in percent: the mean over seeds, in
brackets its 95% Wilson interval for that many pictures. *Leak-free* leaves out the test pictures
that stand in Training too. Seeds, minutes and hardware are those of *ours*; the minutes are of
training, per seed, without pauses, and most machines had other work besides.
"""
RECIPE_NAMES = {AS_REPORTED: "As reported", OURS: "Ours"}


def results_page(
    folder: str | Path | None = None,
    card: DataCard | None = None,
    experiments: Experiments | None = None,
) -> str:
    """The whole page. Arguments as of `result_rows.rows`; refuses stale records as it does."""
    card = load_card() if card is None else card
    every, known = rows(folder, card, experiments), families(experiments)
    anchors = {family.name: _anchor(family) for family in known}
    parts = [HEAD, "## The five reports\n", report_table(every, known, anchors)]
    parts += ["## All networks\n", main_table(every, known, anchors)]
    parts += [in_markdown(EXPERIMENTS if experiments is None else experiments, folder)]
    parts += [_section(family, folder, card) for family in known]
    return "\n".join(parts)


def write_results_page(
    path: str | Path,
    folder: str | Path | None = None,
    card: DataCard | None = None,
    experiments: Experiments | None = None,
) -> Path:
    """Write the page to `path` (book/results.md), whole or not at all; the path written.

    Raises FileExistsError for a file there that this function did not write.
    """
    path = Path(path)
    if path.exists() and not path.read_text(encoding="utf-8").startswith(HEAD.splitlines()[0]):
        raise FileExistsError(f"{path} was not written by `{PAGE_COMMAND}`: move it out of the way")
    paths.atomic_write(path, results_page(folder, card, experiments).encode())
    return path


def _section(family: Family, folder: str | Path | None, card: DataCard) -> str:
    """A network: what it is, its recipes, and the report of each class on PrivateTest."""
    spec = next(iter(family.recipes.values())).spec
    count = spec.parameters()
    lines = [f"({_anchor(family)})=", f"## {family.title}", ""]
    lines += [f"{count.trainable:,} trainable parameters, {count.total:,} in all.", ""]
    if isinstance(spec, PretrainedSpec):
        lines += [f"{spec.in_words()}.", ""]
    for recipe, experiment in family.recipes.items():
        lines.append(f"- {RECIPE_NAMES[recipe]}: {recipe_in_words(experiment)}")
    made = [
        (f"{RECIPE_NAMES[recipe]} in {framework}", records)
        for recipe in (OURS, AS_REPORTED)
        for framework in (family.frameworks if recipe in family.recipes else ())
        if (records := _read(family.recipes[recipe], framework, folder, card))
    ]
    if made:
        lines += ["", *_figures(*made[0], card), ""]
        lines += [_in_one_line(name, records, card) for name, records in made[1:]]
        return "\n".join([*lines, ""] if made[1:] else lines)
    command = full_run_command(next(iter(family.recipes.values())), 0)
    with_what = f", with {family.needs} at hand," if family.needs else ""
    said = f"Not run yet: `{command}`{with_what} makes the first record."
    return "\n".join([*lines, "", said, ""])


def _read(
    experiment: Experiment, framework: str, folder: str | Path | None, card: DataCard
) -> list[RunRecord]:
    """The current records that have predictions of PrivateTest, by seed."""
    found = current_records(experiment, framework, folder, card)
    return [record for record in found if has_split(record, "private_test")]


def _in_one_line(name: str, records: list[RunRecord], card: DataCard) -> str:
    """A list item: the figures of a further set of runs and what the runs were."""
    found = scores(records, "private_test", card)
    mean = float(np.mean([score.accuracy for score in found]))
    accuracy, low, high = map(percent, with_interval(mean, found[0].n))
    minutes = np.mean([effort.minutes(record) for record in records])
    return (
        f"- {name}, PrivateTest, {_seeds(records)}, percent: accuracy {accuracy} [{low}, {high}], "
        f"balanced accuracy {_mean(found, 'balanced_accuracy')}, "
        f"macro F1 {_mean(found, 'macro_f1')}. {_epochs(records)}, {minutes:.1f} minutes a seed."
    )


def _figures(name: str, records: list[RunRecord], card: DataCard) -> list[str]:
    """The figures of a set of runs, and the table of its classes, means over seeds."""
    found = scores(records, "private_test", card)
    said = [f"accuracy {_mean(found, 'accuracy')}"]
    said += [f"balanced accuracy {_mean(found, 'balanced_accuracy')}"]
    said += [f"macro F1 {_mean(found, 'macro_f1')}", f"weighted F1 {_mean(found, 'weighted_f1')}"]
    if kept := [score for score in found if score.log_loss is not None]:
        of = f" (both: {len(kept)} of {len(found)} seeds)" if len(kept) < len(found) else ""
        said += [f"log loss {np.mean([score.log_loss for score in kept]):.3f} nats"]
        said += [f"expected calibration error {_mean(kept, 'calibration_error')}{of}"]
    versions = dict.fromkeys(
        ", ".join(f"{name} {version}" for name, version in sorted(record.versions.items()))
        for record in records
    )
    lines = [
        f"{name}, PrivateTest, {_seeds(records)}, percent: {', '.join(said)}.",
        f"{_epochs(records)} with {'; and '.join(versions)}.",
        *(f"Seed {record.seed}: {record.notes}" for record in records if record.notes),
        "",
    ]
    means = classification_report.report(found).head(len(found[0].per_class))
    table = [
        [name, *map(percent, (row["precision"], row["recall"], row["F1"])), f"{row['n']:,.0f}"]
        for name, row in means.iterrows()
    ]
    header = ["Class", "Precision", "Recall", "F1", "Images"]
    return [*lines, markdown_table(header, table, "lrrrr")]


def _seeds(records: list[RunRecord]) -> str:
    return f"{len(records)} seed" + ("s" if len(records) > 1 else "")


def _epochs(records: list[RunRecord]) -> str:
    """ "Made in 12 epochs", "Made in 17 or 21 epochs" where early stopping ended them."""
    run = sorted({len(record.history) for record in records})
    return f"Made in {' or '.join(map(str, run))} epochs"


def _anchor(family: Family) -> str:
    return f"result-{family.name.replace('_', '-').lower()}"


def _mean(found: list[Metrics], name: str) -> str:
    return percent(float(np.mean([getattr(score, name) for score in found])))
