"""What a chapter can show: recorded, trainable here, and not waiting for a teacher."""

from __future__ import annotations

from dataclasses import replace

import pytest

from fer_utils.data import drawn_faces
from fer_utils.experiments.config import TrainConfig
from fer_utils.experiments.experiment import Experiment
from fer_utils.training import at_hand, distillation

ALONE = Experiment("fully_connected_1x512", "alone", "13", TrainConfig(epochs=1), seeds=(0, 1))
TAUGHT = replace(
    ALONE, recipe="taught", config=TrainConfig(1, teachers=("x-7-ours",), teachers_share=0.5)
)
LARGE = replace(ALONE, recipe="large", gpu=True)
EVERY = {"alone": ALONE, "taught": TAUGHT, "large": LARGE}
FACES = drawn_faces.dataset(n=21, seed=0)


@pytest.fixture(autouse=True)
def cpu(monkeypatch, tmp_path):
    monkeypatch.setenv("FER_UTILS_RESULTS", str(tmp_path))
    monkeypatch.setattr(at_hand, "computes_on_gpu", lambda: False)


def test_recorded_are_those_with_a_record(monkeypatch):
    monkeypatch.setattr(
        at_hand, "state", lambda one, framework: "none" if one is TAUGHT else "0 (stale)"
    )
    assert list(at_hand.at_hand(EVERY, FACES, "recorded", 0)) == ["alone", "large"]


def test_smoke_has_what_this_machine_can_train_with_this_seed(monkeypatch):
    assert list(at_hand.at_hand(EVERY, FACES, "smoke", 1)) == ["alone", "taught"]
    assert at_hand.at_hand(EVERY, FACES, "smoke", 2) == {}
    monkeypatch.setattr(at_hand, "computes_on_gpu", lambda: True)
    assert list(at_hand.at_hand(EVERY, FACES, "smoke", 1)) == list(EVERY)


def test_a_full_run_leaves_out_who_waits_for_a_teacher_and_says_what_makes_it(monkeypatch, capsys):
    pytest.importorskip("torch")
    waits = {"x-7-ours": True}
    monkeypatch.setattr(
        distillation,
        "missing_teachers",
        lambda one, data: [name for name in one.teachers if waits[name]],
    )
    assert list(at_hand.at_hand(EVERY, FACES, "full", 0)) == ["alone"]
    said = capsys.readouterr().out
    assert said.startswith("left out: taught learns from x-7-ours; `python -m fer_utils train x-7")
    waits["x-7-ours"] = False
    assert list(at_hand.at_hand(EVERY, FACES, "full", 0)) == ["alone", "taught"]
    assert capsys.readouterr().out == ""
