"""Publishing a model: from a run's weights to a file and a card that say the same."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from fer_utils.data import fer2013
from fer_utils.data.card import make_card
from fer_utils.data.dataset import CLASSES
from fer_utils.experiments.config import TrainConfig
from fer_utils.experiments.experiment import Experiment
from fer_utils.faces import model_card, publish
from fer_utils.faces.expression_model import ExpressionModel
from fer_utils.metrics import calibration
from fer_utils.models import initial, zoo
from fer_utils.records import run_record
from fer_utils.records.run_record import Predictions, RunRecord
from fer_utils.training import checkpoint, distillation, kept_weights

from ..records.helpers import card_of, record_of, small_dataset
from ..records.helpers import experiment as experiment_of


@pytest.fixture
def experiment() -> Experiment:
    return Experiment("compact_vgg", "ours", "09", TrainConfig(epochs=1))


@pytest.fixture
def dataset(tiny_folder, own_cache):
    return fer2013.load(tiny_folder)


@pytest.fixture
def recorded(experiment, dataset, own_cache, tmp_path, monkeypatch):
    """A run as the training would have left it, of a network with its first weights."""
    monkeypatch.setenv("FER_UTILS_RESULTS", str(tmp_path / "results"))
    make_card(dataset).save()
    spec = experiment.spec
    weights = initial.initial_weights(spec, 0)
    path = kept_weights.arrays_path(own_cache / "weights", experiment, "torch", 0)
    checkpoint.save_weights(path, weights, key="any")
    logits = np.zeros((14, 7), np.float32)
    RunRecord(
        experiment.name,
        "torch",
        0,
        {},
        spec.to_dict(),
        experiment.config.to_dict(),
        CLASSES,
        "full",
        "fer2013",
        dataset.fingerprint,
        "0",
        "CPU",
        60.0,
        1.0,
        [],
        {"private_test": Predictions.from_logits(logits, keep="labels")},
        "2026-01-01T00:00:00",
    ).save()
    return experiment


def test_the_published_model_answers_as_its_card_says(recorded, dataset, tmp_path):
    out = tmp_path / "made.safetensors"
    made = publish.publish(recorded, dataset, out=out)
    part = dataset.part("private_test")
    right = int((made.probabilities(part.images).argmax(1) == part.labels).sum())
    assert made.card["splits"]["private_test"]["correct"] == right
    assert publish.check(made, dataset)["private_test"] == (right, right)
    written = out.with_suffix(".md").read_text()
    assert written == model_card.text(made)
    assert f"{right / len(part):.1%}" in written and "Article 5(1)(f)" in written


def test_a_model_without_a_card_is_told_so(dataset):
    spec = zoo.get("compact_vgg")
    bare = ExpressionModel(spec, CLASSES, 0.5, 0.25, initial.initial_weights(spec, 0))
    for ask in (model_card.text, lambda model: publish.check(model, dataset)):
        with pytest.raises(ValueError, match="no card"):
            ask(bare)


def test_the_scaling_is_that_of_the_training_part(recorded, dataset, tmp_path):
    made = publish.publish(recorded, dataset, out=tmp_path / "made.safetensors")
    pixels = dataset.part("train").images / 255
    assert (made.mean, made.std) == pytest.approx((pixels.mean(), pixels.std()))


def test_what_is_missing_is_named_with_the_command(recorded, dataset, own_cache, tmp_path):
    kept_weights.arrays_path(own_cache / "weights", recorded, "torch", 0).unlink()
    with pytest.raises(FileNotFoundError, match="weights .* train compact_vgg-7-ours"):
        publish.publish(recorded, dataset, out=tmp_path / "made.safetensors")
    with pytest.raises(FileNotFoundError, match="record .* --seed 3"):
        publish.publish(recorded, dataset, seed=3, out=tmp_path / "made.safetensors")


def test_a_model_gets_a_temperature_where_its_run_was_not_made(
    recorded, dataset, own_cache, tmp_path, monkeypatch
):
    out = tmp_path / "made.safetensors"
    made = publish.publish(recorded, dataset, out=out)
    kept_weights.arrays_path(own_cache / "weights", recorded, "torch", 0).unlink()
    monkeypatch.setattr(distillation, "MODEL_FILE", out)
    faces = dataset.part("private_test").images
    before = made.probabilities(faces, "plain")
    again = publish.publish(recorded, dataset, out=out, temperature=2.0)
    assert again.temperature == 2 and again.weights.keys() == made.weights.keys()
    assert again.probabilities(faces, "plain") == pytest.approx(calibration.scaled(before, 2.0))
    assert "divided by a temperature of 2.00" in out.with_suffix(".md").read_text()
    # the run was made anew elsewhere, and its record alone came here
    record = run_record.find(recorded.name, "torch", 0)
    replace(record, finished="2026-02-02T00:00:00").save(force=True)
    with pytest.raises(FileNotFoundError, match="weights .* train compact_vgg-7-ours"):
        publish.publish(recorded, dataset, out=out)


def test_the_card_rounds_an_accuracy_once(recorded, dataset, tmp_path):
    card = publish.publish(recorded, dataset, out=tmp_path / "made.safetensors").card
    split = card["splits"]["private_test"] | {"correct": 2525, "n": 3589}
    assert "| 3,589 | 70.4% |" in model_card._figures({"private_test": split})[-1]


def test_a_card_says_whether_faces_are_mirrored_and_logits_cooled():
    spec = zoo.get("compact_vgg")
    plain = ExpressionModel(spec, CLASSES, 0.5, 0.25, {}, mirrored=False)
    assert model_card._reading(plain) == "The face is read once. They are not recalibrated."


def test_a_twin_tells_the_temperature_of_the_tenth_that_it_has_not_seen(tmp_path, monkeypatch):
    monkeypatch.setenv("FER_UTILS_RESULTS", str(tmp_path))
    card = card_of(small_dataset())
    views = {"train_on": "nine_tenths", "evaluate_on": ("validation",), "views": ("mirrored",)}
    twin = experiment_of("nine-tenths", config=views, keep="probabilities")
    with pytest.raises(FileNotFoundError, match="fer_utils train .*-7-nine-tenths"):
        publish.twin_temperature(twin, card)
    made = record_of(twin, card)
    with_views = {**made.predictions, "validation/mirrored": unsure(card.labels_of("validation"))}
    replace(made, predictions=with_views).save()
    # 3 of 7 images right: e^(4/T) / (e^(4/T) + 6) = 3/7
    assert publish.twin_temperature(twin, card) == pytest.approx(4 / np.log(4.5), rel=1e-3)
    made.save(force=True)
    with pytest.raises(ValueError, match="no twin"):
        publish.twin_temperature(twin, card)


def unsure(labels: np.ndarray) -> Predictions:
    """Sure of one class each, e^4 to 1, and right in three of seven images."""
    away = np.resize([0, 0, 0, 1, 2, 3, 4], len(labels))
    logits = np.zeros((len(labels), 7))
    logits[np.arange(len(labels)), (labels + away) % 7] = 4.0
    return Predictions.from_logits(logits, keep="probabilities")
