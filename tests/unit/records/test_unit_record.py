"""Records of runs on action units: kept exactly, refused when stale, and what they must show."""

from __future__ import annotations

import json
import shutil
import subprocess
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from fer_utils.experiments.action_units import CKPLUS, EXPERIMENTS, TASKS
from fer_utils.paths import results_dir
from fer_utils.records import unit_record
from fer_utils.records.run_record import StaleRecord
from fer_utils.records.unit_record import UnitRecord

EXPERIMENT = EXPERIMENTS["joint-3000"]


def record(**changed) -> UnitRecord:
    rng = np.random.default_rng(0)
    n = 60
    units = rng.integers(0, 2, (n, 15)).astype(np.uint8)
    settings = {
        "experiment": EXPERIMENT.name, "seed": 0, "settings": EXPERIMENT.settings(),
        "profile": "full", "data": "drawn_faces", "emotions": EXPERIMENT.spec().emotions,
        "unit_names": tuple(f"AU{n}" for n in EXPERIMENT.spec().action_units),
        "train_pictures": 100, "hardware": "CPU", "versions": {"torch": "2"}, "seconds": 1.0,
        "history": [{"epoch": 1, "train_loss": 0.5}], "labels": np.arange(n, dtype=np.uint8) % 4,
        "units": units, "subject": np.arange(n, dtype=np.uint16) + 900,
        "emotion": np.zeros(n, np.uint8),
        "scores": np.where(rng.random((n, 15)) < 0.9, 200 * units, 130).astype(np.uint8),
        "with_scores": True,
    }  # fmt: skip
    return UnitRecord(**(settings | changed))


def test_what_is_saved_is_what_is_read(tmp_path):
    made = record()
    read = UnitRecord.load(made.save(tmp_path))
    for name in unit_record.ARRAYS:
        assert np.array_equal(getattr(made, name), getattr(read, name))
        assert getattr(read, name).dtype == getattr(made, name).dtype
    for name in ("experiment", "seed", "emotions", "unit_names", "history", "with_scores"):
        assert getattr(made, name) == getattr(read, name)
    assert unit_record.find(EXPERIMENT, 0, tmp_path).settings == json.loads(
        json.dumps(made.settings)
    )
    assert unit_record.find(EXPERIMENT, 1, tmp_path) is None


def test_a_record_that_was_altered_is_refused(tmp_path):
    path = record().save(tmp_path)
    plain = json.loads(path.read_text())
    path.write_text(json.dumps(plain | {"emotion": plain["scores"]}))
    with pytest.raises(ValueError, match="altered after it was written.*make it again"):
        UnitRecord.load(path)


def test_a_record_of_other_settings_is_stale(tmp_path):
    record().save(tmp_path)
    other = replace(EXPERIMENT, config=replace(EXPERIMENT.config, epochs=99))
    with pytest.raises(StaleRecord, match="other config than .* --only 12 --seed 0"):
        unit_record.find(other, 0, tmp_path)
    other = replace(EXPERIMENT, tasks=TASKS["units"], faces=replace(EXPERIMENT.faces, seed=5))
    with pytest.raises(StaleRecord, match="other faces, tasks than"):
        unit_record.find(other, 0, tmp_path)


def test_a_record_of_a_setting_that_the_experiment_has_no_more_is_stale(tmp_path):
    started = replace(EXPERIMENT, start=EXPERIMENTS["drawn-on-fer2013"])
    record(settings=started.settings()).save(tmp_path)
    with pytest.raises(StaleRecord, match="other start than"):
        unit_record.find(EXPERIMENT, 0, tmp_path)
    assert unit_record.find(started, 0, tmp_path).seed == 0


def test_a_record_of_another_run_than_its_name_says_is_refused(tmp_path):
    path = record().save(tmp_path)
    shutil.copy(path, unit_record.place(EXPERIMENT.name, 1, tmp_path))
    with pytest.raises(ValueError, match="joint-3000-1.json: is the full run of .* with seed 0"):
        unit_record.find(EXPERIMENT, 1, tmp_path)
    other = replace(EXPERIMENT, name="another")
    shutil.copy(path, unit_record.place(other.name, 0, tmp_path))
    with pytest.raises(ValueError, match="another-0.json: is the full run of joint-3000 with"):
        unit_record.find(other, 0, tmp_path)
    record(profile="smoke").save(tmp_path)
    with pytest.raises(ValueError, match="is the smoke run of .* --only 12 --seed 0"):
        unit_record.find(EXPERIMENT, 0, tmp_path)


