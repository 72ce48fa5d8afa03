"""A small data set, its card, experiments on it and records of them, none of which needs a run."""

from __future__ import annotations

import numpy as np

from fer_utils.data.card import DataCard
from fer_utils.data.dataset import CLASSES, FaceDataset
from fer_utils.experiments.config import TrainConfig
from fer_utils.experiments.experiment import Experiment
from fer_utils.records.run_record import Predictions, RunRecord

NETWORK = "zagreb_fully_connected"
THREE = ("happy", "sad", "neutral")


def small_dataset(name: str = "fer2013") -> FaceDataset:
    """140 images of noise: 70 train, 28 public and 42 private; each class equally often in each.

    The first 7 private images (one of each class) stand in train too.
    """
    labels = np.tile(np.arange(7), 20).astype(np.int64)
    split = np.repeat(["train", "public_test", "private_test"], [70, 28, 42])
    images = np.random.default_rng(0).integers(0, 256, (140, 4, 4)).astype(np.uint8)
    images[98:105] = images[:7]
    return FaceDataset(images, labels, CLASSES, split, name)


def card_of(dataset: FaceDataset) -> DataCard:
    """The card of a data set without an audit: identical images are found by their bytes."""
    train = {image.tobytes() for image in dataset.part("train").images}
    leaked = [image.tobytes() in train for image in dataset.images]
    return DataCard(
        name=dataset.name,
        fingerprint=dataset.fingerprint,
        classes=dataset.classes,
        counts=dataset.counts(),
        moments={},
        audit={},
        labels=dataset.labels,
        split=dataset.split,
        leak=2 * np.array(leaked, dtype=np.uint8),
        nearest_neighbour={},
    )


def experiment(recipe: str = "ours", **settings) -> Experiment:
    """An experiment with the baseline of the zoo; `config` may be given as a dictionary."""
    config = TrainConfig(**{"epochs": 3, **settings.pop("config", {})})
    return Experiment(network=NETWORK, recipe=recipe, chapter="02", config=config, **settings)


def named(*experiments: Experiment) -> dict[str, Experiment]:
    """The mapping that functions take in place of EXPERIMENTS."""
    return {entry.name: entry for entry in experiments}


def record_of(
    made: Experiment,
    card: DataCard,
    wrong: dict[str, int] | None = None,
    *,
    seed: int = 0,
    framework: str = "torch",
    **changes,
) -> RunRecord:
    """A full run of an experiment, with the first `wrong[split]` images of a split mistaken."""
    predictions = {}
    for split in made.config.evaluate_on:
        labels = card.labels_of(split, classes=made.classes)
        n = (wrong or {}).get(split, 0)
        labels[:n] = (labels[:n] + 1) % len(made.classes)
        logits = np.full((len(labels), len(made.classes)), -2.0)
        logits[np.arange(len(labels)), labels] = 2.0
        predictions[split] = Predictions.from_logits(logits, made.keep)
    values = {
        "experiment": made.name,
        "framework": framework,
        "seed": seed,
        "versions": {"python": "3.11.0", framework: "9.9"},
        "spec": made.spec.to_dict(),
        "config": made.config.with_seed(seed).to_dict(),
        "classes": made.classes,
        "profile": "full",
        "dataset": card.name,
        "fingerprint": card.fingerprint,
        "package_hash": "0" * 64,
        "hardware": "an abacus",
        "seconds": 120.0,
        "images_per_second": 1000.0,
        "history": [
            {"epoch": 1, "learning_rate": 0.001, "train_loss": 1.8765432, "seconds": 100.0}
        ],
        "predictions": predictions,
        "finished": "2025-01-01T00:00:00+00:00",
    }
    return RunRecord(**{**values, **changes})
