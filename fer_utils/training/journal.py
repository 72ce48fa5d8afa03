"""`Journal`: what both loops do between epochs.

It keeps the history, moves the progress bar, stops a run whose loss is no longer a number, and
applies the rules of "plateau" and early stopping.
"""

from __future__ import annotations

import itertools
import math
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict

from tqdm.auto import tqdm

from fer_utils.experiments.config import TrainConfig
from fer_utils.optimizers.schedules import Patience


class TrainingDiverged(RuntimeError):
    """The training loss became infinite or not a number."""


class Journal:
    """History and stopping rules of one run.

    `history` has a row an epoch: epoch (from 1), learning_rate (of its last step), train_loss,
    train_accuracy (running, in training mode), seconds, and where a validation part is watched
    validation_loss and validation_accuracy. Losses are in nats, means over images, not batches.
    """

    def __init__(
        self,
        config: TrainConfig,
        steps: int,
        label: str,
        progress: bool = True,
        on_epoch: Callable[[dict], None] | None = None,
    ):
        self.config = config
        self.on_epoch = on_epoch
        self.history: list[dict] = []
        self.rate_factor = 1.0  # lowered by "plateau"
        accuracy = config.monitor == "validation_accuracy"
        self.plateau = Patience(accuracy)
        self.stopping = Patience(accuracy)
        self.bar = tqdm(total=config.epochs * steps, desc=label, unit="batch", disable=not progress)
        self.steps = steps
        self.started = time.perf_counter()

    def begin_epoch(self) -> None:
        """Start the epoch's clock."""
        self.started = time.perf_counter()

    def end_epoch(self, row: dict) -> bool:
        """Record an epoch; True when its weights are the best watched so far.

        Raises TrainingDiverged, naming the epoch and the cure, when the loss is not finite. What
        `on_epoch` raises goes through the loop, which closes the bar and ends the run.
        """
        epoch = len(self.history) + 1
        if not math.isfinite(row["train_loss"]):
            raise TrainingDiverged(
                f"the training loss is {row['train_loss']} in epoch {epoch} of "
                f"{self.config.epochs}: lower learning_rate={self.config.learning_rate:g}, or use "
                "precision='float32' and schedule='one_cycle' for a warm-up"
            )
        seconds = time.perf_counter() - self.started
        row = {"epoch": epoch, **row, "seconds": seconds}
        self.history.append({name: _six_digits(value) for name, value in row.items()})
        shown = row.get("validation_accuracy", row["train_accuracy"])
        kind = "validation" if "validation_accuracy" in row else "train"
        self.bar.set_postfix_str(f"loss {row['train_loss']:.3f}, {kind} accuracy {shown:.1%}")
        best = self._watch(row)
        if self.on_epoch:
            self.on_epoch(self.history[-1])
        return best

    def _watch(self, row: dict) -> bool:
        """Apply the rules of "plateau" and early stopping to the watched figure."""
        if self.config.monitor not in row:
            return False
        figure = row[self.config.monitor]
        if self.config.schedule == "plateau":
            self.plateau.improved(figure)
            if self.plateau.waited >= self.config.patience:
                self.rate_factor *= self.config.factor
                self.plateau.waited = 0
        return self.stopping.improved(figure)

    @property
    def stop(self) -> bool:
        """Whether early stopping asks to end here."""
        patience = self.config.early_stopping
        return bool(patience) and self.stopping.waited >= patience

    def begin_stage(self) -> None:
        """Forget what "plateau" did: a stage of its own begins."""
        self.rate_factor, self.plateau = 1.0, Patience(self.plateau.larger_is_better)

    def state(self) -> dict:
        """Plain values for a checkpoint."""
        return {
            "history": self.history,
            "rate_factor": self.rate_factor,
            "plateau": asdict(self.plateau),
            "stopping": asdict(self.stopping),
        }

    def restore(self, state: dict) -> None:
        """Go on from what `state` gave."""
        self.history = state["history"]
        self.rate_factor = state["rate_factor"]
        self.plateau = Patience(**state["plateau"])
        self.stopping = Patience(**state["stopping"])
        self.bar.update(len(self.history) * self.steps)

    def close(self) -> None:
        """Finish the progress bar."""
        self.bar.close()


def _six_digits(value: float) -> float:
    """A figure as it stands in a record; whole numbers stay whole."""
    return value if isinstance(value, int) else float(f"{value:.6g}")


def replay(history: Sequence[Mapping], config: TrainConfig) -> list[dict]:
    """A finished run's history under the rules of another configuration, up to where it would stop.

    The accuracies and losses are those that were recorded; the learning rates are what "plateau"
    of `config` makes of them. What a run would have done at other rates nobody knows.
    """
    journal = Journal(config, 1, "replay", progress=False)
    for row in history:
        if journal.stop:
            break
        rate = config.learning_rate * journal.rate_factor
        kept = {name: value for name, value in row.items() if name not in ("epoch", "seconds")}
        journal.end_epoch(kept | {"learning_rate": rate})
    journal.close()
    return journal.history


def lowered(history: Sequence[Mapping]) -> list[int]:
    """The epochs of a history whose learning rate is below that of the epoch before."""
    pairs = itertools.pairwise(history)
    return [row["epoch"] for before, row in pairs if row["learning_rate"] < before["learning_rate"]]
