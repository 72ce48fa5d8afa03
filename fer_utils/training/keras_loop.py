"""The Keras loop: `fit` with callbacks, on any backend, from the same configuration.

Batches come as `keras_stream` has them, rates from the table of the PyTorch loop. Weight decay
follows `experiments.config`: decoupled for "adamw" and "muon", otherwise an L2 penalty of half the
decay on each trainable weight, which has the gradient that PyTorch adds; it comes on top of a
layer's own `l2`.
"""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Iterator

import keras
import numpy as np

from fer_utils.data.dataset import FaceDataset
from fer_utils.experiments.config import TrainConfig
from fer_utils.models import keras_net
from fer_utils.optimizers import in_keras
from fer_utils.optimizers.schedules import learning_rates
from fer_utils.training import batches, keras_loss, keras_stream, targets
from fer_utils.training.batches import Scaling
from fer_utils.training.checkpoint import below
from fer_utils.training.job import (
    Fitted,
    Job,
    check_recalibrate,
    read_all,
    refuse_torch_only,
    watched_figures,
)
from fer_utils.training.journal import Journal

PREDICT_BATCH = 1024


def fit(job: Job) -> Fitted:
    """Train as `job` says, going on from its checkpoint when one is there.

    Raises TrainingDiverged when the loss stops being finite, ValueError for settings of PyTorch
    alone and for `recalibrate` without batch normalisation.
    """
    config, train = job.config, job.parts.train
    refuse_torch_only(config)
    check_recalibrate(job)
    keras.utils.set_random_seed(config.seed)
    scaling = batches.scaling_of(train.images, config)
    steps = len(batches.batch_slices(len(train), config.batch_size, config.drop_last))
    model = keras_net.build(job.spec, seed=config.seed, precision=config.precision)
    compile_model(model, config, learning_rates(config, steps), train.labels)
    answers = keras_stream.teachers_answers(job)

    def stream_from(done: int) -> Iterator:
        return keras_stream.stream(train, config, scaling, done, answers=answers)

    return run(model, job, scaling, stream_from)


def run(
    model: keras.Model, job: Job, scaling: Scaling, stream_from: Callable[[int], Iterator]
) -> Fitted:
    """Train a compiled model on the batches of `stream_from(epochs done)`, and evaluate it."""
    config = job.config
    steps = len(batches.batch_slices(len(job.parts.train), config.batch_size, config.drop_last))
    journal = Journal(config, steps, job.label, job.progress, job.on_epoch)
    watcher = Watcher(job, journal, scaling)
    watcher.set_model(model)
    try:
        watcher.resume()
        done = len(journal.history)
        if done < config.epochs and not journal.stop:
            model.fit(
                stream_from(done),
                steps_per_epoch=steps,
                epochs=config.epochs,
                initial_epoch=done,
                shuffle=False,
                callbacks=[watcher],
                verbose=0,
            )
        elif config.ema:  # killed after its last epoch: `fit` ends by taking the averaged weights
            model.optimizer.finalize_variable_values(model.trainable_variables)
    finally:
        watcher.keeper.flush()
        journal.close()
    if watcher.best:
        keras_net.set_weights(model, watcher.best)
    if config.recalibrate:
        from fer_utils.training import recalibration, torch_loop

        weights = keras_net.weights(model)
        again = recalibration.recalibrated(job, weights, scaling, torch_loop.default_device())
        keras_net.set_weights(model, again)
    logits = read_all(job, lambda images: predict(model, images, scaling))
    return Fitted(keras_net.weights(model), journal.history, logits, scaling)


def predict(
    model: keras.Model, images: np.ndarray, scaling: Scaling, batch_size: int = PREDICT_BATCH
) -> np.ndarray:
    """Logits, float32 (n, K), of uint8 images (n, H, W)."""
    x = keras_stream.scaled(np.asarray(images).astype(np.float32) / 255, scaling)
    return model.predict(x, batch_size=batch_size, verbose=0)


