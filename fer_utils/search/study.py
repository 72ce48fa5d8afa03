"""`Study`: a search, what it is about, and its SQLite file."""

from __future__ import annotations

import json
import re
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

    folder: of its file (default: `searches` in the cache). Raises ImportError without Optuna, and
    ValueError where a study of that name is about something else, saying what differs.
    """
    optuna = optuna_here()
    if not re.fullmatch(r"[A-Za-z0-9][\w.-]*", name) or "-seed" in name:
        raise ValueError(
            f"study {name!r}: expected letters, digits, '_', '-' and '.', and no '-seed', which "
            "marks run records"
        )
    space.check(problem.spec, problem.config)
    path = (folder or cache_dir() / "searches") / f"{name}.db"
    path.parent.mkdir(parents=True, exist_ok=True)
    # The median of the other trials at the same epoch, once there are enough to have one.
    pruner = optuna.pruners.MedianPruner(n_startup_trials=4, n_warmup_steps=problem.steps // 5)
    study = optuna.create_study(
        storage=f"sqlite:///{path.as_posix()}",
        study_name=name,
        direction="maximize",
        pruner=pruner,
        load_if_exists=True,
    )
    about = _about(problem, space, seed)
    known = study.user_attrs.get("about", about)
    if differs := sorted(key for key in {**known, **about} if known.get(key) != about.get(key)):
        raise ValueError(
            f"study {name!r} is about another {', '.join(differs)}; give another --study, or "
            f"delete {path} to start it afresh"
        )
    if "about" not in study.user_attrs:
        own = space.own(problem.spec, problem.config)
        held = {key: value for key, value in own.items() if space.holds(key, value)}
        if held:
            others = ", ".join(key for key in space.entries if key not in held)
            note = "own settings" + (f" but for {others}" if others else "")
            study.enqueue_trial(held, user_attrs={"note": note})
        study.set_user_attr("about", about)
    return Study(name, problem, space, seed, study, path)


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
