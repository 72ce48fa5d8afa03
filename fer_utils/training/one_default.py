"""One framework default changed at a time, on a small network, in units of what a seed does.

Parity shows that the frameworks compute the same; so one framework is enough to see what a default
is worth. Every variant of `variants` starts from one common setting and changes one thing. It is
trained from several seeds, and scored by the loss on pictures it does not train on, in evaluation
mode, every few steps. The unit is the distance of two runs of the common setting that differ in
their seed alone.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from itertools import combinations

import numpy as np

from fer_utils.data import splits
from fer_utils.data.dataset import FaceDataset
from fer_utils.experiments.config import TrainConfig
from fer_utils.models.double_conv import KERAS_BATCH_NORM
from fer_utils.models.layers import Act, BatchNorm, Conv, Dense, Flatten, MaxPool
from fer_utils.models.spec import NetSpec
from fer_utils.models.zoo_defaults import DECAY, TORCH_BATCH_NORM
from fer_utils.training.job import watched_figures
from fer_utils.training.matched import batch_sequence, plain_sgd, torch_losses

OTHER_ORDER = 1000  # added to a seed to draw another order from the same first weights


@dataclass(frozen=True)
class Setting:
    """A network, a configuration and an order of batches (see `matched.batch_sequence`)."""

    spec: NetSpec
    config: TrainConfig
    shuffle: bool = True
    other_order: bool = False


@dataclass(frozen=True)
class Curve:
    """One run: after each number of `steps`, int64 (m,), the loss (nats) and accuracy on the
    pictures watched, float64 (m,); `train`, the loss of each batch, float64 (last step,)."""

    steps: np.ndarray
    loss: np.ndarray
    accuracy: np.ndarray
    train: np.ndarray


def small_net(
    classes: int = 7,
    *,
    batch_norm: BatchNorm = TORCH_BATCH_NORM,
    init: str = "torch",
    l2: float = 0,
) -> NetSpec:
    """Two convolutions with BatchNorm and a dense layer, a few milliseconds a step."""
    conv = (Conv(8, stride=2, l2=l2), batch_norm, Act("relu"), MaxPool(2))
    conv += (Conv(16, l2=l2), batch_norm, Act("relu"), MaxPool(2))
    return NetSpec("small_net", (*conv, Flatten(), Dense(classes, l2=l2)), init=init)


def common(classes: int = 7) -> Setting:
    """The setting that every variant changes in one thing: PyTorch's defaults, shuffled."""
    return Setting(small_net(classes), plain_sgd(0.005, momentum=0.9))


def variants(classes: int = 7) -> dict[str, Setting]:
    """Name -> the common setting with one thing changed."""
    base = common(classes)

    def net(**changed: object) -> Setting:
        return replace(base, spec=small_net(classes, **changed))

    def configured(**changed: object) -> Setting:
        return replace(base, config=replace(base.config, **changed))

    momentum, epsilon = KERAS_BATCH_NORM.momentum, KERAS_BATCH_NORM.epsilon
    return {
        "Glorot initialisation": net(init="glorot_uniform"),
        "BatchNorm: Keras' momentum": net(batch_norm=BatchNorm(momentum=momentum)),
        "BatchNorm: Keras' epsilon": net(batch_norm=BatchNorm(epsilon=epsilon)),
        "another order of batches": replace(base, other_order=True),
        "not shuffled": replace(base, shuffle=False),
        "last short batch dropped": configured(drop_last=True),
        f"weight decay {DECAY:g}": configured(weight_decay=DECAY),
        f"Keras' L2({DECAY:g})": net(l2=DECAY),
    }


def pictures(faces: FaceDataset, train: int = 372, watched: int = 300) -> tuple:
    """A few training pictures and others to watch, both from Training, stratified.

    The default leaves a last batch of 20 pictures of 32.
    """
    whole = faces.part("train")
    chosen = splits.stratified_choice(whole.labels, min(train + watched, len(whole)), seed=0)
    few = whole.take(chosen)
    kept, held = splits.stratified_holdout(few.labels, watched / (train + watched), seed=0)
    return few.take(kept), few.take(held)


def run(
    setting: Setting, train: FaceDataset, watched: FaceDataset, seed: int, steps: int, every: int
) -> Curve:
    """Train one setting from one seed in PyTorch."""
    config = setting.config.with_seed(seed)
    order = batch_sequence(
        len(train),
        config,
        steps,
        shuffle=setting.shuffle,
        order_seed=seed + OTHER_ORDER if setting.other_order else None,
    )
    figures: dict[int, dict[str, float]] = {}

    def look(step: int, predict: Callable[[np.ndarray], np.ndarray]) -> None:
        if step % every == 0:
            figures[step] = watched_figures(predict(watched.images), watched)

    losses = torch_losses(setting.spec, config, train, order, look)
    return Curve(
        np.array(list(figures)),
        np.array([row["validation_loss"] for row in figures.values()]),
        np.array([row["validation_accuracy"] for row in figures.values()]),
        losses,
    )


def distance(a: Curve, b: Curve) -> float:
    """Root mean square of the difference of two loss curves, nats, the start left out."""
    return float(np.sqrt(np.mean((a.loss[1:] - b.loss[1:]) ** 2)))


def in_seeds(
    base: list[Curve], changed: Mapping[str, list[Curve]]
) -> tuple[float, dict[str, list[float]]]:
    """The distance of two seeds (median over pairs, nats), and for every variant its distance from
    the common setting with the same seed, in that unit, a value a seed.

    ValueError for fewer than two seeds.
    """
    if len(base) < 2:
        raise ValueError(f"expected at least two seeds to measure their spread, got {len(base)}")
    unit = float(np.median([distance(a, b) for a, b in combinations(base, 2)]))
    apart = {
        name: [distance(a, b) / unit for a, b in zip(curves, base, strict=True)]
        for name, curves in changed.items()
    }
    return unit, apart
