"""Records made by several processes: how many at once, how each ends, and what a limit leaves."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from dataclasses import replace

import pytest

from fer_utils import cli
from fer_utils.data import drawn_faces
from fer_utils.experiments.config import CHOICES, TrainConfig
from fer_utils.experiments.experiment import Experiment
from fer_utils.training import processes, recordings

EXPERIMENT = Experiment(
    network="fully_connected_1x512",
    recipe="of-a-test",
    chapter="02",
    config=TrainConfig(epochs=1),
    frameworks=("torch", "keras"),
)
PLANNED = recordings.plan([EXPERIMENT], seeds=[0, 1, 2])
DATA = replace(drawn_faces.dataset(n=21, seed=0), name="fer2013")


@pytest.fixture
def says(tmp_path, monkeypatch):
    """Makes each process run a line of Python that knows `planned`, `folder` and `seed`."""
    monkeypatch.setenv("FER_UTILS_RESULTS", str(tmp_path / "results"))
    monkeypatch.setattr(processes, "LOOK", 0.01)

    def use(line: str) -> None:
        def command(planned, *_):
            known = f"planned, folder, seed = {str(planned)!r}, {str(tmp_path)!r}, {planned.seed}"
            code = f"import os, signal, sys, time; {known}\n{line}"
            return [sys.executable, "-S", "-c", code]

        monkeypatch.setattr(processes, "command", command)

    return use


def test_each_record_is_told_of_and_never_more_at_once_than_asked(says, tmp_path):
    says(
        "name = f'{folder}/{os.getpid()}'; open(name, 'w').close(); time.sleep(0.05)\n"
        "at_once = sum(entry.name.isdigit() for entry in os.scandir(folder))\n"
        "os.remove(name); print(f'[1/1] {planned}: {at_once} at once')"
    )
    found = list(processes.make(PLANNED, DATA, 2))
    assert sorted(map(str, (one.planned for one in found))) == sorted(map(str, PLANNED))
    assert {one.error for one in found} == {""}
    assert {one.text for one in found} <= {"1 at once", "2 at once"}


def test_one_that_fails_or_dies_is_told_and_ends_no_other(says):
    says(
        "if seed == 0: print(f'error: {planned}: RuntimeError: no memory', file=sys.stderr); "
        "sys.exit(1)\n"
        "if seed == 1: os._exit(9)\n"
        "print(f'[1/1] {planned}: done')"
    )
    found = {one.planned.seed: one for one in processes.make(PLANNED, DATA, 3)}
    assert found[0].error == "RuntimeError: no memory (exit code 1 of its process)"
    assert found[1].error == "it said nothing (exit code 9 of its process)"
    assert (found[2].text, found[2].error) == ("done", "")


@pytest.mark.skipif(os.name == "nt", reason="no such signals there")
def test_a_framework_that_cannot_be_asked_leaves_the_answer_to_the_process(says, monkeypatch):
    def broken(*_):
        raise RuntimeError("no such backend")

    monkeypatch.setattr(recordings, "is_made", broken)
    says("print(f'[1/1] {planned}: made')")
    assert [one.text for one in processes.make(PLANNED[:1], DATA, 2)] == ["made"]


def test_whoever_stops_asking_ends_the_processes_in_order(says, tmp_path):
    says(
        "def stop(*_): open(f'{folder}/kept', 'w').close(); sys.exit(3)\n"
        "signal.signal(signal.SIGTERM, stop)\n"
        "if seed == 0: print(f'[1/1] {planned}: done'); sys.exit()\n"
        "open(f'{folder}/began', 'w').close(); time.sleep(60)"
    )
    outcomes = processes.make([PLANNED[0], PLANNED[-1]], DATA, 2)
    assert next(outcomes).text == "done"
    while not (tmp_path / "began").exists():
        time.sleep(0.01)
    outcomes.close()
    assert (tmp_path / "kept").exists()


@pytest.mark.skipif(os.name == "nt", reason="no such signals there")
def test_one_that_does_not_heed_the_end_is_killed(says, tmp_path, monkeypatch):
    monkeypatch.setattr(processes, "GRACE", 0.1)
    says(
        "signal.signal(signal.SIGTERM, signal.SIG_IGN)\n"
        "print(f'[1/1] {planned}: done', flush=True)\n"
        "if seed: open(f'{folder}/pid', 'w').write(str(os.getpid())); time.sleep(60)"
    )
    outcomes = processes.make([PLANNED[0], PLANNED[-1]], DATA, 2)
    next(outcomes)
    while not (tmp_path / "pid").exists() or not (tmp_path / "pid").read_text():
        time.sleep(0.01)
    outcomes.close()
    with pytest.raises(ProcessLookupError):
        os.kill(int((tmp_path / "pid").read_text()), 0)


def test_a_process_whose_own_time_is_up_says_so_for_all(says):
    says("sys.exit(3)")
    with pytest.raises(recordings.TimeIsUp):
        list(processes.make(PLANNED, DATA, 2))


def test_of_each_seed_the_longest_starts_first():
    def planned(epochs, batch_size, train_on, seed):
        config = TrainConfig(epochs=epochs, batch_size=batch_size, train_on=train_on)
        return recordings.Planned(replace(EXPERIMENT, config=config), "torch", seed)

    sweep, small_batches = planned(10, 128, "ten_thousand", 0), planned(10, 32, "all", 0)
    whole, second = planned(14, 128, "nine_tenths", 0), planned(100, 32, "all", 1)
    found = processes.longest_first([second, sweep, whole, small_batches])
    assert found == [small_batches, whole, sweep, second]
    assert set(processes.SHARE) == set(CHOICES["train_on"])


def test_a_student_starts_when_the_last_of_its_teachers_has_ended(says, tmp_path):
    config = TrainConfig(epochs=100, teachers=(EXPERIMENT.name,), teachers_share=0.5)
    student = replace(EXPERIMENT, recipe="student", config=config, frameworks=("torch",))
    planned = recordings.plan([student, EXPERIMENT], "torch", seeds=[0, 1])
    says(
        "name = f'{folder}/{planned}'; before = os.listdir(folder); time.sleep(0.05)\n"
        "open(name, 'w').close(); teachers = sum('of-a-test' in one for one in before)\n"
        "print(f'[1/1] {planned}: {teachers}')"
    )
    found = {str(one.planned): one.text for one in processes.make(planned, DATA, 3)}
    assert found[f"{student.name}, torch, seed 0"] == found[f"{student.name}, torch, seed 1"] == "2"


def test_the_call_is_that_of_one_record():
    words = processes.command(PLANNED[0], "/data", 2.5)
    assert words[1:] == [
        *("-m", "fer_utils", "train", EXPERIMENT.name, "--framework", "torch", "--seed", "0"),
        *("--data-dir", "/data", "--minutes", "2.500"),
    ]
    assert processes.command(PLANNED[0], None, None) == words[:-4]
    known = [cli.__file__.removesuffix("cli.py") + "__main__.py", *words[3:4], "--help"]
    said = subprocess.run([sys.executable, *known], capture_output=True, text=True, check=True)
    assert all(word in said.stdout for word in ("--framework", "--seed", "--data-dir", "--minutes"))


def test_each_gets_its_share_of_the_cores_and_what_is_set_stays(monkeypatch):
    monkeypatch.setattr(processes.os, "cpu_count", lambda: 16)
    monkeypatch.delenv("OMP_NUM_THREADS", raising=False)
    assert processes.environment(5)["OMP_NUM_THREADS"] == "3"
    monkeypatch.setenv("OMP_NUM_THREADS", "7")
    assert processes.environment(5)["OMP_NUM_THREADS"] == "7"
    monkeypatch.delenv("OMP_NUM_THREADS")
    assert processes.environment(99)["OMP_NUM_THREADS"] == "1"


def test_other_data_are_refused_before_anything_runs(says):
    with pytest.raises(ValueError, match="got drawn_faces"):
        next(processes.make(PLANNED, replace(DATA, name="drawn_faces"), 2))


def test_a_wrong_number_of_workers_is_a_wrong_call():
    with pytest.raises(SystemExit) as stop:
        cli.main(["train", EXPERIMENT.name, "--workers", "0"])
    assert stop.value.code == 2
