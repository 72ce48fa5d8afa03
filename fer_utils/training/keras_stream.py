"""The batches that the Keras loops train on, on any backend.

They come in the order, scaling and augmentation of the PyTorch loop (`batches`, `data.augment`).
"""

from __future__ import annotations

from collections.abc import Callable, Iterator

import numpy as np

from fer_utils.data.dataset import FaceDataset
from fer_utils.experiments.config import TrainConfig
from fer_utils.training import batches, keras_loss, sampling, targets
from fer_utils.training.batches import Scaling
from fer_utils.training.job import Job


def stream(
    part: FaceDataset,
    config: TrainConfig,
    scaling: Scaling,
    first_epoch: int,
    features: np.ndarray | None = None,
    answers: Callable[[np.ndarray], tuple[np.ndarray, ...]] = lambda x: (),
    rows: np.ndarray | None = None,
) -> Iterator[tuple[np.ndarray, np.ndarray]]:
    """Every batch of epochs `first_epoch` to the last: images float32 (B, H, W, 1), and labels with
    targets (B, 1 + K), see `keras_loss`. `features` (N, ...), where given, stand in for the images.
    `answers` gives what teachers say of a batch, where there are some. `rows` (N, K) are targets
    by picture; by default they follow from its label, as `training.targets` has it.

    One stream and not a `PyDataset`: Keras reads ahead across the end of an epoch, before any
    callback could tell a data set that the next one begins.
    """
    images = np.asarray(part.images)
    slices = batches.batch_slices(len(part), config.batch_size, config.drop_last)
    if rows is None:
        rows = targets.target_table(part.labels, len(part.classes), config)[part.labels]
    for epoch in range(first_epoch, config.epochs):
        order = sampling.epoch_order(part.labels, config, epoch)
        augment = augmentation(config, epoch)
        mixes = targets.mixes(slices, config, epoch)
        for where, mix in zip(slices, mixes, strict=True):
            chosen = order[where]
            if features is None:
                x = scaled(augment(images[chosen].astype(np.float32) / 255), scaling)
            else:
                x = features[chosen]
            x = targets.mixed(x, mix)
            wanted = targets.mixed(rows[chosen], mix)
            yield x, keras_loss.joined(part.labels[chosen], wanted, *answers(x))


def teachers_answers(job: Job) -> Callable[[np.ndarray], tuple[np.ndarray, ...]]:
    """A function from input (B, H, W, 1) to what the job's teachers answer, ((B, K),), or () where
    it has none. The teachers run in PyTorch, as in its loop. Raises as `distillation.load`."""
    if not job.config.teachers:
        return lambda x: ()
    import torch

    from fer_utils.training import distillation, torch_loop

    device = torch_loop.default_device()
    teachers = distillation.load(job, device)

    def answers(x: np.ndarray) -> tuple[np.ndarray, ...]:
        batch = torch.from_numpy(x).permute(0, 3, 1, 2).to(device)
        return (teachers.answer(batch).cpu().numpy(),)

    return answers


def augmentation(config: TrainConfig, epoch: int) -> Callable[[np.ndarray], np.ndarray]:
    """The epoch's augmentation of pictures in 0..1, float32 (B, H, W)."""
    if not config.augment.to_dict():
        return lambda x: x
    import torch

    generator = torch.Generator()
    generator.manual_seed(batches.epoch_seed(config.seed, epoch))
    return lambda x: config.augment(torch.from_numpy(x[:, None]), generator).numpy()[:, 0]


def scaled(x: np.ndarray, scaling: Scaling) -> np.ndarray:
    """Pixels in 0..1 (B, H, W) to network input (B, H, W, 1)."""
    return ((x - np.float32(scaling.mean)) / np.float32(scaling.std))[..., None]
