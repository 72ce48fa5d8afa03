"""Runs on action units in the three profiles."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from fer_utils.data.dataset import CLASSES
from fer_utils.data.unit_faces import UnitFaces
from fer_utils.experiments.action_units import CKPLUS, EXPERIMENTS
from fer_utils.multitask import joint, unit_runs
from fer_utils.records import unit_record

from ..data import ckplus_tree

pytest.importorskip("torch")

EXPERIMENT = replace(
    EXPERIMENTS["joint-300"],
    faces=UnitFaces("portraits", 60, train=30, size=32),
    config=replace(EXPERIMENTS["joint-300"].config, epochs=1),
)


@pytest.fixture
def results(tmp_path, monkeypatch):
    unit_runs._fit.cache_clear()
    monkeypatch.setenv("FER_UTILS_RESULTS", str(tmp_path))
    return tmp_path


def test_a_full_run_is_kept_and_then_found(results):
    assert unit_runs.run(EXPERIMENT) is None
    made = unit_runs.run(EXPERIMENT, profile="full", progress=False)
    assert (made.train_pictures, len(made), made.data) == (30, 12, "drawn_faces")
    assert set(np.unique(made.scores)) <= {0, 255}
    again = unit_runs.run(EXPERIMENT, profile="full", progress=False)
    assert again.seconds == made.seconds  # looked up, not made again
    assert np.array_equal(unit_runs.run(EXPERIMENT).scores, made.scores)
    path = unit_record.place(EXPERIMENT.name, 0)
    path.write_text("{")
    with pytest.raises(ValueError, match="make it again: python -m fer_utils run"):
        unit_runs.run(EXPERIMENT)
    unit_runs.run(EXPERIMENT, profile="full", progress=False)  # what the message asks for
    assert np.array_equal(unit_runs.run(EXPERIMENT).scores, made.scores)


def test_smoke_is_small_and_keeps_nothing(results):
    made = unit_runs.run(EXPERIMENT, profile="smoke", progress=False)
    assert len(made.history) == 1
    assert not list(results.iterdir())
    small = unit_runs.smaller(EXPERIMENTS["units-3000"])
    assert small.faces.pictures == unit_runs.SMOKE_PICTURES
    assert small.config.epochs == 1


def test_many_runs_leave_out_what_is_not_recorded(results):
    other = replace(EXPERIMENT, name="another", seeds=(1,))
    assert unit_runs.run_all([EXPERIMENT, other]) == {}
    made = unit_runs.run_all([EXPERIMENT, other], seed=1, profile="full", progress=False)
    assert {name: [one.seed for one in runs] for name, runs in made.items()} == {
        EXPERIMENT.name: [1],
        "another": [1],
    }
    assert [one.seed for one in unit_runs.run_all([EXPERIMENT])[EXPERIMENT.name]] == [1]


def test_ck_plus_runs_where_it_is(results, tmp_path, monkeypatch):
    monkeypatch.delenv("CKPLUS_DIR", raising=False)
    small = replace(
        CKPLUS, faces=replace(CKPLUS.faces, size=32), network="small_residual",
        config=replace(CKPLUS.config, epochs=2),
    )  # fmt: skip
    with pytest.raises(FileNotFoundError, match="signed agreement"):
        unit_runs.run(small, profile="full", progress=False)
    tree = ckplus_tree.write(tmp_path / "ckplus")
    made = unit_runs.run(small, profile="full", data_dir=tree, progress=False)
    assert made.data == "ckplus"
    assert made.with_scores
    assert np.isfinite([row["train_loss"] for row in made.history]).all()
    assert unit_record.find(small, 0).hardware == made.hardware


def test_from_drawn_faces_to_fer2013(results, own_cache, tiny_folder, monkeypatch):
    fit, began, ended = joint.fit, [], []

    def watched(*args, initial=None, **options):
        began.append(initial)
        ended.append(fit(*args, initial=initial, **options))
        return ended[-1]

    monkeypatch.setattr(joint, "fit", watched)
    drawn = EXPERIMENTS["drawn-on-fer2013"]
    drawn = replace(
        drawn, faces=replace(drawn.faces, pictures=42), config=replace(drawn.config, epochs=1)
    )
    later = EXPERIMENTS["fer2013-287-drawn"]
    later = replace(later, start=drawn, faces=replace(later.faces, train=14),
                    config=replace(later.config, epochs=1))  # fmt: skip
    there = {"data_dir": tiny_folder, "profile": "full", "progress": False}
    made = unit_runs.run(drawn, **there)
    assert (made.train_pictures, made.emotions) == (42, CLASSES)
    assert made.emotion_metrics().n == 14  # PrivateTest of the tiny folder
    moved = unit_runs.run(later, **there)
    assert (moved.train_pictures, moved.emotion_metrics().n) == (14, 14)
    assert began[0] is None
    assert began[1] is ended[0].weights  # the drawn run was made once


def test_a_full_run_needs_the_folder_copy_of_fer2013(results, own_cache, tiny_csv):
    for name in ("drawn-on-fer2013", "fer2013-287-fresh"):
        with pytest.raises(ValueError, match="image-folder copy of FER2013, got fer2013-csv"):
            unit_runs.run(EXPERIMENTS[name], profile="full", data_dir=tiny_csv, progress=False)
    assert not list(results.glob("action_units/*"))


def test_codes_part_at_one_half():
    logits = np.array([[-1e9, -1e-6, 0.0, 1e-6, np.log(3), 1e9]], np.float32)
    assert unit_runs.codes_of(logits).tolist() == [[0, 127, 128, 128, 192, 255]]


def test_an_unknown_profile_is_an_error():
    with pytest.raises(ValueError, match="profile='fast'"):
        unit_runs.run(EXPERIMENT, profile="fast")
