"""`python -m fer_utils search`, and the summaries it leaves for the chapter."""

from __future__ import annotations

import importlib.util
import json
from dataclasses import replace

import numpy as np
import pytest

from fer_utils import cli, experiments
from fer_utils.data import drawn_faces, fer2013, splits
from fer_utils.data.card import make_card
from fer_utils.paths import results_dir
from fer_utils.records.run_record import StaleRecord

pytest.importorskip("torch")
pytest.importorskip("optuna", reason="the search needs Optuna: pip install -e '.[search]'")
from fer_utils.search import command, summary  # noqa: E402

EXPERIMENT = "fully_connected_1x512-7-sweep"


@pytest.fixture
def full(own_cache, tmp_path, monkeypatch):
    """Drawn faces as FER2013, with their card; results and cache of this test alone."""
    monkeypatch.setenv("FER_UTILS_RESULTS", str(tmp_path / "results"))
    faces = replace(drawn_faces.dataset(n=400, seed=0), name="fer2013")
    make_card(faces).save()
    monkeypatch.setattr(fer2013, "load", lambda data_dir=None: faces)

    def run(trials: int, experiment: str = EXPERIMENT, **options):
        space = command.space("default")
        options = {"epochs": 1, "progress": False} | options
        return command.search(experiment, space, trials=trials, **options)

    return run


@pytest.mark.parametrize(
    ("given", "expected"),
    [([], None), (["--ray"], "local"), (["--ray", "auto"], "auto"), (["--ray=h:6379"], "h:6379")],
)
def test_ray_without_an_address_is_on_this_machine(given, expected, monkeypatch, tmp_path):
    seen = {}

    def search(experiment, space, **options):
        seen.update(options)
        raise ValueError("seen enough")

    monkeypatch.setattr(command, "search", search)
    assert cli.main(["search", EXPERIMENT, "--trials", "3", *given]) == 1
    assert seen["ray"] == expected and seen["trials"] == 3


def test_an_experiment_taken_for_the_address_is_a_wrong_call(capsys):
    with pytest.raises(SystemExit) as stop:
        cli.main(["search", "--ray", EXPERIMENT, "--trials", "3"])
    assert stop.value.code == 2
    message = capsys.readouterr().err
    assert "search EXPERIMENT --trials N [--ray [ADDRESS]]" in message
    assert "required: EXPERIMENT" in message


def test_the_command_draws_what_it_found(own_cache, capsys):
    command = ["search", EXPERIMENT, "--profile", "smoke", "--epochs", "1", "--trials", "2"]
    assert cli.main(command) == 0
    picture = own_cache / "searches" / f"{EXPERIMENT}-smoke-history.png"
    assert picture.read_bytes().startswith(b"\x89PNG")
    assert f"wrote {picture}" in capsys.readouterr().out


def test_a_recorded_summary_is_that_of_its_experiment_and_data(full):
    assert command.recorded(EXPERIMENT) is None
    path, _ = full(2)
    assert path == results_dir() / "searches" / f"{EXPERIMENT}.json"
    found = command.recorded(EXPERIMENT)
    assert found == json.loads(path.read_text()) and len(found["trials"]) == 2
    assert found["n"] == len(splits.validation_tenth(fer2013.load())[1])
    for key, wrong in (("fingerprint", "0" * 64), ("spec", {}), ("config", found["config"])):
        if key == "config":
            wrong = wrong | {"precision": "float32"}
        path.write_text(json.dumps(found | {key: wrong}))
        again = f"search {EXPERIMENT} --trials 2 --framework torch --epochs 1 --study"
        with pytest.raises(StaleRecord, match=again):
            command.recorded(EXPERIMENT)
    path.write_text("{")
    with pytest.raises(ValueError, match=f"{EXPERIMENT}.json: cut short"):
        command.recorded(EXPERIMENT)
    path.write_text("{}")
    with pytest.raises(ValueError, match="no summary of a search"):
        command.recorded(EXPERIMENT)


def test_a_pre_trained_network_is_not_searched(full):
    with pytest.raises(ValueError, match="searches are for networks from scratch"):
        full(1, experiment="squeezenet_48-7-ours")


