"""Which images an epoch visits, and in which order: all once, or rare classes more often.

An epoch is as long as the training part whatever the sampling, so that strategies are compared at
the same number of steps. The draws are NumPy's, from (seed, epoch), for both frameworks.
"""

from __future__ import annotations

import numpy as np

from fer_utils.experiments.config import TrainConfig
from fer_utils.training.batches import batch_order


def epoch_order(labels: np.ndarray, config: TrainConfig, epoch: int) -> np.ndarray:
    """Rows of the training part in the order in which epoch `epoch` (from 0) visits them, int64
    (N,); `labels` int (N,).

    - "shuffle": each image once, in random order.
    - "oversample": the images of each class are repeated until it has as many as the largest (the
      last repetition is a random part), all of that is shuffled, and N images of it are visited.
    - "balanced_batches": every K successive images hold each of the K classes that have images
      once, in random order, so that in a batch two classes differ by two images at most.
    """
    labels = np.asarray(labels)
    if config.sampling == "shuffle":
        return batch_order(len(labels), config.seed, epoch)
    rng = np.random.default_rng([config.seed, epoch])
    members = [np.flatnonzero(labels == label) for label in np.unique(labels)]
    if config.sampling == "oversample":
        most = max(map(len, members))
        drawn = np.concatenate([_repeated(rows, most, rng) for rows in members])
        return rng.permutation(drawn)[: len(labels)]
    rounds = -(-len(labels) // len(members))
    table = np.stack([_repeated(rows, rounds, rng) for rows in members], axis=1)
    return rng.permuted(table, axis=1).reshape(-1)[: len(labels)]


def _repeated(rows: np.ndarray, n: int, rng: np.random.Generator) -> np.ndarray:
    """`n` of `rows`, int64 (n,), shuffled; none is taken twice more often than another."""
    whole = [rng.permutation(rows) for _ in range(-(-n // len(rows)))]
    return np.concatenate(whole)[:n]
