"""The matched run: one network, the same first weights and the same batches in both frameworks.

Only what can be the same is allowed: plain SGD at a constant rate in float32, without dropout,
augmentation or class weights. Both sides then do the same sums in another order, and the losses of
each step agree to rounding, for as long as training does not blow rounding up. The steps are those
of the two loops (`torch_loop`, `keras_loop`); only here is each loss read at once.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

import numpy as np

from fer_utils.data.dataset import FaceDataset
from fer_utils.experiments.config import TrainConfig
from fer_utils.models.spec import Dropout, NetSpec
from fer_utils.training import batches
from fer_utils.training.batches import Parts
from fer_utils.training.job import Job

Look = Callable[[int, Callable[[np.ndarray], np.ndarray]], None]


@dataclass(frozen=True)
class Matched:
    """Loss of each step before its update, nats, float64 (steps,), in each framework, and the
    largest difference of a logit of the first batch before training."""

    torch: np.ndarray
    keras: np.ndarray
    logit_difference: float

    @property
    def relative(self) -> np.ndarray:
        """Distance of the two losses as a share of PyTorch's, float64 (steps,)."""
        return np.abs(self.keras - self.torch) / self.torch


def plain_sgd(
    learning_rate: float = 0.002, batch_size: int = 32, momentum: float = 0.0, seed: int = 0
) -> TrainConfig:
    """The configuration of a matched run; its epochs are as many as the steps need."""
    return TrainConfig(
        epochs=1,
        batch_size=batch_size,
        optimizer="sgd",
        learning_rate=learning_rate,
        momentum=momentum,
        seed=seed,
    )


def matched_run(
    spec: NetSpec,
    config: TrainConfig,
    part: FaceDataset,
    steps: int = 100,
    keras_spec: NetSpec | None = None,
    keras_config: TrainConfig | None = None,
) -> Matched:
    """Train `spec` on `part` for `steps` steps in PyTorch on the CPU and in Keras.

    `keras_spec` and `keras_config` change one thing on Keras' side, to see that it shows.
    ValueError for what cannot be matched: see the head of this file.
    """
    from fer_utils.models import keras_net, parity, torch_net

    theirs = (keras_spec or spec, keras_config or config)
    for one_spec, one_config in ((spec, config), theirs):
        _check(one_spec, one_config)
    first = batches.batch_order(len(part), config.seed, 0)[: config.batch_size]
    images = np.asarray(part.images)[np.sort(first), :, :, None].astype(np.float32) / 255
    difference = parity.logit_difference(
        torch_net.build(spec, seed=config.seed),
        keras_net.build(theirs[0], seed=theirs[1].seed),
        images,
    )
    order = batch_sequence(len(part), config, steps)
    return Matched(
        torch_losses(spec, config, part, order),
        keras_losses(*theirs, part, steps),
        difference,
    )


def batch_sequence(
    n: int,
    config: TrainConfig,
    steps: int,
    *,
    shuffle: bool = True,
    order_seed: int | None = None,
) -> list[np.ndarray]:
    """Rows of each of the first `steps` batches, as many epochs long as needed; int64 (B,) each.

    Without changes it is the order of both loops. `shuffle` False keeps the stored order,
    `order_seed` draws the order by another seed than the configuration's.
    """
    slices = batches.batch_slices(n, config.batch_size, config.drop_last)
    seed = config.seed if order_seed is None else order_seed
    found: list[np.ndarray] = []
    epoch = 0
    while len(found) < steps:
        order = batches.batch_order(n, seed, epoch) if shuffle else np.arange(n)
        found += [order[where] for where in slices]
        epoch += 1
    return found[:steps]


def torch_losses(
    spec: NetSpec,
    config: TrainConfig,
    part: FaceDataset,
    order: Sequence[np.ndarray],
    look: Look | None = None,
) -> np.ndarray:
    """The mean loss of each batch of `order`, before its update, in PyTorch on the CPU, (steps,).

    `look` is called before every step and after the last with the number of steps done and a
    function from images, uint8 (n, H, W), to logits in evaluation mode, float32 (n, K).
    """
    import torch

    from fer_utils.training.torch_loop import Loop

    job = Job(spec, config, Parts(part, None, {}), "torch", "", progress=False)
    loop = Loop(job, torch.device("cpu"))
    look = look or (lambda step, predict: None)
    losses = []
    for step, rows in enumerate(order):
        look(step, loop.predict)
        loop.net.train()
        loss, _ = loop.step(torch.as_tensor(rows), config.learning_rate, None)
        losses.append(loss.item() / len(rows))
    look(len(order), loop.predict)
    return np.array(losses)


def keras_losses(spec: NetSpec, config: TrainConfig, part: FaceDataset, steps: int) -> np.ndarray:
    """The mean loss of each of the first `steps` batches, before its update, in Keras, (steps,)."""
    from fer_utils.models import keras_net
    from fer_utils.training import keras_loop, keras_stream

    per_epoch = len(batches.batch_slices(len(part), config.batch_size, config.drop_last))
    config = replace(config, epochs=-(-steps // per_epoch))
    scaling = batches.scaling_of(part.images, config)
    model = keras_net.build(spec, seed=config.seed)
    keras_loop.compile_model(model, config, np.full(steps, config.learning_rate), part.labels)
    losses = []
    stream = keras_stream.stream(part, config, scaling, 0)
    for _, (x, y) in zip(range(steps), stream, strict=False):
        model.reset_metrics()  # else Keras gives the mean over all steps so far
        losses.append(model.train_on_batch(x, y, return_dict=True)["cross_entropy"])
    return np.array(losses, np.float64)


def _check(spec: NetSpec, config: TrainConfig) -> None:
    """ValueError naming what two frameworks cannot do alike."""
    wanted = {
        "optimizer": "sgd",
        "schedule": "constant",
        "precision": "float32",
        "class_weights": "none",
        "sampling": "shuffle",
        "mixup": 0.0,
        "ema": 0.0,
        "sam": 0.0,
        "teachers": (),
    }
    for name, value in wanted.items():
        if (given := getattr(config, name)) != value:
            raise ValueError(f"a matched run needs {name}={value!r}, got {given!r}")
    if config.augment.to_dict():
        raise ValueError("a matched run needs no augmentation: the copies are drawn at random")
    if any(isinstance(placed.layer, Dropout) for placed in spec.placed):
        raise ValueError(f"a matched run needs no dropout, and {spec.name!r} has some")
