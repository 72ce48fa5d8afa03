"""One trial of a search: settings in, score out. The same on this machine and on a Ray cluster."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace

from fer_utils.data.dataset import FaceDataset
from fer_utils.experiments.config import TrainConfig
from fer_utils.experiments.environment import hardware
from fer_utils.experiments.recipes import SHARED_BUDGET
from fer_utils.models.spec import NetSpec
from fer_utils.search.cross_validation import cross_validate
from fer_utils.search.space import apply
from fer_utils.training import batches
from fer_utils.training.job import Job
from fer_utils.training.journal import TrainingDiverged
from fer_utils.training.runs import loop_of

# Gets the step from 1 and the accuracy so far; True ends the trial. A step is an epoch, or a fold.
Report = Callable[[int, float], bool]


class Hopeless(Exception):
    """Ends a trial that the search has given up."""


@dataclass(frozen=True)
class Problem:
    """What all trials of a search share."""

    spec: NetSpec
    config: TrainConfig  # a trial's settings replace its own
    dataset: FaceDataset
    framework: str = "torch"
    folds: int = 0  # 0: scored on the validation tenth; k: mean of a k-fold cross validation

    @property
    def scored(self) -> int:
        """Number of pictures that a score is of: of the validation tenth, or of all folds."""
        parts = batches.parts_of(self.dataset, replace(self.config, rare_copies=0))
        return len(parts.train if self.folds else parts.watched)

    @property
    def steps(self) -> int:
        """How often a trial reports: after every epoch, or after every fold."""
        return self.folds or self.config.epochs


@dataclass(frozen=True)
class TrialOutcome:
    """How a trial ended."""

    state: str  # "complete", "pruned" or "failed"
    score: float | None  # accuracy of the trained network, or mean of folds; None unless complete
    epochs: int  # trained, over all folds
    seconds: float
    hardware: str = ""
    why: str = ""  # it diverged or failed


def budget(
    config: TrainConfig,
    epochs: int = SHARED_BUDGET.epochs,
    train_on: str = SHARED_BUDGET.train_on,
) -> TrainConfig:
    """The configuration of a search: a fixed length, scored on the validation tenth alone.

    A recipe that watches the validation tenth ("plateau", early stopping) loses that, and one with
    teachers loses them: they have learned from the tenth that scores. Views go too: no score is of
    them. Raises ValueError for a recipe with stages.
    """
    if config.stages:
        raise ValueError("a search has no stages: choose an experiment that trains in one go")
    schedule = "constant" if config.schedule == "plateau" else config.schedule
    return replace(
        config,
        epochs=epochs,
        schedule=schedule,
        early_stopping=0,
        train_on=train_on,
        evaluate_on=("validation",),
        views=(),
        teachers=(),
        teachers_share=0.0,
        teachers_temperature=1.0,
    )


def run_trial(problem: Problem, settings: Mapping, report: Report) -> TrialOutcome:
    """Train and score one trial. A loss that is no longer a number is a pruned trial: the search
    has learnt to stay away. Other errors of the training are raised."""
    spec, config = apply(problem.spec, problem.config, settings)
    epochs, mean, why = 0, 0.0, ""
    started = time.perf_counter()

    def after(step: int, accuracy: float) -> None:
        if report(step, accuracy) and step < problem.steps:
            raise Hopeless

    def after_epoch(row: dict) -> None:
        nonlocal epochs
        epochs = row["epoch"]
        after(epochs, row["validation_accuracy"])

    def after_fold(fold: int, accuracy: float) -> None:
        nonlocal epochs, mean
        epochs += config.epochs
        mean = (mean * fold + accuracy) / (fold + 1)
        after(fold + 1, mean)

    state, score = "complete", None
    try:
        if problem.folds:
            arguments = (spec, config, problem.dataset, problem.folds, problem.framework)
            cross_validate(*arguments, progress=False, after_fold=after_fold)
            score = mean
        else:
            score = _train(problem, spec, config, after_epoch)
    except Hopeless:
        state = "pruned"
    except TrainingDiverged as error:
        state, why = "pruned", f"diverged: {error}"
    seconds = time.perf_counter() - started
    return TrialOutcome(state, score, epochs, seconds, hardware(problem.framework), why)


def _train(
    problem: Problem, spec: NetSpec, config: TrainConfig, on_epoch: Callable[[dict], None]
) -> float:
    """Train once, watching the validation tenth, and return the accuracy on it of the network that
    comes out: with `recalibrate` that is another one than after the last epoch."""
    whole = batches.parts_of(problem.dataset, config)
    parts = replace(whole, evaluated={"validation": whole.watched})
    job = Job(
        spec,
        config,
        parts,
        problem.framework,
        problem.dataset.fingerprint,
        progress=False,
        on_epoch=on_epoch,
    )
    logits = loop_of(problem.framework, spec)(job).logits["validation"]
    return float((logits.argmax(axis=1) == whole.watched.labels).mean())
