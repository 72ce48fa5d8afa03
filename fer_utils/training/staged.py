"""The loop of pre-trained networks: first the head alone, then more and more of the backbone.

Keras, on any backend. What does not learn in a stage works as if no training were going on; the
network is cut behind it. Without augmentation what comes out at the cut is the same in every epoch,
so it is computed once and kept in memory, up to `MOST_BYTES`; otherwise batch by batch. Only what
lies behind the cut goes through the optimizer.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import keras
import numpy as np

from fer_utils.data.dataset import FaceDataset
from fer_utils.experiments.stages import Stage
from fer_utils.models import pretrained_net
from fer_utils.models.pretrained import PretrainedSpec
from fer_utils.optimizers.slowed import slowed
from fer_utils.training import batches, keras_loop, keras_stream
from fer_utils.training.batches import Scaling
from fer_utils.training.checkpoint import below
from fer_utils.training.job import Fitted, Job, read_all, refuse_torch_only
from fer_utils.training.journal import Journal

BATCH = 128  # pictures of a batch that is only read
MOST_BYTES = 2**32  # of features kept in memory


def fit(job: Job) -> Fitted:
    """Train a `PretrainedSpec` as `job` says, going on from its checkpoint when one is there.

    Raises ValueError for a configuration that does not fit, TrainingDiverged when the loss stops
    being finite, and what `imagenet_weights.fetch` raises.
    """
    config, train = job.config, job.parts.train
    refuse_torch_only(config)
    stages = stages_of(job)
    model = pretrained_net.build(job.spec, config.seed, config.precision)
    scaling = batches.scaling_of(train.images, config)
    steps = len(batches.batch_slices(len(train), config.batch_size, config.drop_last))
    journal = Journal(config, steps, job.label, job.progress, job.on_epoch)
    watcher = _StageWatcher(job, journal, scaling, model, stages)
    try:
        watcher.resume()
        for index in range(len(stages)):
            if len(journal.history) < watcher.ends[index]:
                _run_stage(watcher, index)
    finally:
        watcher.keeper.flush()
        journal.close()
    logits = read_all(job, lambda images: predict(model, images, scaling))
    return Fitted(pretrained_net.weights(model), journal.history, logits, scaling)


def stages_of(job: Job) -> tuple[Stage, ...]:
    """The stages of a job; without any, one in which all learns that the network lets learn.

    Raises ValueError where a frozen backbone is to learn, or the scaling is not "pixels".
    """
    spec, config = job.spec, job.config
    if config.scaling != "pixels":
        raise ValueError(
            f"{spec.name} scales its pixels itself: use scaling='pixels', not {config.scaling!r}"
        )
    for name in ("early_stopping", "ema", "teachers", "recalibrate"):
        if getattr(config, name):
            raise ValueError(f"{spec.name} is pre-trained: its loop has no {name}")
    if config.optimizer == "muon":
        raise ValueError(
            f"{spec.name} is pre-trained: the layers that a stage trains change, and 'muon' "
            "would take the first of them for the network's first; use 'adamw'"
        )
    if config.weight_decay and not config.decoupled:
        raise ValueError(
            f"{spec.name} is pre-trained: its loop has weight_decay for 'adamw' alone, "
            f"not for {config.optimizer!r}"
        )
    if not config.stages:
        return (Stage(config.epochs, config.learning_rate, 0 if spec.frozen else None),)
    if spec.frozen and any(stage.unfrozen != 0 for stage in config.stages):
        raise ValueError(f"the backbone of {spec.name} is frozen, but a stage unfreezes layers")
    return config.stages


def learning_parameters(spec: PretrainedSpec, stages: Sequence[Stage]) -> int:
    """How many parameters learn in the last of `stages`; without any, those the network lets learn.

    Counted on the network with random weights: nothing is downloaded.
    """
    model = pretrained_net.build(spec.without_weights())
    if stages:
        pretrained_net.learn(model, stages[-1].unfrozen, stages[-1].batch_norm)
    return pretrained_net.trainable_parameters(model)


def predict(model: keras.Model, images: np.ndarray, scaling: Scaling) -> np.ndarray:
    """Logits or features of uint8 images (n, H, W), float32 (n, ...)."""
    made = keras_loop.predict(model, images, scaling, BATCH)
    return np.asarray(made, np.float32)


def _run_stage(watcher: _StageWatcher, index: int) -> None:
    """The epochs of a stage that are not in the history yet."""
    job, stage, done = watcher.job, watcher.stages[index], len(watcher.journal.history)
    config, train = job.config, job.parts.train
    pretrained_net.learn(watcher.whole, stage.unfrozen, stage.batch_norm)
    front, rest = pretrained_net.split(watcher.whole)
    begins = watcher.ends[index] - stage.epochs
    if done == begins:
        watcher.journal.begin_stage()
    body = [v for one in pretrained_net.backbone_layers(rest) for v in one.trainable_variables]
    steps = watcher.journal.steps
    rates = watcher.rates[begins * steps : watcher.ends[index] * steps]
    keras_loop.compile_model(
        rest,
        config,
        rates,
        train.labels,
        subclass=lambda kind: slowed(kind, body, stage.backbone_rate),
    )
    if keras.backend.backend() == "tensorflow":
        rest.jit_compile = False  # XLA halves the speed of convolutions on a CPU
    rest.optimizer.build(rest.trainable_variables)
    watcher.begin_stage(front, rest)
    features = watcher.kept(train)
    stream = keras_stream.stream(train, config, watcher.scaling, done, features)
    if front is not None and features is None:
        stream = _through(front, stream)
    rest.fit(
        stream,
        steps_per_epoch=steps,
        epochs=watcher.ends[index],
        initial_epoch=done,
        shuffle=False,
        callbacks=[watcher],
        verbose=0,
    )


def _through(front: keras.Model, stream: Iterator[tuple]) -> Iterator[tuple]:
    """The stream with the front's features in place of the images."""
    for x, *others in stream:
        yield np.asarray(front.predict_on_batch(x), np.float32), *others