def test_a_damaged_record_is_named(tmp_path):
    path = record().save(tmp_path)
    path.write_text(path.read_text()[:-40])
    with pytest.raises(ValueError, match="joint-3000-0.json: no record"):
        UnitRecord.load(path)


def test_runs_on_the_same_pictures_keep_their_truth_once(tmp_path):
    paths = [record(seed=seed).save(tmp_path) for seed in (0, 1)]
    paths.append(record(seed=2, labels=np.zeros(60, np.uint8)).save(tmp_path))
    assert len(list((tmp_path / unit_record.FOLDER / "truth").iterdir())) == 2
    labels = [UnitRecord.load(path).labels.sum() for path in paths]
    assert labels == [90, 90, 0]


def test_a_truth_that_is_missing_or_changed_is_named(tmp_path):
    path = record().save(tmp_path)
    (truth,) = (path.parent / "truth").iterdir()
    content = truth.read_text()
    truth.write_text(content.replace("[60]", "[59]", 1))
    with pytest.raises(ValueError, match=f"joint-3000-0.json: .*{truth.name}, was changed"):
        UnitRecord.load(path)
    record(seed=1).save(tmp_path)  # what the message asks for mends it for all
    assert len(UnitRecord.load(path)) == 60
    truth.unlink()
    with pytest.raises(ValueError, match=f"joint-3000-0.json: .*cannot be read.*{truth.name}"):
        UnitRecord.load(path)


def test_a_truth_that_no_record_names_is_found(tmp_path):
    path = record().save(tmp_path)
    assert unit_record.unused_truths(tmp_path) == []
    (old,) = (path.parent / "truth").iterdir()
    record(labels=np.zeros(60, np.uint8)).save(tmp_path)
    assert unit_record.unused_truths(tmp_path) == [old]


def test_git_ignores_what_a_run_on_ckplus_writes(tmp_path):
    subprocess.run(["git", "init", "-q", tmp_path], check=True)
    shutil.copy(Path(__file__).parents[3] / ".gitignore", tmp_path)
    record(experiment=CKPLUS.name, data="ckplus").save(tmp_path / "results")
    record().save(tmp_path / "results")
    asked = ["git", "status", "--porcelain", "-uall", "results"]
    seen = subprocess.run(asked, cwd=tmp_path, check=True, capture_output=True, text=True).stdout
    assert "joint-3000-0.json" in seen and "truth/drawn_faces-" in seen and "ckplus" not in seen


def test_figures_are_of_pictures_whose_emotion_is_known():
    made = record()
    assert made.emotion_metrics().n == 45  # labels 0, 1, 2; 3 is unlabelled
    assert made.emotion_metrics().accuracy == 15 / 45
    assert made.unit_metrics().n == 60
    assert made.unit_metrics().accuracy == (made.predicted == made.units).mean()
    assert set(np.unique(made.scores[made.predicted == 1])) <= {130, 200}
    low, high = made.interval()
    assert low < made.unit_metrics().macro_f1 < high
    assert record(with_scores=False).unit_metrics().macro_average_precision is None


@pytest.mark.parametrize("experiment", EXPERIMENTS.values(), ids=lambda e: e.name)
def test_committed_records_are_of_the_experiments_as_they_are(experiment):
    found = [unit_record.find(experiment, seed) for seed in experiment.seeds]
    for seed, made in zip(experiment.seeds, found, strict=True):
        if made is None:
            continue
        assert (made.experiment, made.seed, made.profile) == (experiment.name, seed, "full")
        assert len(made.history) == experiment.config.epochs
        assert len(made.labels) == len(made.units) == len(made.scores) == len(made.subject)


def test_no_record_is_there_that_nobody_asks_for():
    wanted = {f"{e.name}-{seed}.json" for e in (*EXPERIMENTS.values(), CKPLUS) for seed in e.seeds}
    there = {path.name for path in (results_dir() / unit_record.FOLDER).glob("*.json")}
    assert there <= wanted
    assert not unit_record.unused_truths(), "delete what no record names any more"


def test_the_joint_network_reaches_what_the_course_asks_for():
    made = [unit_record.find(EXPERIMENT, seed) for seed in EXPERIMENT.seeds]
    made = [one for one in made if one is not None]
    if not made:
        pytest.skip(f"no record of {EXPERIMENT.name}: {unit_record.command()}")
    for one in made:
        assert one.emotion_metrics().accuracy >= 0.97
        assert one.unit_metrics().macro_f1 >= 0.90
