"""`Study`: a search, what it is about, and its SQLite file."""

from __future__ import annotations

import json
import re
import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from fer_utils.paths import cache_dir
from fer_utils.search.space import SearchSpace
from fer_utils.search.trial import Problem

if TYPE_CHECKING:
    import optuna

NEEDS_OPTUNA = (
    "a search needs Optuna, the extra `search`: "
    "pip install -c constraints.txt -e '.[search]' (or pip install optuna)"
)


@dataclass(frozen=True)
class Study:
    """A search and what it is about."""

    name: str
    problem: Problem
    space: SearchSpace
    seed: int
    optuna: optuna.Study
    path: Path

    def best(self) -> dict:
        """Settings of the best trial. Raises ValueError before any trial is complete."""
        return settings_of(self.space, self.optuna.best_trial)


def open_study(
    name: str,
    problem: Problem,
    space: SearchSpace,
    *,
    seed: int = 0,
    folder: Path | None = None,
) -> Study:
    """The study of that name, new or as it was left.

    folder: of its file (default: `searches` in the cache). Raises ImportError without Optuna,
    ValueError where a study of that name is about something else, saying what differs, and
    RuntimeError where another process works on it.
    """
    optuna = optuna_here()
    path = study_file(name, folder)
    space.check(problem.spec, problem.config)
    path.parent.mkdir(parents=True, exist_ok=True)
    about = _about(problem, space, seed)
    with alone(path):
        study = optuna.create_study(
            storage=f"sqlite:///{path.as_posix()}",
            study_name=name,
            direction="maximize",
            pruner=_pruner(problem),
            load_if_exists=True,
        )
        if "about" not in study.user_attrs:
            _enqueue_own_settings(study, problem, space)
            study.set_user_attr("about", about)
    _check_about(study, about, path)
    return Study(name, problem, space, seed, study, path)


def study_file(name: str, folder: Path | None = None) -> Path:
    """Where the study of that name is or will be. Raises ValueError for a name that cannot be."""
    if not re.fullmatch(r"[A-Za-z0-9][\w.-]*", name) or "-seed" in name:
        raise ValueError(
            f"study {name!r}: expected letters, digits, '_', '-' and '.', and no '-seed', which "
            "marks run records"
        )
    return (folder or cache_dir() / "searches") / f"{name}.db"


@contextmanager
def alone(path: Path) -> Iterator[None]:
    """Keep other processes off a study. SQLite's lock ends with its process."""
    with closing(sqlite3.connect(path.with_suffix(".lock"), timeout=0)) as connection:
        try:
            connection.execute("BEGIN EXCLUSIVE")
        except sqlite3.OperationalError as error:
            raise RuntimeError(
                f"another search works on {path}; wait for it, or stop it"
            ) from error
        yield


def _pruner(problem: Problem) -> optuna.pruners.BasePruner:
    """The median of the other trials at the same epoch, once there are enough to have one."""
    warm_up = problem.steps // 5
    return optuna_here().pruners.MedianPruner(n_startup_trials=4, n_warmup_steps=warm_up)


def _enqueue_own_settings(study: optuna.Study, problem: Problem, space: SearchSpace) -> None:
    """Queue trial 0: of the own settings those that the space holds; the others are drawn, and a
    note names them. Twice called, as after a kill, it queues one."""
    own = space.own(problem.spec, problem.config)
    held = {key: value for key, value in own.items() if space.holds(key, value)}
    if held:
        others = ", ".join(key for key in space.entries if key not in held)
        note = "own settings" + (f" but for {others}" if others else "")
        study.enqueue_trial(held, user_attrs={"note": note}, skip_if_exists=True)


def _check_about(study: optuna.Study, about: dict, path: Path) -> None:
    """Raise ValueError where the study is about something else, saying what differs."""
    known = study.user_attrs["about"]
    if differs := sorted(key for key in {**known, **about} if known.get(key) != about.get(key)):
        raise ValueError(
            f"study {study.study_name!r} is about another {', '.join(differs)}; give another "
            f"--study, or delete {path} to start it afresh"
        )


def settings_of(space: SearchSpace, trial: optuna.trial.FrozenTrial) -> dict:
    """What a finished trial was trained with: its parameters as `space.draw` gave them."""
    return space.draw(optuna_here().trial.FixedTrial(trial.params)) if trial.params else {}


def _about(problem: Problem, space: SearchSpace, seed: int) -> dict:
    """What a study is about, as plain values: its trials are only comparable for one of these."""
    about = {
        "network": problem.spec.to_dict(),
        "configuration": problem.config.to_dict(),
        "data set": problem.dataset.fingerprint,
        "framework": problem.framework,
        "folds": problem.folds,
        "space": space.to_dict(),
        "seed": seed,
    }
    return json.loads(json.dumps(about))


def optuna_here():
    """Optuna, quiet. Raises ImportError naming the extra."""
    try:
        import optuna
    except ImportError as error:
        raise ImportError(NEEDS_OPTUNA) from error
    optuna.logging.set_verbosity(optuna.logging.WARNING)
    return optuna
