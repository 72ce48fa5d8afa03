"""`python -m fer_utils search`, and the summaries it leaves for the chapter."""

from __future__ import annotations

import importlib.util

import numpy as np
import pytest

from fer_utils import cli
from fer_utils.data import fer2013, splits
from tests.unit.search.conftest import EXPERIMENT

pytest.importorskip("torch")
pytest.importorskip("optuna", reason="the search needs Optuna: pip install -e '.[search]'")
from fer_utils.search import command, committed, summary  # noqa: E402


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


def test_a_pre_trained_network_is_not_searched(full):
    with pytest.raises(ValueError, match="searches are for networks from scratch"):
        full(1, experiment="squeezenet_48-7-ours")


def test_a_summary_that_would_lose_trials_is_not_replaced(full, own_cache, capsys):
    """As in a fresh clone: the summary came with it, the study stayed in another cache."""
    path, _ = full(2)
    before = path.read_bytes()
    full(2)  # the study is here: it goes on
    study = own_cache / "searches" / f"{EXPERIMENT}.db"
    study.rename(own_cache / "elsewhere")
    with pytest.raises(
        FileExistsError, match="has 2 trials, and the study .* --study, or .*--force"
    ):
        full(3)
    assert cli.main(["search", EXPERIMENT, "--trials", "3"]) == 1
    assert "add --force" in capsys.readouterr().err
    assert path.read_bytes() == before and not study.exists()  # nothing is left behind either
    full(1, study="other")
    full(1, force=True)
    assert len(committed.recorded(EXPERIMENT)["trials"]) == 1


def test_trials_are_the_first_of_a_study_or_they_are_not(full):
    path, _ = full(2)
    found = summary.read(path)
    first, second = found["trials"]
    for rows, kept in (
        ([first], True),
        ([first, second | {"seconds": 1e6}], True),
        ([second, first], False),
        ([first, second | {"score": 0.5}], False),
        ([first, second, second], False),
    ):
        summary.save(found | {"trials": rows}, path.parent)
        if kept:
            full(2)
        else:
            with pytest.raises(FileExistsError, match=f"has {len(rows)} trials"):
                full(2)


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
    found = command.look_up(EXPERIMENT, trials=1, profile="full")
    assert found == committed.recorded(EXPERIMENT) and len(found["trials"]) == 1
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
