"""Searches: what scores a trial, a study that is resumed, pruning, the same study through Ray."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from dataclasses import replace
from functools import cache
from pathlib import Path

import pytest

from fer_utils import cli, plots
from fer_utils.experiments.config import TrainConfig
from fer_utils.search import driver, summary
from fer_utils.search.space import Range, SearchSpace, apply
from fer_utils.search.trial import Problem, budget
from fer_utils.training import runs
from tests.unit.training.helpers import quarters, tiny_dense

pytest.importorskip("torch")
pytest.importorskip("optuna", reason="the search needs Optuna: pip install -e '.[search]'")

GOOD, HOPELESS = 0.02, 1e-6
SPACE = SearchSpace({"learning_rate": Range(HOPELESS, 0.1, log=True)})
CONFIG = budget(TrainConfig(epochs=100, batch_size=32, learning_rate=HOPELESS), epochs=5)


@pytest.fixture(autouse=True, scope="module")
def one_thread():
    """Quicker for nets this small, and a Ray worker with one core has one too."""
    import torch

    threads = torch.get_num_threads()
    torch.set_num_threads(1)
    yield
    torch.set_num_threads(threads)


@cache
def problem(learning_rate: float = HOPELESS, folds: int = 0) -> Problem:
    config = replace(CONFIG, learning_rate=learning_rate)
    return Problem(tiny_dense(), config, quarters(per_class=100), folds=folds)


def search(folder: Path, trials: int, name="mine", given=None, planted=(), **options):
    """A study brought to so many trials; `planted` learning rates are tried first."""
    study = driver.open_study(name, given or problem(), SPACE, folder=folder)
    for rate in planted:
        study.optuna.enqueue_trial({"learning_rate": rate})
    driver.run(study, trials, progress=False, **options)
    return study, summary.of(study)


def drawn(found: dict) -> list[dict]:
    return [row["params"] for row in found["trials"]]


def test_a_search_finds_a_better_learning_rate_than_the_planted_one(tmp_path):
    study, found = search(tmp_path, trials=4)
    rows = found["trials"]
    assert rows[0]["params"] == {"learning_rate": HOPELESS} and rows[0]["note"] == "own settings"
    assert len(rows) == 4 and found["best"]["score"] > rows[0]["score"]
    losses = [
        runs.fit(
            *apply(study.problem.spec, study.problem.config, settings),
            study.problem.dataset,
            progress=False,
        ).history[-1]["validation_loss"]
        for settings in (study.best(), rows[0]["params"])
    ]
    assert losses[0] < losses[1]


def test_the_hopeless_are_pruned_and_the_diverged_too(tmp_path):
    _, found = search(tmp_path, 6, given=problem(GOOD), planted=[GOOD, 0.03, 0.03, HOPELESS])
    hopeless = found["trials"][4]
    assert hopeless["state"] == "pruned" and hopeless["score"] is None
    assert hopeless["epochs"] == len(hopeless["curve"]) < CONFIG.epochs
    assert [row["state"] for row in found["trials"][:4]] == ["complete"] * 4
    assert found["trials"][0]["epochs"] == CONFIG.epochs

    wild = SearchSpace({"learning_rate": Range(1e30, 1e38)})
    study = driver.open_study("wild", problem(), wild, folder=tmp_path)
    driver.run(study, 1, progress=False)
    (row,) = summary.of(study)["trials"]
    assert row["state"] == "pruned" and row["why"].startswith("diverged: the training loss is")


def test_folds_score_a_trial_by_their_mean(tmp_path):
    _, found = search(tmp_path, 1, given=problem(GOOD, folds=2))
    (row,) = found["trials"]
    assert found["scored_on"] == "2 folds" and len(row["curve"]) == 2
    assert row["score"] == pytest.approx(row["curve"][-1], abs=1e-4)
    assert row["epochs"] == 2 * CONFIG.epochs


def test_an_error_of_every_trial_is_raised_that_of_one_is_noted(tmp_path, monkeypatch):
    run_trial = driver.run_trial

    def fails(problem, settings, report):
        if settings["learning_rate"] == 0.05:
            raise MemoryError("too large")
        return run_trial(problem, settings, report)

    monkeypatch.setattr(driver, "run_trial", fails)
    _, found = search(tmp_path, 2, planted=[0.05])
    assert [row["state"] for row in found["trials"]] == ["complete", "failed"]
    assert found["trials"][1]["why"] == "MemoryError: too large"
    with pytest.raises(MemoryError):
        search(tmp_path, 2, name="none", given=problem(0.05))


KILLED = """
import os, signal, sys
from pathlib import Path
from fer_utils.search import driver
from tests.unit.search import test_driver as tests

seen = 0
report = driver.Driver.report
def report_then_die(*arguments):
    global seen
    verdict = report(*arguments)
    seen += 1
    if seen == 2 * tests.CONFIG.epochs + 2:
        os.kill(os.getpid(), signal.SIGKILL)
    return verdict
