"""From a dataset to what a loop trains on: parts, order of batches and scaling.

Both loops use these, so that the same configuration means the same batches in both frameworks.
Which images an epoch holds is in `sampling`, what the loss asks for in `targets`.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np

from fer_utils.data import splits
from fer_utils.data.dataset import FaceDataset
from fer_utils.experiments.config import TrainConfig


@dataclass(frozen=True)
class Parts:
    """What one run reads: training images, those watched while training, those evaluated."""

    train: FaceDataset
    watched: FaceDataset | None  # the validation tenth, scored after every epoch
    evaluated: dict[str, FaceDataset]  # scored once, at the end


def parts_of(dataset: FaceDataset, config: TrainConfig) -> Parts:
    """Cut a dataset as `config.train_on` and `config.evaluate_on` say.

    The validation tenth is stratified and the same in every run (see `data.splits`).
    """
    watched = None
    train = dataset.part("train")
    if config.train_on != "all":
        train, watched = splits.validation_tenth(dataset)
        if config.train_on == "ten_thousand":
            train = splits.ten_thousand(dataset)
    train = with_rare_copies(train, config)
    evaluated = {
        name: watched if name == "validation" else dataset.part(name) for name in config.evaluate_on
    }
    return Parts(train, watched, evaluated)


def with_rare_copies(train: FaceDataset, config: TrainConfig) -> FaceDataset:
    """The training part and, behind it, `config.rare_copies` augmented copies of each picture of
    its rarest class; the same copies for every seed."""
    if not config.rare_copies:
        return train
    import torch

    counts = np.bincount(train.labels, minlength=len(train.classes))
    rarest = np.where(counts > 0, counts, len(train) + 1).argmin()
    rows = np.repeat(np.flatnonzero(train.labels == rarest), config.rare_copies)
    longer = train.take(np.concatenate([np.arange(len(train)), rows]))
    copies = torch.from_numpy(longer.images[len(train) :].astype(np.float32) / 255)[:, None]
    moved = config.rare_augment(copies, torch.Generator().manual_seed(splits.SPLIT_SEED))
    images = np.array(longer.images)
    images[len(train) :] = (moved[:, 0] * 255).round().clamp(0, 255).to(torch.uint8).numpy()
    return replace(longer, images=images, known_fingerprint=None)


def batch_order(n: int, seed: int, epoch: int) -> np.ndarray:
    """Order in which epoch `epoch` (from 0) visits n images: a permutation, int64 (n,)."""
    return np.random.default_rng([seed, epoch]).permutation(n)


def batch_slices(n: int, batch_size: int, drop_last: bool = False) -> list[slice]:
    """Where each batch of an epoch stands in its order, the last short one included.

    A single image left over joins the batch before it: BatchNorm cannot normalise one vector.
    `drop_last` leaves out what is left over; ValueError where that is everything.
    """
    if drop_last:
        if n < batch_size:
            raise ValueError(f"{n} images hold no whole batch of {batch_size}: nothing to train on")
        n -= n % batch_size
    starts = list(range(0, n, batch_size))
    if len(starts) > 1 and n - starts[-1] == 1:
        starts.pop()
    return [slice(a, b) for a, b in zip(starts, [*starts[1:], n], strict=True)]


def epoch_seed(seed: int, epoch: int) -> int:
    """A 63-bit seed for the random draws (dropout, augmentation) of one epoch."""
    words = np.random.SeedSequence([seed, epoch, 1]).generate_state(1, np.uint64)
    return int(words[0] >> np.uint64(1))


@dataclass(frozen=True)
class Scaling:
    """Network input = (pixel / 255 - mean) / std."""

    mean: float = 0.0
    std: float = 1.0


def scaling_of(images: np.ndarray, config: TrainConfig) -> Scaling:
    """The scaling of `config`: pixels in 0..1 or in 0..255 as they are, or standardised by the
    moments of `images`, uint8 (N, H, W), the training part."""
    if config.scaling == "zero_one":
        return Scaling()
    if config.scaling == "pixels":
        return Scaling(std=1 / 255)
    counts = np.bincount(images.reshape(-1), minlength=256).astype(np.float64)
    values = np.arange(256) / 255
    mean = counts @ values / counts.sum()
    std = np.sqrt(counts @ (values - mean) ** 2 / counts.sum())
    return Scaling(float(mean), float(std) if std > 0 else 1.0)
