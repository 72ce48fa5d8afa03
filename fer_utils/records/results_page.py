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
from fer_utils.experiments.config import TrainConfig
from fer_utils.metrics import classification_report
from fer_utils.metrics.classification import Metrics
from fer_utils.models.pretrained import PretrainedSpec
from fer_utils.records.chapter_times import in_markdown
from fer_utils.records.families import AS_REPORTED, OURS, Experiments, Family, families
from fer_utils.records.report_table import report_table
from fer_utils.records.result_rows import Row, current_records, rows, scores
from fer_utils.records.run_record import RunRecord, full_run_command
from fer_utils.records.table_cells import cells, legend, letters, markdown_table, percent, runs

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
    parts += ["## All networks\n", _main_table(every, known)]
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


def _main_table(every: list[Row], known: list[Family]) -> str:
    """All rows, a network's name and link in the first of its rows only."""
    if not every:
        return "No experiment is registered yet.\n"
    by_key = {(family.network, family.classes): family for family in known}
    hardware = letters(row.hardware for row in every if row.hardware)
    lines, above = [], ("", "")
    for row in every:
        family = by_key[row.network, row.classes]
        cell = cells(row, family)
        title = f"[{family.title}](#{_anchor(family)})"
        title += f" ({row.report})" if row.report else ""
        shown = ["" if title == above[0] else title]
        shown.append("" if (title, row.framework) == above else row.framework)
        above = (title, row.framework)
        shown += [f"{cell['split']}, {cell['n']}", cell["reported %"], cell["as reported %"]]
        shown += [cell["ours % [95% interval]"], cell["leak-free %"], runs(row, hardware)]
        lines.append(shown)
    header = "Network|Framework|Split, pictures|Reported|As reported|Ours|Leak-free|Seeds × minutes"
    notes = [f"({letter}) {name}" for name, letter in hardware.items()]
    notes += legend(cell for line in lines for cell in (line[3], line[5]))
    return markdown_table(header.split("|"), lines) + "\n\n" + "".join(f"{n}  \n" for n in notes)


def _section(family: Family, folder: str | Path | None, card: DataCard) -> str:
    """A network: what it is, its recipes, and the report of each class on PrivateTest."""
    spec = next(iter(family.recipes.values())).spec
    count = spec.parameters()
    lines = [f"({_anchor(family)})=", f"## {family.title}", ""]
    lines += [f"{count.trainable:,} trainable parameters, {count.total:,} in all.", ""]
    if isinstance(spec, PretrainedSpec):
        lines += [f"{spec.in_words()}.", ""]
    for recipe, experiment in family.recipes.items():
        said = [f"{RECIPE_NAMES[recipe]}: {_recipe(experiment.config)}."]
        if experiment.on_cpu is not None:
            short = experiment.on_cpu
            precisions = dict.fromkeys((short.precision, experiment.config.precision))
            said.append(f"Without a GPU {short.epochs} epochs in {' or '.join(precisions)}.")
        said += [f"From {_citation(experiment.source)}."] if experiment.source else []
        said += [f"Our assumptions: {experiment.assumed}."] if experiment.assumed else []
        lines.append("- " + " ".join(said))
    for recipe in (OURS, AS_REPORTED):
        for framework in family.frameworks:
            if recipe not in family.recipes:
                continue
            records = current_records(family.recipes[recipe], framework, folder, card)
            found = scores(records, "private_test", card)
            if found:
                return "\n".join([*lines, "", *_figures(recipe, framework, records, found), ""])
    command = full_run_command(next(iter(family.recipes.values())), 0)
    with_what = f", with {family.needs} at hand," if family.needs else ""
    said = f"Not run yet: `{command}`{with_what} makes the first record."
    return "\n".join([*lines, "", said, ""])


def _figures(
    recipe: str, framework: str, records: list[RunRecord], found: list[Metrics]
) -> list[str]:
    """The figures of a set of runs, and the table of its classes, means over seeds."""
    said = [f"accuracy {_mean(found, 'accuracy')}"]
    said += [f"balanced accuracy {_mean(found, 'balanced_accuracy')}"]
    said += [f"macro F1 {_mean(found, 'macro_f1')}", f"weighted F1 {_mean(found, 'weighted_f1')}"]
    if kept := [score for score in found if score.log_loss is not None]:
        of = f" (both: {len(kept)} of {len(found)} seeds)" if len(kept) < len(found) else ""
        said += [f"log loss {np.mean([score.log_loss for score in kept]):.3f} nats"]
        said += [f"expected calibration error {_mean(kept, 'calibration_error')}{of}"]
    seeds = f"{len(found)} seed" + ("s" if len(found) > 1 else "")
    versions = dict.fromkeys(
        ", ".join(f"{name} {version}" for name, version in sorted(record.versions.items()))
        for record in records
    )
    epochs = " or ".join(f"{n}" for n in sorted({len(record.history) for record in records}))
    lines = [
        f"{RECIPE_NAMES[recipe]} in {framework}, PrivateTest, {seeds}, percent: {', '.join(said)}.",
        f"Made in {epochs} epochs with {'; and '.join(versions)}.",
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


def _recipe(config: TrainConfig) -> str:
    """The configuration in words: what it says beyond the defaults, the seed aside."""
    plain = {k: v for k, v in config.to_dict().items() if k not in ("seed", "evaluate_on")}
    first = f"{plain.pop('epochs')} epochs, {config.optimizer} at {config.learning_rate:g}"
    if config.stages:
        first = f"{config.optimizer}, {', then '.join(map(str, config.stages))}"
    first += f", batches of {config.batch_size}"
    others = {k: v for k, v in plain.items() if k not in ("optimizer", "learning_rate")}
    others.pop("batch_size", None)
    others.pop("stages", None)
    teachers = [f"`{name}`" for name in others.pop("teachers", ())]
    words = [f"{key.replace('_', ' ')} {_word(value)}" for key, value in others.items()]
    words += [f"taught by {' and '.join(teachers)}"] if teachers else []
    return ", ".join([first, *words])


def _word(value: object) -> str:
    if isinstance(value, float):
        return f"{value:g}"
    if isinstance(value, list | tuple):
        return " to ".join(map(_word, value))
    if isinstance(value, dict):
        inner = (f"{name.replace('_', ' ')} {_word(one)}" for name, one in value.items())
        return f"({', '.join(inner)})"
    return str(value).replace("_", " ")


def _citation(source: str) -> str:
    """ "zagreb, p. 5" -> a citation of the key before the comma, and the place."""
    key, _, place = source.partition(",")
    return f"{{cite}}`{key.strip()}`" + (f", {place.strip()}" if place else "")


def _anchor(family: Family) -> str:
    return f"result-{family.name.replace('_', '-').lower()}"


def _mean(found: list[Metrics], name: str) -> str:
    return percent(float(np.mean([getattr(score, name) for score in found])))
