"""Full records of named experiments, one after the other, without a notebook.

Seed 0 of every experiment comes before seed 1 of any: what a time limit cuts off is the further
seeds. Teachers come before that: all their seeds, then their students. A run that the limit stops
keeps its checkpoint, and the next call goes on from there.
"""

from __future__ import annotations

import signal
import threading
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from fnmatch import fnmatchcase

from fer_utils.data.dataset import FaceDataset
from fer_utils.experiments import EXPERIMENTS, get
from fer_utils.experiments.environment import computes_on_gpu
from fer_utils.experiments.experiment import Experiment
from fer_utils.records import run_record
from fer_utils.training import full_run, kept_weights

TIME_IS_UP = 3  # exit code of a call that a limit ended
ALL = "all"  # frameworks that an experiment is recorded in


class TimeIsUp(BaseException):
    """The time limit has passed, or the machine is wanted back.

    No Exception, like KeyboardInterrupt: nothing on the way may take it for a failure.
    """


@dataclass(frozen=True)
class Planned:
    """One record to make."""

    experiment: Experiment
    framework: str
    seed: int

    def __str__(self) -> str:
        return f"{self.experiment.name}, {self.framework}, seed {self.seed}"


@dataclass(frozen=True)
class RecordOutcome:
    """How one planned record ended; `error` is empty when the record is there."""

    planned: Planned
    text: str
    error: str = ""


def chosen(patterns: Sequence[str]) -> list[Experiment]:
    """The experiments whose names fit one of the patterns (`zagreb_*-7-ours`), in their order.

    Raises ValueError for a pattern that fits none.
    """
    for pattern in patterns:
        if not any(fnmatchcase(name, pattern) for name in EXPERIMENTS):
            get(pattern)  # raises, and suggests near names
    return [
        experiment
        for name, experiment in EXPERIMENTS.items()
        if any(fnmatchcase(name, pattern) for pattern in patterns)
    ]


def plan(
    experiments: Sequence[Experiment], framework: str = ALL, seeds: Sequence[int] = ()
) -> list[Planned]:
    """What to make, by seed, teachers first. No `seeds`: those of each experiment.

    Raises ValueError when none of the experiments is recorded in the framework.
    """
    found = [
        Planned(experiment, one, seed)
        for experiment in experiments
        for one in experiment.frameworks
        if framework in (ALL, one)
        for seed in (seeds or experiment.seeds)
    ]
    if not found:
        names = ", ".join(experiment.name for experiment in experiments)
        raise ValueError(f"none of these is recorded in {framework!r}: {names}")
    return sorted(found, key=lambda one: _turn(one, found))


def _turn(one: Planned, every: Sequence[Planned]) -> tuple[int, int]:
    """Seed, and steps from a network without a teacher; a student has at least the last turn of
    its planned teachers."""
    theirs = [_turn(p, every) for p in every if p.experiment.name in one.experiment.teachers]
    seeds, steps = zip(*theirs, strict=True) if theirs else ((-1,), (-1,))
    return max(one.seed, *seeds), 1 + max(steps)


def make(
    planned: Sequence[Planned], dataset: FaceDataset, progress: bool = False
) -> Iterator[RecordOutcome]:
    """Make each record that is not there, and tell how it went. A run that fails ends no other.

    Raises ValueError when the data are not the folder copy of FER2013.
    """
    full_run.check_is_folder_copy(dataset)
    for one in planned:
        if is_made(one, dataset.fingerprint):
            yield RecordOutcome(one, "already made")
            continue
        started = time.perf_counter()
        try:
            what = (one.experiment, dataset, one.framework, one.seed)
            kept = full_run.kept(*what)
            run = kept or full_run.full(*what, progress)
        except Exception as error:  # whatever a framework raises, of too little memory say
            yield RecordOutcome(one, "failed", f"{type(error).__name__}: {error}")
            continue
        if kept:  # but for a file of its weights, or a GPU's
            yield RecordOutcome(one, "already made")
            continue
        split = list(run.record.predictions)[-1]
        accuracy = f"{split} {run.metrics(split).accuracy:.1%}"
        seconds = time.perf_counter() - started
        yield RecordOutcome(one, f"{accuracy}, {len(run.record.history)} epochs, {seconds:.0f} s")


def state(experiment: Experiment, framework: str) -> str:
    """The seeds whose records exist, `0 1 2`, with `(stale)` or `(damaged)` behind one that is."""
    found = []
    for path in run_record.framework_files(None, experiment.name, framework):
        seed = path.stem.removeprefix(f"{framework}-seed")
        try:
            run_record.check_current(run_record.RunRecord.load(path), experiment)
        except run_record.StaleRecord:
            seed += " (stale)"
        except run_record.RecordError:
            seed += " (damaged)"
        found.append(seed)
    return " ".join(found) or "none"


@contextmanager
def time_limit(minutes: float | None) -> Iterator[None]:
    """Raise TimeIsUp inside when the minutes are over, or when the process is told to end (TERM).

    It is raised once: what a run still does about it, such as writing a checkpoint, is not
    interrupted. Where there are no alarms (Windows, or outside the main thread) nothing is raised.
    """
    if not hasattr(signal, "setitimer") or threading.current_thread() != threading.main_thread():
        yield
        return

    def stop(*_) -> None:
        signal.setitimer(signal.ITIMER_REAL, 0)
        for number in before:
            signal.signal(number, signal.SIG_IGN)
        raise TimeIsUp

    before = {number: signal.signal(number, stop) for number in (signal.SIGALRM, signal.SIGTERM)}
    if minutes is not None:
        signal.setitimer(signal.ITIMER_REAL, max(60 * minutes, 1e-3))
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)
        for number, handler in before.items():
            signal.signal(number, handler)


def is_made(planned: Planned, fingerprint: str) -> bool:
    """Whether the record is there and current, with the weights that belong in the repository, and
    those that an experiment still to be made wants to learn from."""
    experiment, framework, seed = planned.experiment, planned.framework, planned.seed
    if full_run.current_record(experiment, framework, seed, fingerprint) is None:
        return False
    if framework == "torch" and _is_awaited(experiment, fingerprint):
        from fer_utils.training import distillation  # with PyTorch; a list of records needs none

        config = experiment.config_here().with_seed(seed)
        if not distillation.weights_of(experiment, config, fingerprint):
            return False
    shipped = kept_weights.shipped_path(experiment, framework, seed)
    return not kept_weights.ships(experiment, framework, seed) or shipped.is_file()


def _is_awaited(teacher: Experiment, fingerprint: str) -> bool:
    """Whether an experiment that lacks a current record of one of its seeds names this teacher."""
    gpu = computes_on_gpu()
    return any(
        teacher.name in one.config_on(gpu).teachers
        and any(
            full_run.current_record(one, "torch", seed, fingerprint) is None for seed in one.seeds
        )
        for one in EXPERIMENTS.values()
    )
