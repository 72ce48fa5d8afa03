"""The joint loss in Keras, with the parts of `keras_loop`: same batches, same rates."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping

import keras
import numpy as np
from keras import ops

from fer_utils.models import keras_net
from fer_utils.models.multitask import MultiTaskSpec
from fer_utils.multitask.joint import JointTargets
from fer_utils.optimizers import in_keras
from fer_utils.optimizers.schedules import learning_rates
from fer_utils.training import batches, keras_loop, keras_loss, keras_stream
from fer_utils.training.job import Fitted, Job


def joint_loss(
    spec: MultiTaskSpec, positive: np.ndarray, units_weight: float
) -> Callable[[object, object], object]:
    """Loss of each picture (B,) from `y` (B, 1 + K + A), its label and its targets, and logits
    (B, K + A), see `multitask.joint`.

    Written with softplus: -log sigmoid(z) = softplus(-z), exact for large z.
    """
    weights = np.asarray(positive, np.float32)

    def cross_entropy(y, logits):
        wanted, present = spec.split(y[:, 1:])
        emotions, units = spec.split(logits)
        first = -ops.sum(wanted * ops.log_softmax(emotions, -1), -1)
        each = weights * present * ops.softplus(-units) + (1 - present) * ops.softplus(units)
        return first + units_weight * ops.mean(each, -1)

    return cross_entropy


def emotion_accuracy(spec: MultiTaskSpec) -> Callable[[object, object], object]:
    """1 where the emotion is right, else 0, also where it is not labelled; (B,)."""
    return lambda y, logits: keras_loss.accuracy(y, spec.split(logits)[0])


def compile_model(
    model: keras.Model, job: Job, spec: MultiTaskSpec, targets: JointTargets, units_weight: float
) -> None:
    """Give the model the joint loss, the configuration's optimizer and its metrics."""
    steps = len(
        batches.batch_slices(len(targets.rows), job.config.batch_size, job.config.drop_last)
    )
    loss = joint_loss(spec, targets.positive, units_weight)
    model.compile(
        optimizer=in_keras.of_config(job.config, learning_rates(job.config, steps)),
        loss=loss,
        metrics=[
            keras.metrics.MeanMetricWrapper(loss, name="cross_entropy"),
            keras.metrics.MeanMetricWrapper(emotion_accuracy(spec), name="accuracy"),
        ],
    )


def fit(
    job: Job,
    spec: MultiTaskSpec,
    targets: JointTargets,
    units_weight: float,
    initial: Mapping[str, np.ndarray] | None = None,
) -> Fitted:
    """Train as `job` says with the joint loss; see `joint.fit`."""
    config, train = job.config, job.parts.train
    keras.utils.set_random_seed(config.seed)
    scaling = batches.scaling_of(train.images, config)
    model = keras_net.build(job.spec, seed=config.seed, precision=config.precision)
    if initial is not None:
        keras_net.set_weights(model, dict(initial))
    compile_model(model, job, spec, targets, units_weight)

    def stream_from(done: int) -> Iterator:
        return keras_stream.stream(train, config, scaling, done, rows=targets.rows)

    return keras_loop.run(model, job, scaling, stream_from)
