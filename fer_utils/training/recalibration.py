"""Batch normalisation's statistics measured once more after training, with nothing dropped.

In training, dropout spreads what the batch normalisation behind it sees, and the running variance
is of that spread. In evaluation nothing is dropped: the variance is smaller than the recorded one,
and every layer behind reads values of another size than it learned from ("variance shift": Li,
Chen, Hu & Yang, 2019). The cure is to measure both statistics of the finished network on training
pictures, dropout off (Wu & Johnson, 2021, "precise batch norm"). No weight changes.

It is done in PyTorch and float32, whatever framework the network was trained in.
"""

from __future__ import annotations

import numpy as np
import torch
from torch import nn
from torch.nn.modules.batchnorm import _BatchNorm

from fer_utils.models import torch_net
from fer_utils.training import batches
from fer_utils.training.batches import Scaling
from fer_utils.training.job import Job

BATCH, PICTURES = 256, 4096


def recalibrated(
    job: Job, weights: dict[str, np.ndarray], scaling: Scaling, device: torch.device
) -> dict[str, np.ndarray]:
    """The weights (see `models.parity`) with new means and variances of every batch normalisation:
    averages over batches of training pictures, augmented as in training."""
    config, images = job.config, np.asarray(job.parts.train.images)
    net = torch_net.build(job.spec)
    torch_net.set_weights(net, weights)
    _measure_only(net.to(device))
    seed = batches.epoch_seed(config.seed, config.epochs)  # as of one epoch more
    generator = torch.Generator(device)
    generator.manual_seed(seed)
    order = batches.batch_order(len(images), config.seed, config.epochs)[:PICTURES]
    with torch.no_grad():
        for where in batches.batch_slices(len(order), BATCH):
            pixels = torch.from_numpy(images[order[where], None]).to(device)
            x = config.augment(pixels.float() / 255, generator)
            net((x - scaling.mean) / scaling.std)
    return torch_net.weights(net)


def _measure_only(net: nn.Module) -> None:
    """Evaluation mode for all but batch normalisation, which averages over all it will see."""
    net.eval()
    for layer in (one for one in net.modules() if isinstance(one, _BatchNorm)):
        layer.reset_running_stats()
        layer.momentum = None  # PyTorch's word for a plain average over the batches
        layer.train()
