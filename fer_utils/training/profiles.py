"""`train`: the one call of every notebook, in three profiles.

- "recorded" trains nothing: it returns the committed record of the full run;
- "smoke" trains one or two epochs on a few hundred images, to see that everything works;
- "full" trains as written on real FER2013 and saves the record.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

import numpy as np

from fer_utils.data import splits
from fer_utils.data.card import load_card
from fer_utils.data.dataset import TEST_SPLITS, FaceDataset
from fer_utils.experiments.config import split_of
from fer_utils.experiments.environment import computes_on_gpu
from fer_utils.experiments.experiment import Experiment
from fer_utils.models.pretrained import PretrainedSpec
from fer_utils.records import run_record
from fer_utils.training.full_run import full
from fer_utils.training.kept_weights import command, load, shipped_path
from fer_utils.training.runs import Run, job_of, run_job

PROFILES = ("recorded", "smoke", "full")
SMOKE_TRAIN, SMOKE_TEST, SMOKE_EPOCHS = 400, 200, 2
LARGE = 5_000_000  # parameters from which a smoke run takes few images:
SMOKE_LARGE = (56, 20)  # eight of each class, so that a tenth of them is not empty


def train(
    experiment: Experiment,
    dataset: FaceDataset,
    *,
    framework: str = "torch",
    seed: int = 0,
    profile: str = "recorded",
    progress: bool = True,
) -> Run:
    """The run of an experiment, looked up or trained as the profile says.

    Raises ValueError for an unknown profile or framework, FileNotFoundError when a recorded run is
    missing and `run_record.StaleRecord` when it no longer matches; both name the command that
    makes it.
    """
    if profile not in PROFILES:
        raise ValueError(f"profile={profile!r}: expected one of {', '.join(PROFILES)}")
    if framework not in experiment.frameworks:
        raise ValueError(
            f"{experiment.name} is recorded in {', '.join(experiment.frameworks)}, "
            f"not in {framework!r}"
        )
    if profile == "recorded":
        return recorded(experiment, framework, seed)
    if profile == "smoke":
        return smoke(experiment, dataset, framework, seed, progress)
    return full(experiment, dataset, framework, seed, progress)


def train_seeds(
    experiment: Experiment,
    dataset: FaceDataset,
    *,
    framework: str = "torch",
    seed: int = 0,
    profile: str = "recorded",
) -> list[Run]:
    """`train` for every recorded seed, or in the other profiles for `seed` alone. In the full one
    an experiment that wants no record of this seed is not trained: the runs that are there count.

    Raises as `train` does, and FileNotFoundError where such an experiment has no run yet.
    """
    if profile == "full" and seed not in experiment.seeds:
        if found := _there(experiment, framework):
            return found
        raise FileNotFoundError(
            f"no record of {experiment.name} is wanted of seed {seed}, and there is none of "
            f"{experiment.seeds} yet: run these first"
        )
    seeds = experiment.seeds if profile == "recorded" else (seed,)
    return [
        train(experiment, dataset, framework=framework, seed=one, profile=profile) for one in seeds
    ]


def train_all(
    experiments: Mapping[str, Experiment],
    dataset: FaceDataset,
    *,
    framework: str = "torch",
    seed: int = 0,
    profile: str = "recorded",
    smoke: int = 1,
) -> dict[str, list[Run]]:
    """`train_seeds` of several experiments, by the name given to each.

    In the recorded profile what was never run is left out, and printed with the command that runs
    it; a stale record raises. The smoke profile trains the first `smoke` of them only, and the full
    one those that a run with this seed is wanted of, so whoever reads the result must not count on
    any name.
    """
    if profile != "recorded":
        wanted = {n: e for n, e in experiments.items() if profile == "smoke" or seed in e.seeds}
        chosen = list(wanted.items())[: smoke if profile == "smoke" else None]
        options = {"framework": framework, "seed": seed, "profile": profile}
        return {name: train_seeds(one, dataset, **options) for name, one in chosen}
    found: dict[str, list[Run]] = {}
    for name, experiment in experiments.items():
        if runs := _there(experiment, framework):
            found[name] = runs
        else:
            command = f"python -m fer_utils train {experiment.name} --framework {framework}"
            print(f"not run: {name} in {framework}; `{command}` makes its records")
    return found


def _there(experiment: Experiment, framework: str) -> list[Run]:
    """The recorded runs of the experiment's seeds that exist, all of one recipe."""
    seeds = [s for s in experiment.seeds if run_record.find(experiment.name, framework, s)]
    runs = [recorded(experiment, framework, one) for one in seeds]
    kept = run_record.of_one_recipe([run.record for run in runs], experiment)
    return [run for run in runs if run.record in kept]


