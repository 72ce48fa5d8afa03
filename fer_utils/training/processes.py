"""Full records made by several processes at once: fills a GPU that one small network leaves idle.

Each record gets a process of its own, the very call of `python -m fer_utils train` for it alone.
One that fails or dies takes no other with it, and gives its memory back. Every record is kept as
soon as its process ends; what a time limit stops keeps its checkpoint, as in one process.
"""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import IO

from fer_utils.data.dataset import FaceDataset
from fer_utils.training import full_run, recordings
from fer_utils.training.recordings import Planned, RecordOutcome, TimeIsUp

LOOK = 0.2  # seconds between two looks at the processes
GRACE = 8.0  # seconds that a process told to end has for its checkpoint

# of the Training split, roughly; 10,000 of 28,709
SHARE = {"all": 1.0, "nine_tenths": 0.9, "ten_thousand": 0.35}


def make(
    planned: Sequence[Planned],
    dataset: FaceDataset,
    workers: int,
    *,
    data_dir: str | None = None,
    minutes: float | None = None,
) -> Iterator[RecordOutcome]:
    """`recordings.make` with up to `workers` processes; outcomes come as they end.

    Of each seed the longest runs start first, so that none is left alone at the end; a student
    starts when no run of its teachers is left. `minutes` bounds each process, should this one be
    killed before it can end them. Raises ValueError when the data are not the folder copy of
    FER2013.
    """
    full_run.check_is_folder_copy(dataset)
    started, queue, running = time.monotonic(), longest_first(planned), []
    try:
        while queue or running:
            while len(running) < workers and (one := _ready(queue, running)):
                queue.remove(one)
                if _is_made(one, dataset.fingerprint):
                    yield RecordOutcome(one, "already made")
                    continue
                left = minutes and max(minutes - (time.monotonic() - started) / 60, 0.01)
                running.append(_Process(one, command(one, data_dir, left), workers))
            for process in [process for process in running if process.ended]:
                running.remove(process)
                yield process.outcome()
            time.sleep(LOOK)
    finally:
        _end(running)


def _ready(queue: Sequence[Planned], running: Sequence[_Process]) -> Planned | None:
    """The first in the queue none of whose teachers still waits or runs, None where all do."""
    open_ = {one.experiment.name for one in (*queue, *(process.planned for process in running))}
    return next((one for one in queue if not open_ & {*one.experiment.teachers}), None)


def _is_made(one: Planned, fingerprint: str) -> bool:
    """`recordings.is_made`; not where the framework cannot tell: its own process will say why, and
    the processes of the other framework go on."""
    try:
        return recordings.is_made(one, fingerprint)
    except (ImportError, RuntimeError):
        return False


def longest_first(planned: Sequence[Planned]) -> list[Planned]:
    """By seed, and of each seed the most steps of the optimizer first."""

    def steps(one: Planned) -> float:
        config = one.experiment.config
        return SHARE[config.train_on] * config.epochs / config.batch_size

    return sorted(planned, key=lambda one: (one.seed, -steps(one)))


def command(planned: Planned, data_dir: str | None, minutes: float | None) -> list[str]:
    """The call that makes one record."""
    words = [sys.executable, "-m", "fer_utils", "train", planned.experiment.name]
    words += ["--framework", planned.framework, "--seed", str(planned.seed)]
    words += ["--data-dir", data_dir] if data_dir else []
    return words + (["--minutes", f"{minutes:.3f}"] if minutes else [])


def environment(workers: int) -> dict[str, str]:
    """This process's environment for one of `workers`: its share of the CPU cores. What is set
    already stays."""
    share = str(max(1, (os.cpu_count() or 1) // workers))
    defaults = dict.fromkeys(("OMP_NUM_THREADS", "TF_NUM_INTRAOP_THREADS"), share)
    return defaults | dict(os.environ)


@dataclass
class _Process:
    """One record being made, and what its process says."""

    planned: Planned
    words: list[str]
    workers: int
    said: IO[bytes] = field(default_factory=tempfile.TemporaryFile)
    complained: IO[bytes] = field(default_factory=tempfile.TemporaryFile)

    def __post_init__(self) -> None:
        self.process = subprocess.Popen(
            self.words,
            stdin=subprocess.DEVNULL,
            stdout=self.said,
            stderr=self.complained,
            env=environment(self.workers),
        )

    @property
    def ended(self) -> bool:
        return self.process.poll() is not None

    def outcome(self) -> RecordOutcome:
        """How it ended. Raises TimeIsUp where its own limit ended it."""
        said, complained = (_lines(file) for file in (self.said, self.complained))
        if self.process.returncode == recordings.TIME_IS_UP:
            raise TimeIsUp
        _, known, text = next((x for x in reversed(said) if x), "").partition(f"{self.planned}: ")
        if self.process.returncode == 0 and known:
            return RecordOutcome(self.planned, text)
        why = next((line for line in reversed(complained) if line), "it said nothing")
        why = why.partition(f"{self.planned}: ")[2] or why
        code = self.process.returncode
        return RecordOutcome(self.planned, "failed", f"{why} (exit code {code} of its process)")


def _lines(file: IO[bytes]) -> list[str]:
    """The lines of a file that a process has written, which is closed."""
    with file:
        file.seek(0)
        return file.read().decode(errors="replace").splitlines()


def _end(running: list[_Process]) -> None:
    """Tell processes to end, give them time for a checkpoint, then end them."""
    for one in running:
        one.process.terminate()
    last = time.monotonic() + GRACE
    for one in running:
        try:
            one.process.wait(max(0.0, last - time.monotonic()))
        except subprocess.TimeoutExpired:
            one.process.kill()
            one.process.wait()
