"""A whole run on FER2013, made once: the full profile of an experiment, and its record."""

from __future__ import annotations

from pathlib import Path

from fer_utils.data.dataset import FaceDataset
from fer_utils.experiments.config import TrainConfig
from fer_utils.experiments.environment import computes_on_gpu
from fer_utils.experiments.experiment import Experiment
from fer_utils.paths import cache_dir
from fer_utils.records import run_record
from fer_utils.records.run_record import RunRecord
from fer_utils.training import checkpoint
from fer_utils.training.job import Job
from fer_utils.training.kept_weights import (
    arrays_path,
    cached_path,
    excerpt,
    load,
    shipped_path,
    ships,
)
from fer_utils.training.runs import Run, job_of, labels_of, run_job


def full(
    experiment: Experiment, dataset: FaceDataset, framework: str, seed: int, progress: bool = True
) -> Run:
    """The whole run on FER2013: `kept`, or trained and kept. It goes on from a checkpoint.

    Raises ValueError when the data are not the folder copy of FER2013.
    """
    if (made := kept(experiment, dataset, framework, seed)) is not None:
        return made
    job = _job(experiment, dataset, framework, seed, progress)
    run = run_job(job, experiment, "full")
    run.record.save(force=True)
    if ships(experiment, framework, seed):
        shipped = shipped_path(experiment, framework, seed)
        checkpoint.save_weights(shipped, excerpt(run.weights, experiment.ship), key=job.key)
    # last: it says "all is kept"
    checkpoint.save_weights(cached_path(experiment, framework, seed), run.weights, key=job.key)
    _checkpoint(experiment, framework, seed).unlink(missing_ok=True)
    return run


def kept(experiment: Experiment, dataset: FaceDataset, framework: str, seed: int) -> Run | None:
    """The run that this machine does not make again; None where it has to train.

    One machine makes a run once: where its record is current and its weights are in the cache, it
    is that. And the record of a GPU's whole run stays where this machine would train a shorter one;
    of its weights there is what the repository keeps. Raises as `full` does.
    """
    check_is_folder_copy(dataset)
    record = current_record(experiment, framework, seed, dataset.fingerprint)
    if record is None:
        return None
    job = _job(experiment, dataset, framework, seed, progress=False)
    shipped = shipped_path(experiment, framework, seed)
    if _is_longer(record, experiment, job.config):
        print(
            f"kept: {record.experiment}/{record.file_name} is a whole run; this machine would put "
            f"one of {job.config.epochs} epochs in its place. Delete it to train here"
        )
        return Run(record, labels_of(job), load(shipped))
    weights = checkpoint.load_weights(cached_path(experiment, framework, seed), job.key)
    if not weights:
        return None
    if ships(experiment, framework, seed) and not shipped.is_file():
        checkpoint.save_weights(shipped, excerpt(weights, experiment.ship), key=job.key)
    # of a run that was killed before it could
    _checkpoint(experiment, framework, seed).unlink(missing_ok=True)
    return Run(record, labels_of(job), weights)


def _job(
    experiment: Experiment, dataset: FaceDataset, framework: str, seed: int, progress: bool
) -> Job:
    """What this machine trains, with the checkpoint that it goes on from."""
    return job_of(
        experiment,
        experiment.config_here(framework).with_seed(seed),
        dataset.with_classes(experiment.classes),
        framework,
        progress,
        dataset.fingerprint,
        _checkpoint(experiment, framework, seed),
    )


def _checkpoint(experiment: Experiment, framework: str, seed: int) -> Path:
    return arrays_path(cache_dir() / "checkpoints", experiment, framework, seed)


def check_is_folder_copy(dataset: FaceDataset) -> None:
    """Raise ValueError when the data are not the folder copy of FER2013, which records need."""
    if dataset.name != "fer2013":
        raise ValueError(
            f"a full run needs the image-folder copy of FER2013, got {dataset.name}; get it with "
            "`python -m fer_utils data fetch fer2013`, or name its folder in FER2013_DIR"
        )


def current_record(
    experiment: Experiment, framework: str, seed: int, fingerprint: str
) -> RunRecord | None:
    """The record of a run; None where there is none, a stale or damaged one, or where a GPU is at
    hand and the record is of the shorter configuration for a CPU."""
    try:
        record = run_record.find(experiment.name, framework, seed)
        if record is not None:
            gpu = computes_on_gpu(framework)
            run_record.check_current(record, experiment, fingerprint, gpu)
    except (run_record.RecordError, run_record.StaleRecord):
        return None
    return record


def _is_longer(record: RunRecord, experiment: Experiment, config: TrainConfig) -> bool:
    """Whether a current record is of the whole configuration, and `config` of that for a CPU."""
    whole = experiment.config.with_seed(record.seed)
    return config != whole and not run_record.made_on_cpu(record, experiment)