class _StageWatcher(keras_loop.Watcher):
    """The watcher of the Keras loop for a network of which a part is trained."""

    def __init__(self, job: Job, journal: Journal, scaling: Scaling, whole: keras.Model, stages):
        super().__init__(job, journal, scaling)
        self.whole, self.stages = whole, stages
        self.ends = np.cumsum([stage.epochs for stage in stages]).tolist()
        self.front: keras.Model | None = None
        self.optimizer_state: dict[str, np.ndarray] = {}  # of a checkpoint, until a stage takes it
        self.features: dict[int, np.ndarray] = {}  # of a part, by its identity

    def begin_stage(self, front: keras.Model | None, rest: keras.Model) -> None:
        """Take the parts of a stage, and the optimizer's state where a checkpoint holds it."""
        self.front, self.features = front, {}
        self.set_model(rest)
        for name, value in self.optimizer_state.items():
            rest.optimizer.variables[int(name)].assign(value)
        self.optimizer_state = {}

    def kept(self, part: FaceDataset) -> np.ndarray | None:
        """The features of a part at the cut, (n, ...) float32, computed once a stage; None where
        nothing is cut off, pictures are augmented or mixed, or features take too much memory."""
        config = self.job.config
        if self.front is None or config.augment.to_dict() or config.mixup:
            return None
        if 4 * len(part) * int(np.prod(self.front.output_shape[1:])) > MOST_BYTES:
            return None
        if id(part) not in self.features:
            self.features[id(part)] = predict(self.front, part.images, self.scaling)
        return self.features[id(part)]

    def watched_logits(self, part: FaceDataset) -> np.ndarray:
        features = self.kept(part)
        if features is None:
            return predict(self.whole, part.images, self.scaling)
        return self.model.predict(features, batch_size=BATCH, verbose=0)

    def peak(self, epoch: int) -> float:
        return self.stages[self._stage(epoch)].learning_rate

    def first_columns(self, epoch: int) -> dict:
        return {"stage": self._stage(epoch) + 1}

    def _stage(self, epoch: int) -> int:
        """Index of the stage of an epoch (from 0)."""
        return int(np.searchsorted(self.ends, epoch, side="right"))

    def arrays(self) -> dict[str, np.ndarray]:
        """Every array a resumed run needs: weights, states of dropout's seeds, the optimizer."""
        arrays = {f"model/{key}": v for key, v in pretrained_net.weights(self.whole).items()}
        states = {f"seed/{i}": v for i, v in enumerate(self._seeds())}
        if len(self.journal.history) not in self.ends:  # the next stage starts with its own
            variables = self.model.optimizer.variables
            states |= {f"optimizer/{i}": v for i, v in enumerate(variables)}
        return arrays | {name: keras.ops.convert_to_numpy(v) for name, v in states.items()}

    def resume(self) -> None:
        """Take over a checkpoint's weights and journal, and keep its optimizer for its stage."""
        if (saved := self.job.saved()) is None:
            return
        arrays, state = saved
        self.journal.restore(state)
        pretrained_net.set_weights(self.whole, below(arrays, "model/"))
        for index, variable in enumerate(self._seeds()):
            variable.assign(arrays[f"seed/{index}"])
        self.optimizer_state = below(arrays, "optimizer/")

    def _seeds(self) -> list[keras.Variable]:
        """The states of all layers that draw at random."""
        generators = [getattr(layer, "seed_generator", None) for layer in self.whole.layers]
        return [generator.state for generator in generators if generator is not None]
