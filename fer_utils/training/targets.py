"""What the loss asks for: class weights, smoothed and mixed targets, and the class priors.

One formula holds all of it. For logits z (K,) of an image and its target t (K,), which need not sum
to 1,

    loss = - sum_k t_k (1 - p_k)^gamma log p_k,     p = softmax(z + tau log prior).

- t is the row of the image's class in `target_table`: its class weight times the one-hot label,
  smoothed by `label_smoothing` (Szegedy et al., 2016);
- `mixup` (Zhang et al., 2018) replaces images and targets by lam times their own and 1 - lam times
  a partner's of the same batch;
- gamma is `focal_gamma` (Lin et al., 2017, without their alpha: that is a class weight);
- tau is `logit_adjustment` (Menon et al., 2021): a network that learns with the priors added has
  no need to learn them, and answers without them in evaluation.

Everything here is NumPy, made once for both frameworks, which add only the formula itself.
"""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np

from fer_utils.experiments.config import TrainConfig

LEAST_DOUBT = 1e-7  # of 1 - p in the focal loss, whose slope at 0 is infinite for gamma < 1


class Mix(NamedTuple):
    """The mixup of one batch: image i becomes share * image i + (1 - share) * image partner[i]."""

    share: float  # of the image itself, 0.5 to 1
    partner: Any  # int64 (B,), a permutation of the places in the batch; an array or a tensor


def class_weights(labels: np.ndarray, classes: int, config: TrainConfig) -> np.ndarray:
    """Weight of each class in the loss, float32 (K,), for n_i training images of class i of N.

    - "none": 1;
    - "reported": N / n_i, the formula of the Copenhagen report, K times those of "balanced";
    - "balanced": N / (K n_i), whose mean over the training images is 1;
    - "effective": (1 - beta) / (1 - beta^n_i) (Cui et al., 2019), scaled to the same mean of 1;
      beta = 0 gives all classes the same weight, beta towards 1 gives "balanced".

    A class without a training image gets weight 0: it never enters the loss.
    """
    if config.class_weights == "none":
        return np.ones(classes, np.float32)
    counts = np.bincount(labels, minlength=classes)
    there, n = counts > 0, np.maximum(counts, 1)
    if config.class_weights == "reported":
        weights = len(labels) / n * there
    elif config.class_weights == "balanced":
        weights = len(labels) / (classes * n) * there
    else:
        weights = 1 / (1 - config.effective_beta**n) * there
        weights = weights * len(labels) / (weights @ counts)
    return weights.astype(np.float32)


def target_table(labels: np.ndarray, classes: int, config: TrainConfig) -> np.ndarray:
    """The target of an image of each class, float32 (K, K): row i is class weight i times
    (1 - s) one_hot(i) + s / K for label smoothing s."""
    s = config.label_smoothing
    smoothed = (1 - s) * np.eye(classes) + s / classes
    weights = class_weights(labels, classes, config)
    return (weights[:, None] * smoothed).astype(np.float32)


def log_prior(labels: np.ndarray, classes: int) -> np.ndarray:
    """log(n_i / N) of each class, float32 (K,); a class without an image counts as if it had one,
    so that the logarithm is finite."""
    counts = np.maximum(np.bincount(labels, minlength=classes), 1)
    return np.log(counts / len(labels)).astype(np.float32)


def logit_offset(labels: np.ndarray, classes: int, config: TrainConfig) -> np.ndarray:
    """What the loss adds to the logits, float32 (K,): tau log prior."""
    return (config.logit_adjustment * log_prior(labels, classes)).astype(np.float32)


def mixes(slices: list[slice], config: TrainConfig, epoch: int) -> list[Mix | None]:
    """The mixup of each batch of an epoch; None for each without mixup.

    One share a batch, as in the authors' code, drawn from Beta(alpha, alpha). The larger part is
    taken for the image's own, which changes no distribution (the partner has the other part) and
    makes the first label the one that counts for the training accuracy.
    """
    if not config.mixup:
        return [None] * len(slices)
    rng = np.random.default_rng([config.seed, epoch, 2])
    found = []
    for where in slices:
        share = float(rng.beta(config.mixup, config.mixup))
        partner = rng.permutation(where.stop - where.start)
        found.append(Mix(max(share, 1 - share), partner))
    return found


def mixed(x: Any, mix: Mix | None) -> Any:
    """Images or targets (B, ...), array or tensor, mixed with those of their partners; themselves
    without mixup."""
    return x if mix is None else mix.share * x + (1 - mix.share) * x[mix.partner]
