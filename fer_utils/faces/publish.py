"""From a recorded run to the expression model that comes with the package, and its card."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np

from fer_utils.data.card import DataCard, load_card
from fer_utils.data.dataset import TEST_SPLITS, FaceDataset
from fer_utils.experiments.config import TrainConfig
from fer_utils.experiments.experiment import Experiment
from fer_utils.experiments.recipes import DEFAULT_TEACHER
from fer_utils.faces import model_card
from fer_utils.faces.expression_model import DEFAULT, ExpressionModel
from fer_utils.metrics.calibration import fit_temperature
from fer_utils.models.spec import NetSpec
from fer_utils.paths import atomic_write
from fer_utils.records import run_record
from fer_utils.training import checkpoint, distillation, kept_weights
from fer_utils.training.batches import parts_of, scaling_of

DEFAULT_EXPERIMENT = DEFAULT_TEACHER
CARD = DEFAULT.with_suffix(".md")
TOLERATED = 5  # pictures by which another processor's rounding may change a count


def publish(
    experiment: Experiment,
    dataset: FaceDataset,
    seed: int = 0,
    out: Path = DEFAULT,
    temperature: float = 1.0,
) -> ExpressionModel:
    """Write the model of a run and, beside it, its card; returns the model as it is read back.

    `dataset` is the folder copy of FER2013, `temperature` that of the run's twin (see
    `twin_temperature`). Where the run was made elsewhere, the package's own model has its weights,
    if it came from that run. Raises FileNotFoundError where the run's record or the whole of its
    weights is missing, naming the command that makes both.
    """
    record = run_record.find(experiment.name, "torch", seed)
    path = kept_weights.cached_path(experiment, "torch", seed)
    weights = checkpoint.load_weights(path)
    if record is not None and not weights and _is_of(record):
        weights = distillation.packaged(experiment, seed, dataset.fingerprint)
    if record is None or not weights:
        missing = "record" if record is None else f"weights ({path})"
        raise FileNotFoundError(
            f"{experiment.name}, seed {seed}: its {missing} are not here; make both with "
            f"`python -m fer_utils train {experiment.name} --framework torch --seed {seed}`"
        )
    spec, config = NetSpec.from_dict(record.spec), TrainConfig.from_dict(record.config)
    train = parts_of(dataset.with_classes(record.classes), config).train
    scaling = scaling_of(train.images, config)
    half = {name: value.astype(np.float16) for name, value in weights.items()}
    model = ExpressionModel(spec, record.classes, scaling.mean, scaling.std, half, temperature)
    card = model_card.measure(model, dataset, load_card(), record)
    replace(model, card=card).save(out)
    made = ExpressionModel.load(out)
    atomic_write(out.with_suffix(".md"), model_card.text(made).encode())
    return made


def _is_of(record: run_record.RunRecord) -> bool:
    """Whether the package's model came from this very run, and not from an earlier one."""
    return distillation.packaged_card().get("finished") == record.finished


def twin_temperature(twin: Experiment, card: DataCard) -> float:
    """The temperature of a recipe's twin, which learned from nine tenths: fitted on the tenth that
    it has not seen, read as the published model reads, mirrored too.

    Raises FileNotFoundError where the twin's record is missing, naming the command that makes it,
    ValueError where it kept no such reading, and StaleRecord.
    """
    record = run_record.find(twin.name, "torch", 0)
    if record is None:
        raise FileNotFoundError(
            f"{twin.name} has no record; make it with `python -m fer_utils train {twin.name}`"
        )
    run_record.check_current(record, twin, card.fingerprint)
    made = record.predictions.get("validation/mirrored")
    if made is None or made.probabilities is None:
        raise ValueError(
            f"{twin.name} keeps no probabilities of validation/mirrored: no twin, name another"
        )
    return fit_temperature(made.probabilities, card.labels_of("validation", record.classes))


def check(model: ExpressionModel, dataset: FaceDataset) -> dict[str, tuple[int, int]]:
    """Split -> (pictures right now, pictures right by the card), on the folder copy of FER2013.

    Raises ValueError for a model without a card.
    """
    model_card.check(model)
    found = {}
    for split in TEST_SPLITS:
        part = dataset.part(split)
        right = int((model.probabilities(part.images).argmax(1) == part.labels).sum())
        found[split] = (right, model.card["splits"][split]["correct"])
    return found
