"""`python -m fer_utils search`: an experiment of the course, on the budget that all searches share.

"full" trains on the fixed ten thousand pictures of FER2013 (on a GPU on all nine tenths of
Training) for ten epochs and writes `results/searches/<study>.json`. "smoke" trains on a few hundred
pictures for two, and writes beside the study in the cache. `recorded` and `look_up` read what was
written, for a chapter.
"""

from __future__ import annotations

import importlib.util
import json
from dataclasses import replace
from pathlib import Path

from fer_utils import experiments
from fer_utils.data import fer2013
from fer_utils.data.card import load_card
from fer_utils.experiments.config import TrainConfig
from fer_utils.experiments.environment import computes_on_gpu
from fer_utils.experiments.experiment import Experiment
from fer_utils.models.pretrained import PretrainedSpec
from fer_utils.paths import cache_dir, results_dir
from fer_utils.records.run_record import StaleRecord
from fer_utils.search import driver, summary
from fer_utils.search.space import DEFAULT, SearchSpace
from fer_utils.search.trial import SWEEP_EPOCHS, Problem, budget
from fer_utils.training.profiles import SMOKE_EPOCHS, few


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
    smoke = profile == "smoke"
    problem, fingerprint = _problem(experiment, framework, folds, seed, epochs, data_dir, smoke)
    name = study or study_name(experiment, framework, folds, smoke)
    runner = None
    if ray:
        from fer_utils.search import on_ray

        runner = on_ray.runner(ray)
    opened = driver.open_study(name, problem, space, seed=seed)
    driver.run(opened, trials, progress=progress, runner=runner)
    found = summary.of(opened) | {
        "experiment": experiment,
        "profile": profile,
        "fingerprint": fingerprint,
    }
    folder = cache_dir() if smoke else results_dir()
    return summary.save(found, folder / "searches"), summary.table(found)


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
    epochs = epochs or (SMOKE_EPOCHS if smoke else SWEEP_EPOCHS)
    config = _config(chosen, seed, epochs, computes_on_gpu(framework))
    if smoke:
        dataset = few(dataset)
        config = replace(config, batch_size=min(64, config.batch_size))
    return Problem(chosen.spec, config, dataset, framework, folds), whole.fingerprint


def _config(chosen: Experiment, seed: int, epochs: int, gpu: bool) -> TrainConfig:
    """What the trials of a machine with a GPU, or without one, start from."""
    train_on = "nine_tenths" if gpu else "ten_thousand"
    return budget(chosen.config_on(gpu).with_seed(seed), epochs, train_on)


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


def recorded(study: str) -> dict | None:
    """The committed summary of a study, None where there is none.

    Raises StaleRecord where network, settings or data are no longer those of its experiment.
    """
    path = results_dir() / "searches" / f"{study}.json"
    if not path.is_file():
        return None
    found = summary.read(path)
    chosen, made = experiments.get(found["experiment"]), found["config"]
    either = [_config(chosen, found["seed"], made["epochs"], gpu) for gpu in (False, True)]
    same = {
        "network": found["spec"] == json.loads(json.dumps(chosen.spec.to_dict())),
        "configuration": made in [json.loads(json.dumps(one.to_dict())) for one in either],
        "data set": found["fingerprint"] == load_card().fingerprint,
    }
    if differs := [name for name, is_same in same.items() if not is_same]:
        folds = int(found["scored_on"].split()[0]) if "folds" in found["scored_on"] else 0
        again = _command(
            found["experiment"],
            trials=len(found["trials"]),
            folds=folds,
            framework=found["framework"],
            seed=found["seed"],
            epochs=made["epochs"],
            study=study,
        )
        raise StaleRecord(
            f"{path} is stale: made with another {', '.join(differs)}. Delete it and make it "
            f"again: {again}"
        )
    return found


def _command(experiment: str, **options: object) -> str:
    """The command that makes a search; options that are None, 0 or False are left out."""
    words = [f"--{name}" if given is True else f"--{name} {given}"
             for name, given in options.items() if given]  # fmt: skip
    return " ".join(["python -m fer_utils search", experiment, *words])


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
    command = _command(experiment, trials=trials, folds=folds, study=study, ray=bool(ray))
    print(f"not run: the study {name}; `{command}` makes its summary")
    return found
