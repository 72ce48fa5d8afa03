"""What a search found, as a small JSON file and as a table; figures are drawn from it.

A trial's `curve` is the accuracy after each epoch or, with folds, the mean over those done so far.
Its score is the last of these, but where the recipe recalibrates batch normalisation after the last
epoch. `n` is the number of pictures that a score is of.
"""

from __future__ import annotations

import itertools
import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import pandas as pd

from fer_utils.experiments.environment import versions
from fer_utils.metrics.classification import with_interval
from fer_utils.paths import atomic_write
from fer_utils.search.study import Study, optuna_here, settings_of

if TYPE_CHECKING:
    import optuna

STATES = {"COMPLETE": "complete", "PRUNED": "pruned", "FAIL": "failed"}


def of(study: Study) -> dict:
    """Plain values: what was searched, where, and each finished trial; unfinished ones left out.

    `importance` is the share of each setting in what told good trials from bad, by PED-ANOVA.
    """
    problem, ended = study.problem, _ended_trials(study)
    trials = [_trial(study, number, trial) for number, trial in enumerate(ended)]
    complete = [row for row in trials if row["state"] == "complete"]
    best = max(complete, key=lambda row: row["score"], default=None)
    where = {trial.user_attrs.get("hardware") for trial in ended} - {None}
    return {
        "study": study.name,
        "network": problem.spec.name,
        "spec": problem.spec.to_dict(),
        "framework": problem.framework,
        "dataset": problem.dataset.name,
        "fingerprint": problem.dataset.fingerprint,
        "scored_on": f"{problem.folds} folds" if problem.folds else "validation",
        "n": problem.scored,
        "config": problem.config.to_dict(),
        "space": study.space.to_dict(),
        "seed": study.seed,
        "hardware": ", ".join(sorted(where)),
        "versions": versions(problem.framework) | {"optuna": optuna_here().__version__},
        "best": best,
        "importance": importance(study),
        "trials": trials,
    }


def save(found: Mapping, folder: Path) -> Path:
    """Write a summary to `<folder>/<study>.json`, a trial a line."""
    head = {key: value for key, value in found.items() if key != "trials"}
    lines = ",\n  ".join(json.dumps(row, allow_nan=False) for row in found["trials"])
    text = json.dumps(head, indent=1, allow_nan=False).removesuffix("\n}")
    path = folder / f"{found['study']}.json"
    atomic_write(path, f'{text},\n "trials": [\n  {lines}\n ]\n}}\n'.encode())
    return path


def read(path: Path) -> dict:
    """The summary that `save` wrote. Raises ValueError naming a file that is none."""
    try:
        found = json.loads(path.read_text(encoding="utf-8"))
    except ValueError as error:
        raise ValueError(f"{path}: cut short or not JSON ({error}); restore it") from error
    if not isinstance(found, dict) or not {"study", "n", "best", "trials"} <= set(found):
        raise ValueError(f"{path}: no summary of a search; make it again")
    return found


def begins_with(study: Study, rows: Sequence[Mapping]) -> bool:
    """Whether the trials of a summary are the first of the study's: same settings, same ends."""
    ended = _ended_trials(study)[: len(rows)]
    mine = [_trial(study, number, trial) for number, trial in enumerate(ended)]
    same = ("params", "state", "score")
    return [[row[key] for key in same] for row in mine] == [[row[k] for k in same] for row in rows]


def interval(found: Mapping, row: Mapping) -> tuple[float, float, float]:
    """A complete trial's score with its 95% Wilson interval, (score, low, high)."""
    if row["score"] is None:
        raise ValueError(f"trial {row['number']} of {found['study']!r} is {row['state']}: no score")
    return with_interval(row["score"], found["n"])


def fold_accuracies(row: Mapping) -> list[float]:
    """The accuracy on each fold of a trial scored by folds, from the running means of its curve."""
    sums = [0.0, *(mean * count for count, mean in enumerate(row["curve"], 1))]
    return [round(after - before, 4) for before, after in itertools.pairwise(sums)]


