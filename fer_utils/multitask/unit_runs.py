"""Runs of `experiments.action_units` in the three profiles, as `profiles` has it for FER2013.

"recorded" looks the record up, "smoke" trains an epoch on a few hundred faces and keeps nothing,
"full" trains as written and keeps the record.
"""

from __future__ import annotations

import time
from collections.abc import Iterable
from dataclasses import replace
from functools import lru_cache
from pathlib import Path

import numpy as np

from fer_utils.data import fer2013
from fer_utils.data.dataset import FaceDataset
from fer_utils.data.unit_faces import TESTED
from fer_utils.experiments.action_units import UnitExperiment
from fer_utils.experiments.environment import hardware, versions
from fer_utils.multitask import joint
from fer_utils.records import unit_record
from fer_utils.records.run_record import StaleRecord
from fer_utils.records.unit_record import UnitRecord
from fer_utils.training.full_run import check_is_folder_copy
from fer_utils.training.job import Fitted
from fer_utils.training.profiles import PROFILES

SMOKE_PICTURES = 360


def run(
    experiment: UnitExperiment,
    seed: int = 0,
    profile: str = "recorded",
    data_dir: str | Path | None = None,
    progress: bool = True,
) -> UnitRecord | None:
    """The run of an experiment as the profile says; None where it is not recorded.

    `data_dir` is the folder of CK+, or of FER2013, for experiments that need one.

    In "full" a run that is recorded already is not made again, unless its record is stale or
    damaged. Raises ValueError for an unknown profile, and in "full" for another copy of FER2013
    than the image folder; FileNotFoundError where data are missing; and in "recorded" `StaleRecord`
    for a record of other settings, ValueError for a damaged one.
    """
    if profile not in PROFILES:
        raise ValueError(f"profile={profile!r}: expected one of {', '.join(PROFILES)}")
    if profile == "recorded":
        return unit_record.find(experiment, seed)
    if profile == "full" and (found := _whole(experiment, seed)) is not None:
        return found
    if profile == "full" and "fer2013" in experiment.faces.source:
        check_is_folder_copy(fer2013.load(data_dir))
    if profile == "smoke":
        experiment = smaller(experiment)
    data, fitted, seconds = _fit(experiment, seed, data_dir, progress)
    made = record_of(experiment, seed, profile, data, fitted, seconds)
    if profile == "full":
        made.save()
    return made


def _whole(experiment: UnitExperiment, seed: int) -> UnitRecord | None:
    """The record where it is there, current and undamaged: any other is made again."""
    try:
        return unit_record.find(experiment, seed)
    except (ValueError, StaleRecord):
        return None


@lru_cache(maxsize=2)  # this run and the one it begins with, which others may begin with too
def _fit(
    experiment: UnitExperiment, seed: int, data_dir: str | Path | None, progress: bool
) -> tuple[FaceDataset, Fitted, float]:
    """Train one run, after the run whose weights it begins with; its own seconds."""
    initial = None
    if experiment.start is not None:
        initial = _fit(experiment.start, seed, data_dir, progress)[1].weights
    started = time.perf_counter()
    data = experiment.faces.load(data_dir)
    config = replace(experiment.config, seed=seed, evaluate_on=(TESTED,))
    fitted = joint.fit(
        experiment.spec(), config, data, experiment.tasks, initial=initial, progress=progress
    )
    return data, fitted, time.perf_counter() - started


def run_all(
    experiments: Iterable[UnitExperiment],
    seed: int = 0,
    profile: str = "recorded",
    data_dir: str | Path | None = None,
    progress: bool = True,
) -> dict[str, list[UnitRecord]]:
    """Runs by experiment, those of all seeds when recorded; an experiment without one is left out.

    In "full" only those that have this seed are run.
    """
    made = {}
    for experiment in experiments:
        if profile == "recorded":
            seeds = experiment.seeds
        elif profile == "smoke" or seed in experiment.seeds:
            seeds = (seed,)
        else:
            seeds = ()
        runs = [run(experiment, one, profile, data_dir, progress) for one in seeds]
        if runs := [one for one in runs if one is not None]:
            made[experiment.name] = runs
    return made


def smaller(experiment: UnitExperiment) -> UnitExperiment:
    """The experiment cut down to a few hundred faces and one epoch."""
    faces = experiment.faces
    few = None if faces.train is None else min(faces.train, SMOKE_PICTURES // 2)
    pictures = min(faces.pictures, SMOKE_PICTURES)
    return replace(
        experiment,
        faces=replace(faces, pictures=pictures, train=few),
        config=replace(experiment.config, epochs=1),
        start=smaller(experiment.start) if experiment.start else None,
    )


def record_of(
    experiment: UnitExperiment,
    seed: int,
    profile: str,
    data: FaceDataset,
    fitted: Fitted,
    seconds: float,
) -> UnitRecord:
    """What was done and what came out, on the test part of `data`."""
    test, spec = data.part(TESTED), experiment.spec()
    emotions, units = spec.split(fitted.logits[TESTED])
    codes = codes_of(units)
    if not (experiment.tasks.action_units and test.action_units.any()):
        codes = np.zeros_like(codes)  # not learned, or nobody knows what is true
    return UnitRecord(
        experiment=experiment.name,
        seed=seed,
        settings=experiment.settings(),
        profile=profile,
        data=data.name,
        emotions=spec.emotions,
        unit_names=data.action_unit_names,
        train_pictures=len(data.part("train")),
        hardware=hardware(),
        versions=versions("torch"),
        seconds=round(seconds, 1),
        history=fitted.history,
        labels=test.labels.astype(np.uint8),
        units=test.action_units,
        subject=test.subject.astype(np.uint16),
        emotion=emotions.argmax(1).astype(np.uint8),
        scores=codes if experiment.scores else np.where(codes >= 128, 255, 0).astype(np.uint8),
        with_scores=experiment.scores,
    )


def codes_of(logits: np.ndarray) -> np.ndarray:
    """Logits of action units as codes floor(256 p), uint8: 128 and above where p >= 1/2."""
    probability = 1 / (1 + np.exp(-np.clip(logits.astype(np.float64), -60, 60)))
    return np.minimum(probability * 256, 255).astype(np.uint8)
