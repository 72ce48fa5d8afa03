"""`fit` and `run_job`: from a network, a configuration and data to a `Run`, in either framework."""

from __future__ import annotations

import time
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

import numpy as np

from fer_utils.data.dataset import TEST_SPLITS, FaceDataset
from fer_utils.experiments.config import TrainConfig, split_of
from fer_utils.experiments.environment import hardware, versions
from fer_utils.experiments.experiment import Experiment
from fer_utils.metrics import classification
from fer_utils.metrics.classification import Metrics
from fer_utils.models.pretrained import PretrainedSpec
from fer_utils.models.spec import NetSpec
from fer_utils.records import run_record
from fer_utils.records.run_record import FRAMEWORKS, Predictions, RunRecord
from fer_utils.training import batches
from fer_utils.training.job import Fitted, Job


@dataclass(frozen=True)
class Run:
    """A record, the true labels it is scored against, and the weights as far as they are at hand.

    `weights` are framework-neutral (see `models.parity`). In the recorded profile they are what
    the repository keeps of them, often nothing.
    """

    record: RunRecord
    labels: dict[str, np.ndarray]  # of each evaluated split, int64 (n,)
    weights: dict[str, np.ndarray]

    def metrics(self, split: str = "private_test") -> Metrics:
        """All figures on one evaluated split, or on "test", PublicTest and PrivateTest together."""
        return classification.summary(*self.read(split), classes=self.record.classes)

    def read(self, split: str = "private_test") -> tuple[np.ndarray, np.ndarray, np.ndarray | None]:
        """Labels and predictions int64 (n,) of a split, and probabilities float32 (n, classes) or
        None where not kept; of "test" PublicTest's, then PrivateTest's."""
        names = TEST_SPLITS if split == "test" else (split,)
        made = [self.record.predictions[name] for name in names]
        probabilities = [one.probabilities for one in made]
        known = all(one is not None for one in probabilities)
        return (
            np.concatenate([self.labels[name] for name in names]),
            np.concatenate([one.labels for one in made]).astype(np.int64),
            np.concatenate(probabilities) if known else None,
        )


def fit(
    spec: NetSpec,
    config: TrainConfig,
    dataset: FaceDataset,
    *,
    framework: str = "torch",
    progress: bool = True,
) -> Fitted:
    """Train any network on any data set and keep nothing: for experiments of your own.

    The result has `history`, `weights` and, of each split in `config.evaluate_on`, `logits`.
    """
    parts = batches.parts_of(dataset, config)
    job = Job(spec, config, parts, framework, dataset.fingerprint, progress=progress)
    return loop_of(framework, spec)(job)


def run_job(job: Job, experiment: Experiment, profile: str) -> Run:
    """Train a job in its framework and make the record of it."""
    run_record.package_hash()  # of the code as it is now, kept for the record
    started = time.perf_counter()
    fitted = loop_of(job.framework, job.spec)(job)
    seconds = time.perf_counter() - started
    return Run(_record(job, experiment, profile, fitted, seconds), labels_of(job), fitted.weights)


def labels_of(job: Job) -> dict[str, np.ndarray]:
    """The true labels of every evaluated split and of each of its views."""
    return {name: job.parts.evaluated[split_of(name)].labels for name in job.readings}


def loop_of(framework: str, spec: NetSpec | PretrainedSpec | None = None):
    """The training loop of a framework, imported only when used; pre-trained networks have their
    own. ValueError for one of those in PyTorch, and for an unknown framework."""
    if framework not in FRAMEWORKS:
        raise ValueError(f"framework={framework!r}: expected one of {', '.join(FRAMEWORKS)}")
    if isinstance(spec, PretrainedSpec):
        if framework != "keras":
            raise ValueError(f"{spec.name} is pre-trained: it trains in keras, not in {framework}")
        from fer_utils.training.staged import fit
    elif framework == "torch":
        from fer_utils.training.torch_loop import fit
    else:
        from fer_utils.training.keras_loop import fit
    return fit


def _record(
    job: Job, experiment: Experiment, profile: str, fitted: Fitted, seconds: float
) -> RunRecord:
    """What was done and what came out."""
    config, train = job.config, job.parts.train
    trained = sum(row["seconds"] for row in fitted.history)
    slices = batches.batch_slices(len(train), config.batch_size, config.drop_last)
    kept = {name: experiment.keeps(name, job.framework, config.seed) for name in fitted.logits}
    predictions = {
        name: Predictions.from_logits(logits, keep=kept[name])
        for name, logits in fitted.logits.items()
    }
    return RunRecord(
        experiment=experiment.name,
        framework=job.framework,
        seed=config.seed,
        versions=versions(job.framework),
        spec=job.spec.to_dict(),
        config=config.to_dict(),
        classes=experiment.classes,
        profile=profile,
        dataset=train.name,
        fingerprint=job.fingerprint,
        package_hash=run_record.package_hash(),
        hardware=hardware(job.framework),
        seconds=round(max(seconds, trained), 1),
        images_per_second=round(len(fitted.history) * slices[-1].stop / trained, 1),
        history=fitted.history,
        predictions=predictions,
        finished=datetime.now(UTC).isoformat(timespec="seconds"),
    )


def job_of(
    experiment: Experiment,
    config: TrainConfig,
    dataset: FaceDataset,
    framework: str,
    progress: bool,
    fingerprint: str | None = None,
    path: Path | None = None,
) -> Job:
    """A job for a dataset that holds the experiment's classes only."""
    return Job(
        spec=experiment.spec,
        config=config,
        parts=batches.parts_of(dataset, config),
        framework=framework,
        fingerprint=fingerprint or dataset.fingerprint,
        checkpoint=path,
        progress=progress,
    )
