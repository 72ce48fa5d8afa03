"""Stratified k-fold cross validation: every picture of Training is scored once, by a network that
has not seen it.

PublicTest and PrivateTest are never read. Folds are fixed (`data.splits.stratified_folds`), so two
configurations are compared on the same ones.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace

import numpy as np

from fer_utils.data import splits
from fer_utils.data.dataset import FaceDataset
from fer_utils.experiments.config import TrainConfig
from fer_utils.metrics.classification import wilson_interval
from fer_utils.models.spec import NetSpec
from fer_utils.training.batches import Parts, parts_of, with_rare_copies
from fer_utils.training.job import Job
from fer_utils.training.runs import loop_of


@dataclass(frozen=True)
class CrossValidation:
    """What k folds gave. `mean` weighs every fold alike; the interval is of all pictures."""

    accuracies: tuple[float, ...]  # one a fold
    sizes: tuple[int, ...]  # pictures of each fold

    @property
    def mean(self) -> float:
        """Mean accuracy over the folds."""
        return float(np.mean(self.accuracies))

    @property
    def deviation(self) -> float:
        """Standard deviation of an accuracy between folds (n - 1)."""
        return float(np.std(self.accuracies, ddof=1))

    @property
    def interval(self) -> tuple[float, float]:
        """95% Wilson interval of the accuracy over all n pictures. It does not know that folds
        share training pictures: differences between two networks need the same folds."""
        rights = [a * n for a, n in zip(self.accuracies, self.sizes, strict=True)]
        return wilson_interval(round(sum(rights)), sum(self.sizes))


def cross_validate(
    spec: NetSpec,
    config: TrainConfig,
    dataset: FaceDataset,
    folds: int = 5,
    framework: str = "torch",
    *,
    progress: bool = True,
    after_fold: Callable[[int, float], None] | None = None,
) -> CrossValidation:
    """Train `folds` networks, each on all folds but one, and score each on the one it lacks.

    `config.train_on` says which pictures are dealt into folds: "all" of Training, "nine_tenths", or
    the fixed "ten_thousand". `after_fold` gets the fold's number from 0 and its accuracy, and may
    raise to end it. Raises ValueError for early stopping and "plateau", which would choose on the
    fold that scores, and for teachers, which have learned from it.
    """
    if config.early_stopping or config.schedule == "plateau":
        raise ValueError(
            "cross validation reads a fold once: early stopping and schedule='plateau' would "
            "choose on it; use early_stopping=0 and another schedule"
        )
    if config.teachers:
        raise ValueError(
            f"cross validation: {', '.join(config.teachers)} learned from the folds that score; "
            "use teachers=() and teachers_share=0"
        )
    pool = parts_of(dataset, replace(config, evaluate_on=(), rare_copies=0)).train
    fold_of = splits.stratified_folds(pool.labels, folds)
    accuracies = []
    for fold in range(folds):
        held = pool.take(np.flatnonzero(fold_of == fold))
        rest = with_rare_copies(pool.take(np.flatnonzero(fold_of != fold)), config)
        parts = Parts(train=rest, watched=None, evaluated={"fold": held})
        job = Job(spec, config, parts, framework, dataset.fingerprint, progress=progress)
        logits = loop_of(framework, spec)(job).logits["fold"]
        accuracies.append(float((logits.argmax(axis=1) == held.labels).mean()))
        if after_fold:
            after_fold(fold, accuracies[-1])
    return CrossValidation(tuple(accuracies), tuple(np.bincount(fold_of).tolist()))
