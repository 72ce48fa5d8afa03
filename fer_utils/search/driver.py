"""A search for hyperparameters with Optuna, that a killed run resumes where it was.

    study = open_study("mine", Problem(spec, budget(config), dataset), space)
    run(study, trials=30)
    summary.of(study)

Conventions:

- the score is the accuracy of the trained network on the validation tenth, or the mean over folds;
  PublicTest and PrivateTest are never read. Pruning goes by the accuracies after each epoch: of a
  recipe that recalibrates, those before it does;
- the study is a SQLite file, `<cache>/searches/<name>.db`; one process at a time works on it;
- `trials` is the total a study is to have, those of earlier calls included. A trial that a kill cut
  short is marked failed, tried again with the same settings, and not counted;
- trial k draws from (seed, k), so that a resumed search goes on as the unbroken one would, and with
  Ray on one worker as without Ray;
- trial 0 has the network's and configuration's own settings, those that the space holds; the others
  are drawn, and its note names them.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

import numpy as np
from tqdm.auto import tqdm

from fer_utils.search.study import Study, alone, open_study, optuna_here
from fer_utils.search.trial import Problem, TrialOutcome, run_trial

if TYPE_CHECKING:
    import optuna

__all__ = ["Driver", "Study", "here", "open_study", "run"]

RANDOM_TRIALS = 8  # drawn at random before TPE models what is good


def run(
    study: Study,
    trials: int,
    *,
    progress: bool = True,
    runner: Callable[[Driver, Problem], None] | None = None,
) -> None:
    """Bring the study to `trials` finished trials in all.

    runner: what trains them, default one after the other in this process; see `on_ray`. Raises
    RuntimeError where another process works on the study, and what a trial raised where none has
    ever been complete.
    """
    if trials < 1:
        raise ValueError(f"expected at least one trial, got {trials}")
    with alone(study.path):
        driver = Driver(study, trials, progress)
        try:
            (runner or here)(driver, study.problem)
        finally:
            driver.bar.close()


def here(driver: Driver, problem: Problem) -> None:
    """Train the trials one after the other in this process."""
    while (asked := driver.ask()) is not None:
        trial, settings = asked

        def report(step: int, accuracy: float, trial=trial) -> bool:
            return driver.report(trial, step, accuracy)

        try:
            outcome = run_trial(problem, settings, report)
        except Exception as error:
            driver.failed(trial, error)
        else:
            driver.tell(trial, outcome)


class Driver:
    """Asks Optuna for trials and tells it how they ended. Runners call it from one thread."""

    def __init__(self, study: Study, total: int, progress: bool):
        self.study, self.total = study, total
        self._take_up_what_was_cut_short()
        done = len(self._finished())
        self.bar = tqdm(total=total, initial=min(done, total), unit="trial", disable=not progress)
        self.bar.set_description(study.name)
        self._show_best()

    def ask(self) -> tuple[optuna.Trial, dict] | None:
        """A trial to run and its settings; None when all are running or done."""
        study, states = self.study.optuna, optuna_here().trial.TrialState
        running = study.get_trials(deepcopy=False, states=(states.RUNNING,))
        number = len(self._finished()) + len(running)
        if number >= self.total:
            return None
        draws = np.random.SeedSequence([self.study.seed, number]).generate_state(1)
        study.sampler = optuna_here().samplers.TPESampler(
            n_startup_trials=RANDOM_TRIALS, seed=int(draws[0])
        )
        trial = study.ask()
        return trial, self.study.space.draw(trial)

    def report(self, trial: optuna.Trial, step: int, accuracy: float) -> bool:
        """Note the accuracy at a step, from 1; True where the trial is to end."""
        trial.report(accuracy, step)
        return trial.should_prune()

    def tell(self, trial: optuna.Trial, outcome: TrialOutcome) -> None:
        """Note how a trial ended."""
        states = optuna_here().trial.TrialState
        for name in ("epochs", "seconds", "hardware", "why"):
            if (value := getattr(outcome, name)) != "":
                trial.set_user_attr(name, value)
        state = {"complete": states.COMPLETE, "pruned": states.PRUNED, "failed": states.FAIL}
        self.study.optuna.tell(trial, outcome.score, state=state[outcome.state])
        self.bar.update()
        self._show_best()

    def failed(self, trial: optuna.Trial, error: BaseException) -> None:
        """Note an error; raise it where no trial has ever been complete: it is not the settings."""
        why = f"{type(error).__name__}: {error}".splitlines()[0][:200]
        self.tell(trial, TrialOutcome("failed", None, 0, 0.0, why=why))
        if not _complete(self.study.optuna):
            raise error

    def _take_up_what_was_cut_short(self) -> None:
        """Fail the trials that a killed search left running, and queue their settings again."""
        study, states = self.study.optuna, optuna_here().trial.TrialState
        for left in study.get_trials(states=(states.RUNNING,)):
            cut = [*study.user_attrs.get("cut_short", []), left.number]
            study.set_user_attr("cut_short", cut)
            if len(left.params) == len(self.study.space.entries):
                study.enqueue_trial(left.params, user_attrs=_notes(left))
            study.tell(left.number, state=states.FAIL)

    def _finished(self) -> list[optuna.trial.FrozenTrial]:
        """The trials that count."""
        study = self.study.optuna
        cut = set(study.user_attrs.get("cut_short", []))
        trials = study.get_trials(deepcopy=False)
        return [t for t in trials if t.state.is_finished() and t.number not in cut]

    def _show_best(self) -> None:
        if _complete(self.study.optuna):
            self.bar.set_postfix_str(f"best {self.study.optuna.best_value:.2%}")


def _notes(trial: optuna.trial.FrozenTrial) -> dict:
    return {name: value for name, value in trial.user_attrs.items() if name == "note"}


def _complete(study: optuna.Study) -> list[optuna.trial.FrozenTrial]:
    return study.get_trials(deepcopy=False, states=(optuna_here().trial.TrialState.COMPLETE,))
