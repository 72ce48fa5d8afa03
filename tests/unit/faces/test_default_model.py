"""The expression model that comes with the package: as good and as small as its card says."""

from __future__ import annotations

import numpy as np
import pytest

from fer_utils.data import fer2013
from fer_utils.data.dataset import CLASSES
from fer_utils.experiments import get
from fer_utils.faces import model_card, publish
from fer_utils.faces.expression_model import DEFAULT, ExpressionModel
from fer_utils.records import run_record

WANTED = 0.69  # of PrivateTest, from a CPU's training, with the mirror image averaged in


@pytest.fixture(scope="module")
def model() -> ExpressionModel:
    return ExpressionModel.default()


def test_it_is_small(model):
    assert sum(value.size for value in model.weights.values()) <= 1_500_000
    assert DEFAULT.stat().st_size <= 3 * 2**20
    assert model.classes == CLASSES


def test_its_page_is_written_from_its_header(model):
    assert publish.CARD.read_text(encoding="utf-8") == model_card.text(model)


def test_it_is_the_recorded_run(model):
    card = model.card
    record = run_record.find(card["experiment"], card["framework"], card["seed"])
    run_record.check_current(record, get(card["experiment"]), card["fingerprint"])
    assert (record.config, record.finished) == (card["config"], card["finished"])
    assert record.spec == model.spec.to_dict()


def test_it_reads_private_test_as_well_as_its_card_says(model, fer2013_dir):
    dataset = fer2013.load(fer2013_dir)
    if dataset.fingerprint != model.card["fingerprint"]:
        pytest.skip("another copy of FER2013 than the model was measured on")
    for split, (now, then) in publish.check(model, dataset).items():
        assert abs(now - then) <= publish.TOLERATED, split
    private = dataset.part("private_test")
    right = model.probabilities(private.images).argmax(1) == private.labels
    assert right.mean() >= WANTED


def test_it_survives_a_flat_picture(model):
    flat = np.stack([np.full((48, 48), level, np.uint8) for level in (0, 128, 255)])
    assert np.isfinite(model.probabilities(flat)).all()