def trial_by_trial(alone: Mapping, on_ray: Mapping) -> list[dict]:
    """A row for each trial that both summaries have: one after the other, and through Ray.

    Keys "same settings", "one after the other" and "through Ray" (the score in per cent, or how the
    trial ended), "seconds" and "seconds on Ray".
    """
    return [
        {
            "same settings": one["params"] == other["params"],
            "one after the other": _ended(one),
            "through Ray": _ended(other),
            "seconds": one["seconds"],
            "seconds on Ray": other["seconds"],
        }
        for one, other in zip(alone["trials"], on_ray["trials"], strict=False)
    ]


def _ended(row: Mapping) -> str:
    return row["state"] if row["score"] is None else f"{row['score']:.2%}"


def importance(study: Study) -> dict[str, float]:
    """Share of each setting, largest first; empty with too few complete trials to tell."""
    optuna = optuna_here()
    complete = [t for t in study.optuna.trials if t.state.name == "COMPLETE"]
    if len({trial.value for trial in complete}) < 4:
        return {}
    evaluator = optuna.importance.PedAnovaImportanceEvaluator()  # the default depends on Optuna
    shares = optuna.importance.get_param_importances(study.optuna, evaluator=evaluator)
    return {name: round(float(share), 4) for name, share in shares.items()}


def frame(found: Mapping, most: int = 10) -> pd.DataFrame:
    """The best trials as text, a row each by its number: score, settings, effort, how it ended."""
    order = sorted(found["trials"], key=lambda row: (row["score"] is None, -(row["score"] or 0)))
    rows = [
        {
            "score": "" if row["score"] is None else f"{row['score']:.2%}",
            **{n.replace("_", " "): str(row["params"].get(n, "")) for n in found["space"]},
            "epochs": str(row["epochs"]),
            "seconds": str(row["seconds"]),
            "state": row["state"] + (f", {row['note']}" if "note" in row else ""),
        }
        for row in order[:most]
    ]
    numbers = [str(row["number"]) for row in order[:most]]
    return pd.DataFrame(rows, index=pd.Index(numbers, name="trial"))


def ended(found: Mapping) -> str:
    """How many trials there are and how they ended: "16 trials: 8 complete, 8 pruned"."""
    states = [row["state"] for row in found["trials"]]
    counts = ", ".join(f"{states.count(s)} {s}" for s in STATES.values() if s in states)
    return f"{len(states)} trials: {counts}"


def table(found: Mapping, most: int = 10) -> str:
    """The best trials and how the others ended, for a terminal."""
    shown = frame(found, most).reset_index()
    cells = [list(shown.columns), *shown.to_numpy().tolist()]
    widths = [max(map(len, column)) for column in zip(*cells, strict=True)]
    text = ["  ".join(c.ljust(w) for c, w in zip(x, widths, strict=True)).rstrip() for x in cells]
    return "\n".join([*text, ended(found)])


def _ended_trials(study: Study) -> list[optuna.trial.FrozenTrial]:
    """The finished trials that count: those that a kill cut short do not."""
    cut = set(study.optuna.user_attrs.get("cut_short", []))
    return [t for t in study.optuna.trials if t.state.is_finished() and t.number not in cut]


def _trial(study: Study, number: int, trial) -> dict:
    """One finished trial. Numbers count finished trials, so a killed one leaves no gap."""
    extra = {name: trial.user_attrs[name] for name in ("why", "note") if name in trial.user_attrs}
    complete = trial.state.name == "COMPLETE"
    digits = 6 if study.problem.folds else 4  # differences of running means are taken
    return {
        "number": number,
        "params": settings_of(study.space, trial),
        "score": round(trial.value, 6) if complete else None,
        "state": STATES[trial.state.name],
        "epochs": trial.user_attrs.get("epochs", 0),
        "seconds": round(trial.user_attrs.get("seconds", 0.0), 1),
        "curve": [round(value, digits) for _, value in sorted(trial.intermediate_values.items())],
    } | extra
