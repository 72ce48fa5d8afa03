"""What a cross validation trains on and scores, and its figures."""

from __future__ import annotations

from dataclasses import replace
from types import SimpleNamespace

import numpy as np
import pytest

from fer_utils.experiments.config import TrainConfig
from tests.unit.training.helpers import quarters, tiny_dense

pytest.importorskip("torch")
from fer_utils.search import cross_validation  # noqa: E402
from fer_utils.search.cross_validation import CrossValidation, cross_validate  # noqa: E402


def test_cross_validation_scores_every_training_picture_once():
    data = quarters(per_class=100)
    config = TrainConfig(epochs=4, batch_size=32, learning_rate=0.02)
    found = cross_validate(tiny_dense(), config, data, folds=3, progress=False)
    assert sum(found.sizes) == len(data.part("train")) == 240
    assert len(found.accuracies) == 3 and found.mean > 0.8
    low, high = found.interval
    assert low < found.mean <= high


def test_copies_of_the_rare_class_are_made_of_learned_pictures_alone(monkeypatch):
    data = quarters(per_class=100)
    images = np.random.default_rng(0).integers(0, 256, data.images.shape, np.uint8)
    data = replace(data, images=images, known_fingerprint=None)
    jobs = []

    def look(job):
        jobs.append(job)
        held = job.parts.evaluated["fold"]
        return SimpleNamespace(logits={"fold": np.eye(len(held.classes))[held.labels]})

    monkeypatch.setattr(cross_validation, "loop_of", lambda *given: look)
    config = TrainConfig(epochs=1, rare_copies=9)
    found = cross_validate(tiny_dense(), config, data, folds=3, progress=False)
    assert sum(found.sizes) == len(data.part("train")) and len(jobs) == 3
    whole = {image.tobytes() for image in data.part("train").images}
    for job in jobs:
        learned = {image.tobytes() for image in job.parts.train.images}
        held = {image.tobytes() for image in job.parts.evaluated["fold"].images}
        assert held <= whole and not learned & held
        assert len(job.parts.train) > len(learned & whole) == len(whole) - len(held)


def test_figures_of_a_cross_validation_by_hand():
    found = CrossValidation((0.5, 0.7), (10, 10))
    assert found.mean == pytest.approx(0.6)
    assert found.deviation == pytest.approx(0.1 * 2**0.5)
    assert found.interval == pytest.approx((0.3866, 0.7812), abs=1e-4)  # Wilson, 12 of 20


def test_cross_validation_refuses_to_choose_on_its_folds():
    config = TrainConfig(epochs=2, early_stopping=1, train_on="nine_tenths")
    with pytest.raises(ValueError, match="early_stopping=0"):
        cross_validate(tiny_dense(), config, quarters())
    taught = TrainConfig(epochs=2, teachers=("one",), teachers_share=0.5)
    with pytest.raises(ValueError, match="one learned from the folds that score"):
        cross_validate(tiny_dense(), taught, quarters())
