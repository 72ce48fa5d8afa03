"""`python -m fer_utils search`: an experiment of the course, on the budget that all searches share.

"full" trains on the fixed ten thousand pictures of FER2013 (on a GPU on all nine tenths of
Training) for ten epochs and writes `results/searches/<study>.json`. "smoke" trains on a few hundred
pictures for two, and writes beside the study in the cache. `look_up` reads what was written, for a
chapter.
"""

from __future__ import annotations

import importlib.util
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

from fer_utils import experiments
from fer_utils.data import fer2013
from fer_utils.experiments.environment import computes_on_gpu
from fer_utils.experiments.recipes import SHARED_BUDGET
from fer_utils.models.pretrained import PretrainedSpec
from fer_utils.paths import cache_dir, results_dir
from fer_utils.search import driver, summary
from fer_utils.search.committed import command_line, config_of, recorded
from fer_utils.search.space import DEFAULT, SearchSpace
from fer_utils.search.study import Study, study_file
from fer_utils.search.trial import Problem
from fer_utils.training.profiles import SMOKE_EPOCHS, few


def space(name: str) -> SearchSpace:
    """ "default", or the space in a JSON file (`SearchSpace.read`)."""
    if name == "default":
        return DEFAULT
    if not Path(name).is_file():
        raise FileNotFoundError(f"--space {name}: no such file; write one, or use 'default'")
    return SearchSpace.read(name)


def search(
    experiment: str,
    space: SearchSpace,
    *,
    trials: int,
    folds: int = 0,
    study: str | None = None,
    epochs: int | None = None,
    framework: str = "torch",
    seed: int = 0,
    data_dir: str | None = None,
    profile: str = "full",
    ray: str | None = None,
    force: bool = False,
    progress: bool = True,
) -> tuple[Path, str]:
    """Search, and write the summary; its path, and its table as text.

    Without `study`, its name says the experiment and what differs from the usual. ray: the address
    of a cluster, "local" for one on this machine, None for none. Raises FileExistsError, before
    anything trains, where the summary would lose trials (`_open`), unless `force`. A search of
    another length than the shared budget's stays in the cache: no chapter compares it.
    """
    smoke = profile == "smoke"
    problem, fingerprint = _problem(experiment, framework, folds, seed, epochs, data_dir, smoke)
    name = study or study_name(experiment, framework, folds, smoke)
    shared = not smoke and problem.config.epochs == SHARED_BUDGET.epochs
    folder = (results_dir() if shared else cache_dir()) / "searches"
    runner = _runner(ray) if ray else None
    kept = folder / f"{name}.json" if shared and not force else None
    opened = _open(name, problem, space, seed, kept)
    driver.run(opened, trials, progress=progress, runner=runner)
    found = summary.of(opened) | {
        "experiment": experiment,
        "profile": profile,
        "ray": bool(ray),
        "fingerprint": fingerprint,
    }
    return summary.save(found, folder), summary.table(found)


def _runner(ray: str) -> Callable[[driver.Driver, Problem], None]:
    from fer_utils.search import on_ray

    return on_ray.runner(ray)


def _open(name: str, problem: Problem, space: SearchSpace, seed: int, kept: Path | None) -> Study:
    """The study, opened. Raises FileExistsError where the summary `kept` has trials that are not
    the study's first: it came from another machine, or the study in the cache is gone."""
    if kept is None or not kept.is_file():
        return driver.open_study(name, problem, space, seed=seed)
    rows, file = summary.read(kept)["trials"], study_file(name)
    if file.is_file():  # a new one would stay behind, refused
        opened = driver.open_study(name, problem, space, seed=seed)
        if summary.begins_with(opened, rows):
            return opened
    raise FileExistsError(
        f"{kept} has {len(rows)} trials, and the study {file} does not begin with them: this "
        "search would replace them. Give another --study, or add --force"
    )


def _problem(
    experiment: str,
    framework: str,
    folds: int,
    seed: int,
    epochs: int | None,
    data_dir: str | None,
    smoke: bool,
) -> tuple[Problem, str]:
    """The problem of a search, and the fingerprint of the data set before classes are chosen."""
    chosen = experiments.get(experiment)
    if isinstance(chosen.spec, PretrainedSpec):
        raise ValueError(f"{experiment} is pre-trained: searches are for networks from scratch")
    whole = fer2013.load_or_draw(data_dir, n=600) if smoke else fer2013.load(data_dir)
    dataset = whole.with_classes(chosen.classes)
    epochs = epochs or (SMOKE_EPOCHS if smoke else SHARED_BUDGET.epochs)
    config = config_of(chosen, seed, epochs, computes_on_gpu(framework))
    if smoke:
        dataset = few(dataset)
        config = replace(config, batch_size=min(64, config.batch_size))
    return Problem(chosen.spec, config, dataset, framework, folds), whole.fingerprint


def study_name(
    experiment: str, framework: str = "torch", folds: int = 0, smoke: bool = False
) -> str:
    """The usual name of a study: that of the experiment, and what differs from the usual."""
    return "-".join(
        [experiment]
        + (["keras"] if framework == "keras" else [])
        + ([f"{folds}fold"] if folds else [])
        + (["smoke"] if smoke else [])
    )


def look_up(
    experiment: str,
    *,
    trials: int,
    profile: str = "recorded",
    folds: int = 0,
    study: str | None = None,
    ray: str | None = None,
    data_dir: str | None = None,
) -> dict | None:
    """A search as a chapter shows it: its committed summary, where there is one in any profile.

    Without one, or with fewer trials: "full" searches; the others, and "full" where Ray is wanted
    and missing, print the command that does, and return what there is.
    """
    name = study or study_name(experiment, folds=folds)
    found = recorded(name)
    if found and len(found["trials"]) >= trials:
        return found
    if profile == "full" and not (ray and importlib.util.find_spec("ray") is None):
        path, _ = search(
            experiment,
            space("default"),
            trials=trials,
            folds=folds,
            study=study,
            data_dir=data_dir,
            ray=ray,
        )
        return summary.read(path)
    command = command_line(experiment, trials=trials, folds=folds, study=study, ray=bool(ray))
    print(f"not run: the study {name}; `{command}` makes its summary")
    return found
