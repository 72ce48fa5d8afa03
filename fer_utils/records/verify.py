"""Verifying the records: every figure again, from the stored predictions and the data's own labels.

`verify` returns problems, one line each, naming the file and the cure; an empty list means that
every record is whole, unaltered and current, that the data card tells the labels of the data, and
that the results page is what the records say. Records are those of runs, also on action units, of
the package's model and of composed class photos. Searches (`results/searches`) are read in a room
above this one: `verify_others.refused` with `search.committed.recorded` verifies them.
"""

from __future__ import annotations

from pathlib import Path

import numpy as np

from fer_utils import paths
from fer_utils.data import splits
from fer_utils.data.card import DataCard, load_card
from fer_utils.data.dataset import TEST_SPLITS, FaceDataset
from fer_utils.experiments import EXPERIMENTS
from fer_utils.records import model_answers, verify_others
from fer_utils.records.against_card import truth
from fer_utils.records.families import Experiments
from fer_utils.records.results_page import PAGE_COMMAND, results_page
from fer_utils.records.run_record import (
    RecordError,
    RunRecord,
    StaleRecord,
    check_current,
    full_run_command,
    record_files,
)

CARD_COMMAND = "python -m fer_utils data card --force"
OTHER_COPY = "another copy of FER2013: cannot verify"


def verify(
    folder: str | Path | None = None,
    dataset: FaceDataset | None = None,
    *,
    card: DataCard | None = None,
    experiments: Experiments | None = None,
    page: str | Path | None = None,
) -> list[str]:
    """All problems found, none where everything is right.

    folder: of the records (default `results_dir()`). dataset: FER2013's folder copy; None leaves
    the card's labels unchecked. card, experiments: default `load_card()` and `EXPERIMENTS`.
    page: the results page, by default `book/results.md` of the clone, if it is in one.
    """
    folder = Path(folder or paths.results_dir())
    experiments = EXPERIMENTS if experiments is None else experiments
    try:
        card = load_card() if card is None else card
    except (FileNotFoundError, ValueError) as error:
        return [f"data card: {error}"]
    problems = [] if dataset is None else _card_problems(dataset, card)
    broken = [p for path in record_files(folder) for p in _problems(path, experiments, card)]
    broken += verify_others.unit_problems(folder, card)
    problems += broken + _orphans(folder)
    model = model_answers.model_hash()
    problems += model_answers.problems(folder, card, model)
    problems += verify_others.photo_problems(folder, card, model)
    root = paths.project_root()
    page = Path(page) if page else root and root / "book" / "results.md"
    if page and not broken:
        problems += _page_problems(page, folder, card, experiments)
    elif page:
        problems.append(f"{page}: not compared; cure the records named above first")
    return problems


def _card_problems(dataset: FaceDataset, card: DataCard) -> list[str]:
    """Where the data card differs from the data it is said to describe."""
    if dataset.fingerprint != card.fingerprint:
        return [
            f"{dataset.name}: {OTHER_COPY} (fingerprint {dataset.fingerprint[:12]}…, records are "
            f"tied to {card.fingerprint[:12]}…); name the image-folder copy with --data-dir"
        ]
    own = {split: dataset.part(split).labels for split in TEST_SPLITS}
    own["validation"] = splits.validation_tenth(dataset)[1].labels
    problems = [
        f"data card: labels of {split} are not those of the data; make it again: {CARD_COMMAND}"
        for split, labels in own.items()
        if not np.array_equal(labels, card.labels_of(split))
    ]
    training = {image.tobytes() for image in dataset.part("train").images}
    for split in TEST_SPLITS:
        seen = np.array([image.tobytes() in training for image in dataset.part(split).images])
        if not np.array_equal(card.leak_free(split), ~seen):
            problems.append(
                f"data card: images of {split} that stand in Training are not those of the data; "
                f"make it again: {CARD_COMMAND}"
            )
    return problems


def _problems(path: Path, experiments: Experiments, card: DataCard) -> list[str]:
    """What is wrong with one record."""
    try:
        record = RunRecord.load(path)
    except RecordError as error:
        return [_one_line(error)]
    experiment = experiments.get(record.experiment)
    if experiment is None:
        return [f"{path}: no experiment {record.experiment!r} is registered; delete the record"]
    problems, again = [], f"delete it and run `{full_run_command(experiment, record.seed)}`"
    if (path.parent.name, path.name) != (record.experiment, record.file_name):
        problems.append(
            f"{path}: is the record of {record.experiment}/{record.file_name}; move it there"
        )
    if record.framework not in experiment.frameworks or record.profile != "full":
        problems.append(
            f"{path}: a {record.profile} run in {record.framework} is not owed; delete the record"
        )
    try:
        check_current(record, experiment, card.fingerprint)
    except StaleRecord as error:
        return [*problems, f"{path}: {_one_line(error)}"]
    wanted = set(experiment.config.readings)
    if set(record.predictions) != wanted:
        problems.append(
            f"{path}: predictions of {sorted(record.predictions)}, expected {sorted(wanted)}; "
            f"{again}"
        )
        return problems
    for split, made in record.predictions.items():
        n = len(truth(card, split, record.classes))
        if len(made) != n:
            problems.append(
                f"{path}: {len(made)} predictions of {split}, which has {n} images of its "
                f"classes; {again}"
            )
    return problems


def _orphans(folder: Path) -> list[str]:
    """Predictions without their JSON file: what a run leaves that was killed while saving."""
    return [
        f"{path}: no JSON file beside it, half-written; delete it or make the record again"
        for path in sorted(folder.glob("*/*-seed*.npz"))
        if not path.with_suffix(".json").is_file()
    ]


def _page_problems(page: Path, folder: Path, card: DataCard, experiments: Experiments) -> list[str]:
    """Whether the page is what the records say."""
    if not page.is_file():
        return [f"{page}: missing; write it: {PAGE_COMMAND}"]
    there = page.read_text(encoding="utf-8").splitlines()
    wanted = results_page(folder, card, experiments).splitlines()
    if there == wanted:
        return []
    pairs = zip([*there, ""], [*wanted, ""], strict=False)
    line = next(
        (i for i, (a, b) in enumerate(pairs, 1) if a != b), min(len(there), len(wanted)) + 1
    )
    return [f"{page}: line {line} is not what the records say; write it again: {PAGE_COMMAND}"]


def _one_line(error: Exception) -> str:
    return " ".join(str(error).split())