def weights_to_look_at(
    experiments: Mapping[str, Experiment],
    dataset: FaceDataset,
    *,
    seed: int = 0,
    profile: str = "recorded",
    smoke: int = 1,
) -> dict[str, dict[str, np.ndarray]]:
    """Weights of several experiments in PyTorch, as far as they are at hand, by the name given.

    "recorded": what the repository keeps of seed 0, which may be one layer; where it is not there,
    the command that makes it is printed. "smoke" and "full": all, of the first `smoke` or of all
    experiments, trained as `train` does. Raises as `train` does for a stale record.
    """
    if profile != "recorded":
        options = {"seed": seed, "profile": profile, "smoke": smoke}
        made = train_all(experiments, dataset, **options)
        return {name: runs[0].weights for name, runs in made.items()}
    found = {}
    for name, experiment in experiments.items():
        record = run_record.find(experiment.name, "torch", 0)
        weights = recorded(experiment, "torch", 0).weights if record else {}
        if weights:
            found[name] = weights
        else:
            print(f"weights of {name} are not here; `{command(experiment)}` makes them")
    return found


def recorded(experiment: Experiment, framework: str, seed: int) -> Run:
    """The committed record, checked against the experiment as it stands now."""
    record = run_record.find(experiment.name, framework, seed)
    if record is None:
        raise FileNotFoundError(
            f"no record of {experiment.name} in {framework} with seed {seed}; make it with "
            f"`{run_record.full_run_command(experiment, seed)}`"
        )
    card = load_card()
    run_record.check_current(record, experiment, card.fingerprint)
    classes = experiment.classes
    labels = {name: card.labels_of(split_of(name), classes) for name in record.predictions}
    return Run(record, labels, load(shipped_path(experiment, framework, seed)))


def smoke(
    experiment: Experiment, dataset: FaceDataset, framework: str, seed: int, progress: bool = True
) -> Run:
    """Two epochs on a few hundred images; the record is never saved.

    Stages are one epoch long each. A pre-trained network starts from random weights: nothing is
    downloaded; a large one sees a few images only. Teachers are left out: they are full runs. Most
    CPUs only emulate bf16, many times slower than float32, so a CPU computes in float32.
    """
    config, spec, most = experiment.config, experiment.spec, (SMOKE_TRAIN, SMOKE_TEST)
    stages = tuple(replace(stage, epochs=1, warm_up=0.0) for stage in config.stages)
    if isinstance(spec, PretrainedSpec):
        large = spec.parameters().total >= LARGE
        spec, most = spec.without_weights(), SMOKE_LARGE if large else most
    shorter = replace(
        config,
        stages=stages,
        epochs=len(stages) or min(SMOKE_EPOCHS, config.epochs),
        batch_size=min(64, config.batch_size),
        precision=config.precision if computes_on_gpu(framework) else "float32",
        teachers=(),
        teachers_share=0.0,
        seed=seed,
    )
    chosen = few(dataset.with_classes(experiment.classes), *most)
    job = job_of(experiment, shorter, chosen, framework, progress)
    return run_job(replace(job, spec=spec), experiment, "smoke")


def few(dataset: FaceDataset, train: int = SMOKE_TRAIN, test: int = SMOKE_TEST) -> FaceDataset:
    """A stratified few hundred images, `train` and twice `test` at most, every split with some."""
    chosen = []
    for split, most in (("train", train), *((s, test) for s in TEST_SPLITS)):
        rows = np.flatnonzero(dataset.split == split)
        if len(rows) > most:
            rows = rows[splits.stratified_choice(dataset.labels[rows], most, seed=0)]
        chosen.append(rows)
    return dataset.take(np.concatenate(chosen))
