"""Records of named experiments: what is chosen, in which order, and how a call ends."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from dataclasses import replace

import pytest

from fer_utils import cli, experiments, paths
from fer_utils.data import drawn_faces, fer2013
from fer_utils.experiments.config import TrainConfig
from fer_utils.experiments.experiment import Experiment
from fer_utils.records import run_record
from fer_utils.training import kept_weights, recordings

EXPERIMENT = Experiment(
    network="fully_connected_1x512",
    recipe="of-a-test",
    chapter="02",
    config=TrainConfig(epochs=1, batch_size=64),
    frameworks=("torch", "keras"),
    seeds=(0, 1),
    ship=2,
)


@pytest.fixture
def known(tmp_path, monkeypatch):
    """The experiment among the registered, with a cache and results of this test alone."""
    monkeypatch.setenv("FER_UTILS_RESULTS", str(tmp_path / "results"))
    monkeypatch.setenv("FER_UTILS_CACHE", str(tmp_path / "cache"))
    monkeypatch.setitem(experiments.EXPERIMENTS, EXPERIMENT.name, EXPERIMENT)
    data = replace(drawn_faces.dataset(n=140, seed=0), name="fer2013")
    monkeypatch.setattr(fer2013, "load", lambda _: data)
    return data


def test_patterns_choose_in_the_order_of_registration():
    found = recordings.chosen(["*-7-ours", "zagreb_fully_connected-*"])
    names = [experiment.name for experiment in found]
    assert names == [name for name in experiments.EXPERIMENTS if name in names]
    assert "zagreb_fully_connected-7-as-reported" in names
    with pytest.raises(ValueError, match="near names: zagreb_fully_connected-7-ours"):
        recordings.chosen(["*-7-ours", "zagreb_fully_conected-7-ours"])


def test_the_first_seed_of_everything_comes_first():
    other = replace(EXPERIMENT, recipe="other", frameworks=("torch",))
    planned = recordings.plan([EXPERIMENT, other])
    assert [(p.seed, p.framework) for p in planned] == [
        *((0, "torch"), (0, "keras"), (0, "torch")),
        *((1, "torch"), (1, "keras"), (1, "torch")),
    ]
    assert len(recordings.plan([EXPERIMENT], "keras", [5])) == 1
    with pytest.raises(ValueError, match="none of these is recorded in 'keras'"):
        recordings.plan([other], "keras")


def test_every_seed_of_a_teacher_comes_before_its_student():
    taught = replace(EXPERIMENT.config, teachers=(EXPERIMENT.name,), teachers_share=0.5)
    student = replace(EXPERIMENT, recipe="student", config=taught, frameworks=("torch",))
    again = replace(taught, teachers=(student.name,))
    pupil = replace(student, recipe="pupil", seeds=(0,), config=again)
    other = replace(EXPERIMENT, recipe="other", frameworks=("torch",))
    planned = recordings.plan([pupil, student, EXPERIMENT, other], "torch")
    assert [(one.experiment.recipe, one.seed) for one in planned] == [
        *(("of-a-test", 0), ("other", 0), ("of-a-test", 1), ("other", 1)),
        *(("student", 0), ("student", 1), ("pupil", 0)),
    ]


def test_a_record_is_made_once_and_listed(known, capsys):
    pytest.importorskip("torch")
    call = ["train", EXPERIMENT.name, "--framework", "torch"]
    assert cli.main([*call, "--seed", "0"]) == 0
    assert capsys.readouterr().out.startswith(f"[1/1] {EXPERIMENT.name}, torch, seed 0: private")
    assert cli.main(call) == 0
    first, second = capsys.readouterr().out.splitlines()
    assert first.endswith("already made") and "seed 1: private_test" in second
    assert cli.main(["train", "--list", "*-of-a-*"]) == 0
    assert "chapter 02  torch: 0 1, keras: none" in capsys.readouterr().out


def test_a_teacher_whose_weights_are_gone_is_made_again_for_a_student_to_come(known, monkeypatch):
    pytest.importorskip("torch")
    taught = replace(EXPERIMENT.config, teachers=(EXPERIMENT.name,), teachers_share=0.5)
    student = replace(EXPERIMENT, recipe="student", config=taught, seeds=(0,), ship=0)
    monkeypatch.setitem(experiments.EXPERIMENTS, student.name, student)
    lessons, lesson = recordings.plan([EXPERIMENT], "torch"), recordings.plan([student], "torch")
    made = list(recordings.make(lessons, known))
    assert not any(one.error or one.text == "already made" for one in made)
    assert all(recordings.is_made(one, known.fingerprint) for one in lessons)
    kept = paths.cache_dir() / "weights" / EXPERIMENT.name / "torch-seed1.safetensors"
    kept.unlink()
    assert [recordings.is_made(one, known.fingerprint) for one in lessons] == [True, False]
    (again,) = recordings.make(lessons[1:], known)
    assert kept.is_file() and again.text != "already made"
    assert [one.error for one in recordings.make(lesson, known)] == [""]
    kept.unlink()
    assert recordings.is_made(lessons[1], known.fingerprint)  # nobody waits for it any more
    monkeypatch.setitem(experiments.EXPERIMENTS, student.name, replace(student, seeds=(0, 1)))
    assert not recordings.is_made(lessons[1], known.fingerprint)  # the student's second seed does


def test_a_run_that_a_shorter_one_would_replace_is_told_as_made_already(known, monkeypatch):
    pytest.importorskip("torch")
    once = replace(EXPERIMENT, seeds=(0,), on_cpu=replace(EXPERIMENT.config, learning_rate=0.5))
    monkeypatch.setitem(experiments.EXPERIMENTS, once.name, EXPERIMENT)  # as a GPU has it
    (planned,) = recordings.plan([replace(once, on_cpu=None)], "torch")
    list(recordings.make([planned], known))
    monkeypatch.setitem(experiments.EXPERIMENTS, once.name, once)
    kept_weights.shipped_path(once, "torch", 0).unlink()
    (planned,) = recordings.plan([once], "torch")
    (outcome,) = recordings.make([planned], known)
    assert (outcome.text, outcome.error) == ("already made", "")


def test_stale_and_damaged_records_are_listed_as_such(known, monkeypatch):
    pytest.importorskip("torch")
    list(recordings.make(recordings.plan([EXPERIMENT], "torch"), known))
    run_record.find(EXPERIMENT.name, "torch", 0)
    longer = replace(EXPERIMENT, config=replace(EXPERIMENT.config, epochs=2))
    (_, second) = run_record.framework_files(None, EXPERIMENT.name, "torch")
    second.write_text("{")
    assert recordings.state(longer, "torch") == "0 (stale) 1 (damaged)"


def test_a_run_that_fails_is_told_and_ends_no_other(known, monkeypatch, capsys):
    real = recordings.full_run.full

    def full(experiment, dataset, framework, seed, progress):
        if seed == 0:
            raise RuntimeError("out of memory")
        return real(experiment, dataset, framework, seed, progress)

    pytest.importorskip("torch")
    monkeypatch.setattr(recordings.full_run, "full", full)
    assert cli.main(["train", EXPERIMENT.name, "--framework", "torch"]) == 1
    told = capsys.readouterr()
    assert "seed 0: failed" in told.out and "seed 1: private_test" in told.out
    assert "seed 0: RuntimeError: out of memory" in told.err


@pytest.mark.skipif(os.name == "nt", reason="no alarms there")
def test_the_time_limit_and_a_scheduler_end_a_call_with_3(known, monkeypatch, capsys):
    def endless(*_):
        try:
            time.sleep(20)
        except Exception:  # as some library may
            pass

    def told_to_end(*_):
        os.kill(os.getpid(), signal.SIGTERM)
        endless()

    handler = signal.getsignal(signal.SIGTERM)
    for full, more in ((endless, ["--minutes", "0.001"]), (told_to_end, [])):
        monkeypatch.setattr(recordings.full_run, "full", full)
        assert cli.main(["train", EXPERIMENT.name, *more]) == 3
        assert "the time is up: 0 of 4 records" in capsys.readouterr().out
    assert signal.getsignal(signal.SIGTERM) is handler
    assert signal.getitimer(signal.ITIMER_REAL)[0] == 0


@pytest.mark.skipif(os.name == "nt", reason="no such signals there")
def test_a_second_signal_does_not_interrupt_what_the_first_one_left_to_do():
    done = []
    with pytest.raises(recordings.TimeIsUp), recordings.time_limit(None):
        try:
            os.kill(os.getpid(), signal.SIGTERM)
            time.sleep(20)
        finally:
            os.kill(os.getpid(), signal.SIGTERM)
            time.sleep(0.01)
            done.append("checkpoint")
    assert done == ["checkpoint"]


def test_other_data_are_refused_before_anything_runs(known, monkeypatch, capsys):
    monkeypatch.setattr(fer2013, "load", lambda _: replace(known, name="fer2013-csv"))
    assert cli.main(["train", EXPERIMENT.name]) == 1
    assert "got fer2013-csv" in capsys.readouterr().err


def test_without_an_experiment_the_call_is_wrong():
    with pytest.raises(SystemExit) as stop:
        cli.main(["train", "--framework", "torch"])
    assert stop.value.code == 2


def test_training_needs_no_notebook_software():
    code = (
        "import sys, fer_utils.cli, fer_utils.training.recordings; "
        "print({'matplotlib', 'papermill', 'IPython', 'torch', 'keras'} & set(sys.modules))"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "set()"