class Watcher(keras.callbacks.Callback):
    """Feeds the journal, lowers the rate on a plateau, stops early and keeps checkpoints."""

    def __init__(self, job: Job, journal: Journal, scaling: Scaling):
        super().__init__()
        self.job, self.journal, self.scaling = job, journal, scaling
        self.rates = learning_rates(job.config, journal.steps)
        self.swap = keras.callbacks.SwapEMAWeights() if job.config.ema else None
        self.keeper = job.keeper()
        self.best: dict[str, np.ndarray] = {}

    def on_epoch_begin(self, epoch, logs=None):
        self.journal.begin_epoch()

    def on_train_batch_end(self, batch, logs=None):
        self.journal.bar.update()

    def on_epoch_end(self, epoch, logs=None):
        rate = self.rates[(epoch + 1) * self.journal.steps - 1] * self.journal.rate_factor
        row = self.first_columns(epoch) | {
            "learning_rate": float(rate),
            "train_loss": float(logs["cross_entropy"]),
            "train_accuracy": float(logs["accuracy"]),
        }
        if (watched := self.job.parts.watched) is not None:
            with self._evaluated_weights():
                logits = self.watched_logits(watched)
            row |= watched_figures(logits, watched)
        if self.journal.end_epoch(row) and self.job.config.early_stopping:
            with self._evaluated_weights():
                self.best = keras_net.weights(self.model)
        if self.job.config.schedule == "plateau":
            peak = self.peak(epoch)
            self.model.optimizer.learning_rate = peak * self.journal.rate_factor
        if self.job.checkpoint:
            self.keeper.keep(self.arrays(), self.journal.state())
        self.model.stop_training = self.journal.stop

    @contextlib.contextmanager
    def _evaluated_weights(self) -> Iterator[None]:
        """Within it the model has its averaged weights, where they are kept.

        The callback is called by hand: given to `predict` it swaps, but (Keras 3.15) not back.
        """
        if self.swap is None:
            yield
            return
        self.swap.set_model(self.model)
        self.swap.on_test_begin()
        try:
            yield
        finally:
            self.swap.on_test_end()

    def watched_logits(self, part: FaceDataset) -> np.ndarray:
        """Logits (n, K) of the watched part."""
        return predict(self.model, part.images, self.scaling)

    def peak(self, epoch: int) -> float:
        """The learning rate that "plateau" lowers."""
        return self.job.config.learning_rate

    def first_columns(self, epoch: int) -> dict:
        """What stands in the history before the figures."""
        return {}

    def arrays(self) -> dict[str, np.ndarray]:
        """Every array a resumed run needs; the states of dropout's seeds are variables too."""
        values = {f"model/{i}": v for i, v in enumerate(self.model.variables)}
        values |= {f"optimizer/{i}": v for i, v in enumerate(self.model.optimizer.variables)}
        arrays = {name: keras.ops.convert_to_numpy(value) for name, value in values.items()}
        return arrays | {f"best/{name}": value for name, value in self.best.items()}

    def resume(self) -> None:
        """Take over a checkpoint's arrays and journal."""
        saved = self.job.saved()
        if saved is None:
            return
        arrays, state = saved
        self.journal.restore(state)
        self.model.optimizer.build(self.model.trainable_variables)
        for kind, variables in (
            ("model", self.model.variables),
            ("optimizer", self.model.optimizer.variables),
        ):
            for index, variable in enumerate(variables):
                variable.assign(arrays[f"{kind}/{index}"])
        self.best = below(arrays, "best/")


def compile_model(
    model: keras.Model,
    config: TrainConfig,
    rates: np.ndarray,
    labels: np.ndarray,
    *,
    subclass: Callable[[type], type] = lambda kind: kind,
) -> None:
    """Give the model its loss, optimizer and metrics; `labels` int (N,) of the training part.
    `subclass` may change the class of the optimizer."""
    if config.weight_decay and not config.decoupled:
        for variable in model.trainable_variables:
            own = variable.regularizer.l2 if variable.regularizer else 0.0
            variable.regularizer = keras.regularizers.L2(own + config.weight_decay / 2)
    offset = targets.logit_offset(labels, model.output_shape[-1], config)
    lessons = (config.teachers_share, config.teachers_temperature)
    loss = keras_loss.losses(offset, config.focal_gamma, *lessons)
    model.compile(
        optimizer=in_keras.of_config(config, rates, subclass),
        loss=loss,
        metrics=[
            keras.metrics.MeanMetricWrapper(keras_loss.accuracy, name="accuracy"),
            keras.metrics.MeanMetricWrapper(loss, name="cross_entropy"),
        ],
    )
