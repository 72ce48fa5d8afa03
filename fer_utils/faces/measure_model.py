"""Measuring the expression model: in several views of each face, and on faces made worse by code.

It answers FER2013's test splits; what it says is kept as `records.model_answers`.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace

import numpy as np

from fer_utils.data.corruptions import SEVERITIES, STEPS, corrupt
from fer_utils.data.dataset import TEST_SPLITS, FaceDataset
from fer_utils.data.views import VIEWS
from fer_utils.experiments.config import split_of
from fer_utils.experiments.environment import hardware
from fer_utils.faces.expression_model import ExpressionModel
from fer_utils.metrics.calibration import Reliability
from fer_utils.records import model_answers
from fer_utils.records.model_answers import ModelAnswers, labels_only
from fer_utils.records.predictions import Predictions
from fer_utils.training.full_run import check_is_folder_copy
from fer_utils.training.profiles import few

CORRUPTED = "private_test"  # the split that is made worse
AS_READ = "public_test/mirrored"  # the other, read as the model reads photos
SMOKE = (70, 14)  # pictures of Training, and of each test split
Progress = Callable[[str], None]


def measured(
    profile: str, kind: str, model: ExpressionModel, dataset: FaceDataset
) -> ModelAnswers | None:
    """The measurement "views" or "corruptions" of the package's model, in three profiles.

    "recorded" looks it up, "smoke" tries a few pictures first, and "full" measures where there is
    no record of this very model, some minutes on a CPU core, and saves it. None, and a line that
    names the command, where there is none or it is of another model.
    """
    record, known_as = model_answers.load(kind), model_answers.model_hash()
    if profile == "smoke":
        WAYS[kind](model, few(dataset, *SMOKE), known_as, lambda _: None)
    current = record is not None and record.model == known_as
    if profile == "full" and not current:
        check_is_folder_copy(dataset)
        record, current = WAYS[kind](model, dataset, known_as), True
        record.save()
    if not current:
        what = "of another model" if record else "not measured yet"
        print(f"{kind}: {what}; `{model_answers.COMMAND} {kind}` makes the record")
    return record if current else None


def in_views(
    model: ExpressionModel, dataset: FaceDataset, known_as: str, progress: Progress = print
) -> ModelAnswers:
    """Both test splits, plain, mirrored and in ten views. Probabilities are kept of PrivateTest,
    and of PublicTest as the model reads it: what its temperature did is computed from them."""

    def sets() -> Iterator[tuple[str, np.ndarray]]:
        for split in TEST_SPLITS:
            for views in VIEWS:
                images = dataset.part(split).images
                yield f"{split}/{views}", model.probabilities(images, views)

    made = _answers("views", sets(), dataset, known_as, progress)
    others = {k: v for k, v in made.answers.items() if split_of(k) != CORRUPTED and k != AS_READ}
    return replace(made, answers={**made.answers, **labels_only(others)})


def corrupted(
    model: ExpressionModel, dataset: FaceDataset, known_as: str, progress: Progress = print
) -> ModelAnswers:
    """PrivateTest under every corruption and severity, each face read once, as it stands."""
    images = dataset.part(CORRUPTED).images

    def sets() -> Iterator[tuple[str, np.ndarray]]:
        for kind in STEPS:
            for severity in SEVERITIES:
                name = f"{CORRUPTED}/{kind}-{severity}"
                yield name, model.probabilities(corrupt(images, kind, severity), "plain")

    made = _answers("corruptions", sets(), dataset, known_as, progress)
    return replace(made, answers=labels_only(made.answers))


def _answers(
    kind: str,
    sets: Iterator[tuple[str, np.ndarray]],
    dataset: FaceDataset,
    known_as: str,
    progress: Progress,
) -> ModelAnswers:
    """The answers to every set, and how sure they are."""
    answers, reliability = {}, {}
    for name, likely in sets:
        likely = np.asarray(likely, np.float64)
        labels = dataset.part(split_of(name)).labels
        predicted = likely.argmax(1)
        answers[name] = Predictions.from_probabilities(likely, keep="probabilities")
        reliability[name] = Reliability.of(labels, predicted, likely.max(1))
        progress(f"{name}: {reliability[name].accuracy:.1%} of {len(labels):,} right")
    return ModelAnswers(
        kind=kind,
        model=known_as,
        dataset=dataset.name,
        fingerprint=dataset.fingerprint,
        classes=dataset.classes,
        answers=answers,
        reliability=reliability,
        hardware=hardware(),
    )


WAYS = {"views": in_views, "corruptions": corrupted}
