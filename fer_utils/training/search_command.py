"""`python -m fer_utils search`: an experiment of the course, on the budget that all searches share.

"full" trains on the fixed ten thousand pictures of FER2013 (on a GPU on all nine tenths of
Training) for ten epochs and writes `results/searches/<study>.json`. "smoke" trains on a few hundred
pictures for two, and writes beside the study in the cache.
"""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

from fer_utils.data import fer2013
from fer_utils.paths import cache_dir, results_dir
from fer_utils.records import experiments
from fer_utils.records.environment import computes_on_gpu
from fer_utils.training import search as searches
from fer_utils.training import search_summary
from fer_utils.training.profiles import SMOKE_EPOCHS, few
from fer_utils.training.search_space import DEFAULT, SearchSpace
from fer_utils.training.search_trial import SWEEP_EPOCHS, Problem, budget


def space(name: str) -> SearchSpace:
    """ "default", or the space in a JSON file."""
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
    progress: bool = True,
) -> tuple[Path, str]:
    """Search, and write the summary; its path, and its table as text.

    Without `study`, its name says the experiment and what differs from the usual. ray: the address
    of a cluster, "local" for one on this machine, None for none.
    """
    chosen = experiments.get(experiment)
    smoke = profile == "smoke"
    if smoke:
        dataset = few(fer2013.load_or_draw(data_dir, n=600).with_classes(chosen.classes))
    else:
        dataset = fer2013.load(data_dir).with_classes(chosen.classes)
    config = budget(
        chosen.config.with_seed(seed),
        epochs or (SMOKE_EPOCHS if smoke else SWEEP_EPOCHS),
        "nine_tenths" if computes_on_gpu(framework) else "ten_thousand",
    )
    if smoke:
        config = replace(config, batch_size=min(64, config.batch_size))
    problem = Problem(chosen.spec, config, dataset, framework, folds)
    name = study or "-".join(
        [experiment]
        + (["keras"] if framework == "keras" else [])
        + ([f"{folds}fold"] if folds else [])
        + (["smoke"] if smoke else [])
    )
    runner = None
    if ray:
        from fer_utils.training import search_ray

        runner = search_ray.runner(ray)
    opened = searches.open_study(name, problem, space, seed=seed)
    searches.run(opened, trials, progress=progress, runner=runner)
    found = search_summary.summary(opened) | {"experiment": experiment, "profile": profile}
    folder = cache_dir() if smoke else results_dir()
    return search_summary.save(found, folder / "searches"), search_summary.table(found)