driver.Driver.report = report_then_die
tests.search(Path(sys.argv[1]), 5)
"""


def test_a_killed_search_goes_on_where_it_was(tmp_path):
    command = [sys.executable, "-c", KILLED, str(tmp_path / "killed")]
    root = Path(__file__).parents[3]
    environment = os.environ | {"PYTHONPATH": str(root), "OMP_NUM_THREADS": "1"}
    killed = subprocess.run(command, cwd=root, env=environment, capture_output=True, text=True)
    assert killed.returncode == -signal.SIGKILL, killed.stderr
    study = driver.open_study("mine", problem(), SPACE, folder=tmp_path / "killed")
    before = summary.of(study)
    assert [row["state"] for row in before["trials"]] == ["complete"] * 2
    _, after = search(tmp_path / "killed", 5)
    assert len(after["trials"]) == 5 and after["trials"][:2] == before["trials"]
    _, unbroken = search(tmp_path / "unbroken", 5)
    assert drawn(after) == drawn(unbroken)
    _, again = search(tmp_path / "killed", 5)  # the total is reached: nothing is trained
    assert again == after


# What comes out


def test_summary_is_small_json_and_is_drawn(tmp_path):
    _, found = search(tmp_path, 6, given=problem(GOOD), planted=[0.03, 0.01, 0.002, HOPELESS])
    path = summary.save(found, tmp_path)
    assert json.loads(path.read_text()) == found
    assert path.stat().st_size < 4000
    assert found["best"] in found["trials"]
    table = summary.frame(found)
    assert table.columns[0] == "score" and table.columns[-3:].tolist() == [
        *("epochs", "seconds", "state")
    ]
    assert len(table) == 6 and table.index[0] == str(found["best"]["number"])
    assert len(summary.frame(found, most=2)) == 2
    text = summary.table(found).splitlines()
    assert len(text) == 8 and text[0].startswith("trial") and text[-1].startswith("6 trials: ")
    figure = plots.search_history(found, {"report": 0.5}, title="It learns", note="n = 24")
    assert figure.axes[0].get_ylabel() == "accuracy, validation"
    few = found | {"importance": {"learning_rate": 0.75, "batch_size": 0.25}}
    figure = plots.search_importance(few)
    assert [t.get_text() for t in figure.axes[0].get_yticklabels()] == [
        "learning rate",
        "batch size",
    ]
    with pytest.raises(ValueError, match="too few complete trials"):
        plots.search_importance(found | {"importance": {}})


def test_the_command_searches_and_goes_on(own_cache, tmp_path, monkeypatch, capsys):
    monkeypatch.setenv("FER_UTILS_RESULTS", str(tmp_path / "results"))
    space = tmp_path / "space.json"
    space.write_text('{"learning_rate": {"low": 1e-4, "high": 1e-2, "log": true}}')
    command = ["search", "zagreb_fully_connected-7-as-reported", "--profile", "smoke"]
    command += ["--space", str(space), "--study", "mine", "--epochs", "1", "--trials"]
    assert cli.main([*command, "1"]) == 0
    assert cli.main([*command, "2"]) == 0
    assert "2 trials: 2 complete" in capsys.readouterr().out
    found = json.loads((own_cache / "searches" / "mine.json").read_text())
    assert len(found["trials"]) == 2 and found["profile"] == "smoke"
    assert not (tmp_path / "results").exists()  # a smoke run is no result


def test_what_is_missing_is_named(monkeypatch, tmp_path, capsys):
    monkeypatch.setitem(sys.modules, "optuna", None)
    with pytest.raises(ImportError, match="the extra `search`"):
        driver.open_study("mine", problem(), SPACE, folder=tmp_path)
    monkeypatch.setitem(sys.modules, "ray", None)
    from fer_utils.search import on_ray

    with pytest.raises(ImportError, match="the extra `ray`"):
        on_ray.runner()
    missing = ["search", "zagreb_fully_connected-7-as-reported", "--trials", "1", "--space", "no"]
    assert cli.main(missing) == 1
    assert "--space no: no such file" in capsys.readouterr().err


def test_through_ray_the_study_is_the_same(ray, tmp_path):
    from fer_utils.search import on_ray

    rates = [GOOD, 0.03, 0.03, HOPELESS]
    _, here = search(tmp_path / "here", 6, given=problem(GOOD), planted=rates)
    runner = on_ray.runner(num_cpus=1)
    _, there = search(tmp_path / "there", 6, given=problem(GOOD), planted=rates, runner=runner)
    assert not ray.is_initialized()
    assert drawn(there) == drawn(here)
    for key in ("state", "score", "curve", "epochs"):
        assert [row[key] for row in there["trials"]] == [row[key] for row in here["trials"]]
    assert there["trials"][4]["state"] == "pruned"