def test_without_a_gpu_trials_have_the_precision_that_is_meant_for_a_cpu(full, monkeypatch):
    """Both summaries count, that of a machine with a GPU and that of one without."""
    chosen = experiments.get("zagreb_fully_connected-7-ours")
    shorter = replace(chosen.config, epochs=3, precision="float32")
    monkeypatch.setitem(experiments.EXPERIMENTS, chosen.name, replace(chosen, on_cpu=shorter))
    for gpu, precision, part in ((False, "float32", "ten_thousand"), (True, "bf16", "nine_tenths")):
        monkeypatch.setattr(command, "computes_on_gpu", lambda framework, gpu=gpu: gpu)
        study = f"on-{precision}"
        full(1, study=study, experiment=chosen.name)
        made = command.recorded(study)["config"]
        assert (made.get("precision", "float32"), made["train_on"]) == (precision, part)


def test_looked_up_is_what_there_is_or_the_command_that_makes_it(full, capsys):
    for profile in ("recorded", "smoke"):
        assert command.look_up(EXPERIMENT, trials=2, profile=profile) is None
    options = {"trials": 4, "folds": 5, "study": "mine", "ray": "local"}
    assert command.look_up(EXPERIMENT, **options) is None
    said = capsys.readouterr().out
    assert f"`python -m fer_utils search {EXPERIMENT} --trials 2` makes" in said
    assert f"{EXPERIMENT} --trials 4 --folds 5 --study mine --ray` makes" in said
    full(2)
    assert len(command.look_up(EXPERIMENT, trials=2)["trials"]) == 2
    assert capsys.readouterr().out == ""
    assert len(command.look_up(EXPERIMENT, trials=3)["trials"]) == 2
    assert "--trials 3" in capsys.readouterr().out


def test_looked_up_in_the_full_profile_is_searched_but_not_without_ray(full, monkeypatch, capsys):
    monkeypatch.setattr(command, "SWEEP_EPOCHS", 1)
    found = command.look_up(EXPERIMENT, trials=1, profile="full")
    assert found == command.recorded(EXPERIMENT) and len(found["trials"]) == 1
    monkeypatch.setattr(importlib.util, "find_spec", lambda name: None)
    options = {"trials": 1, "profile": "full", "study": "on-ray", "ray": "local"}
    assert command.look_up(EXPERIMENT, **options) is None
    assert "--study on-ray --ray` makes" in capsys.readouterr().out


def test_folds_are_read_back_from_the_running_means(full):
    path, _ = full(1, folds=3, study="folds")
    (row,) = (found := summary.read(path))["trials"]
    accuracies = summary.fold_accuracies(row)
    kept = splits.validation_tenth(fer2013.load())[0]
    sizes = np.bincount(splits.stratified_folds(kept.labels, 3))
    assert len(accuracies) == 3 and found["n"] == sizes.sum() == len(kept)
    assert sum(accuracies) / 3 == pytest.approx(row["score"], abs=2e-4)
    images = np.multiply(accuracies, sizes)
    assert images == pytest.approx(images.round(), abs=0.02)


def test_interval_of_a_trial_and_none_of_a_pruned_one():
    found = {"study": "mine", "n": 20}
    row = {"number": 1, "score": 0.6, "state": "complete"}
    assert summary.interval(found, row) == pytest.approx((0.6, 0.3866, 0.7812), abs=1e-4)
    with pytest.raises(ValueError, match="trial 1 of 'mine' is pruned"):
        summary.interval(found, row | {"score": None, "state": "pruned"})


def test_trials_of_two_searches_stand_beside_each_other_as_far_as_both_go():
    row = {"params": {"learning_rate": 0.1}, "score": 0.25, "state": "complete", "seconds": 3.0}
    pruned = row | {"score": None, "state": "pruned", "seconds": 1.5}
    other = pruned | {"params": {"learning_rate": 0.2}}
    found = summary.trial_by_trial(
        {"trials": [row, pruned, row]}, {"trials": [row | {"seconds": 4.0}, other]}
    )
    assert [list(one.values()) for one in found] == [
        [True, "25.00%", "25.00%", 3.0, 4.0],
        [False, "pruned", "pruned", 1.5, 1.5],
    ]


def test_the_usual_space_holds_every_report_s_rate_and_decay():
    for rate, decay in ((1e-5, 1e-7), (1e-4, 1e-7), (1e-3, 1e-4)):
        assert command.space("default").holds("learning_rate", rate)
        assert command.space("default").holds("weight_decay", decay)


def test_committed_summaries_are_current():
    for path in sorted((results_dir() / "searches").glob("*.json")):
        assert command.recorded(path.stem)["profile"] == "full"
