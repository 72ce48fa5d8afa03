"""A small problem both loops can learn in a second: noise with a bright quarter per class."""

from __future__ import annotations

import numpy as np

from fer_utils.data.dataset import FaceDataset
from fer_utils.experiments.config import TrainConfig
from fer_utils.models.layers import Act, BatchNorm, Conv, Dense, Dropout, GlobalAvgPool
from fer_utils.models.spec import NetSpec
from fer_utils.models.zoo import fully_connected
from fer_utils.training.batches import parts_of
from fer_utils.training.job import Job

CLASSES = ("top_left", "top_right", "bottom")


def quarters(per_class: int = 40, size: int = 8, seed: int = 0) -> FaceDataset:
    """Images whose class is the place of a brighter quarter; 8 of 10 train, the rest tests."""
    rng = np.random.default_rng(seed)
    labels = np.repeat(np.arange(3), per_class)
    images = rng.integers(0, 160, (len(labels), size, size))
    half = size // 2
    for image, label in zip(images, labels, strict=True):
        rows = slice(half, None) if label == 2 else slice(0, half)
        columns = slice(half, None) if label == 1 else slice(0, half)
        image[rows, columns] += 80
    split = np.tile(["train"] * 8 + ["public_test", "private_test"], len(labels) // 10)
    return FaceDataset(images.astype(np.uint8), labels, CLASSES, split, "quarters")


def tiny_net(size: int = 8) -> NetSpec:
    """A convolution with BatchNorm and dropout, so that every kind of state is exercised."""
    layers = (Conv(4), BatchNorm(), Act("relu"), Dropout(0.2), GlobalAvgPool(), Dense(3))
    return NetSpec("tiny", layers, input_shape=(size, size, 1))


def tiny_dense(size: int = 8) -> NetSpec:
    """A fully connected net of the same input."""
    layers = fully_connected("tiny_dense", (16,), classes=3).layers
    return NetSpec("tiny_dense", layers, input_shape=(size, size, 1))


def job(config: TrainConfig, framework="torch", spec=None, checkpoint=None, data=None) -> Job:
    """A job on `quarters`."""
    data = data or quarters()
    return Job(
        spec=spec or tiny_net(),
        config=config,
        parts=parts_of(data, config),
        framework=framework,
        fingerprint=data.fingerprint,
        checkpoint=checkpoint,
        progress=False,
    )
