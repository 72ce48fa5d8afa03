"""Summaries in `results/searches`: what is current, and what makes a stale one again."""

from __future__ import annotations

import json
import shlex
from dataclasses import replace

import pytest

from fer_utils import cli, experiments
from fer_utils.data import fer2013, splits
from fer_utils.paths import results_dir
from fer_utils.records.run_record import StaleRecord
from tests.unit.search.conftest import EXPERIMENT

pytest.importorskip("torch")
pytest.importorskip("optuna", reason="the search needs Optuna: pip install -e '.[search]'")
from fer_utils.search import command, summary  # noqa: E402
from fer_utils.search.committed import recorded  # noqa: E402


def test_a_recorded_summary_is_that_of_its_experiment_and_data(full):
    assert recorded(EXPERIMENT) is None
    path, _ = full(2)
    assert path == results_dir() / "searches" / f"{EXPERIMENT}.json"
    found = recorded(EXPERIMENT)
    assert found == json.loads(path.read_text()) and len(found["trials"]) == 2
    assert found["n"] == len(splits.validation_tenth(fer2013.load())[1])
    again = f"search {EXPERIMENT} --trials 2 --framework torch --study {EXPERIMENT} --force$"
    for key, wrong in (("fingerprint", "0" * 64), ("spec", {}), ("config", found["config"])):
        if key == "config":
            wrong = wrong | {"precision": "float32"}
        path.write_text(json.dumps(found | {key: wrong}))
        with pytest.raises(StaleRecord, match=again):
            recorded(EXPERIMENT)
    path.write_text("{")
    with pytest.raises(ValueError, match=f"{EXPERIMENT}.json: cut short"):
        recorded(EXPERIMENT)
    path.write_text("{}")
    with pytest.raises(ValueError, match="no summary of a search"):
        recorded(EXPERIMENT)


def test_a_search_of_another_length_than_all_sweeps_stays_in_the_cache(full, own_cache):
    path, _ = full(1, epochs=2, study="longer")
    assert path == own_cache / "searches" / "longer.json" and recorded("longer") is None


def test_a_summary_of_another_length_than_all_sweeps_is_stale(full):
    path, _ = full(1, study="longer")
    made = summary.read(path)
    path.write_text(json.dumps(made | {"config": made["config"] | {"epochs": 2}, "ray": True}))
    with pytest.raises(StaleRecord, match=r"another configuration.*longer\.db deleted") as stale:
        recorded("longer")
    assert "--epochs" not in str(stale.value) and "--ray" in str(stale.value)


def test_a_stale_study_of_a_space_of_its_own_is_made_again_with_that_space(
    full, own_cache, tmp_path
):
    space = tmp_path / "my space.json"
    space.write_text('{"batch_size": [16, 64]}')
    path, _ = full(1, space=str(space), study="mine")
    made = summary.read(path)
    space.unlink()
    path.write_text(json.dumps(made | {"fingerprint": "0" * 64}))
    with pytest.raises(StaleRecord, match=" --space .*mine.json --framework") as stale:
        recorded("mine")
    (own_cache / "searches" / "mine.db").unlink()  # as the message says
    again = str(stale.value).partition("python -m fer_utils ")[2]
    assert cli.main(shlex.split(again)) == 0
    found = recorded("mine")
    assert found["space"] == {"batch_size": [16, 64]}
    assert found["trials"][0]["params"] == made["trials"][0]["params"]


def test_without_a_gpu_trials_have_the_precision_that_is_meant_for_a_cpu(full, monkeypatch):
    """Both summaries count, that of a machine with a GPU and that of one without."""
    chosen = experiments.get("zagreb_fully_connected-7-ours")
    shorter = replace(chosen.config, epochs=3, precision="float32")
    monkeypatch.setitem(experiments.EXPERIMENTS, chosen.name, replace(chosen, on_cpu=shorter))
    for gpu, precision, part in ((False, "float32", "ten_thousand"), (True, "bf16", "nine_tenths")):
        monkeypatch.setattr(command, "computes_on_gpu", lambda framework, gpu=gpu: gpu)
        study = f"on-{precision}"
        full(1, study=study, experiment=chosen.name)
        made = recorded(study)["config"]
        assert (made.get("precision", "float32"), made["train_on"]) == (precision, part)


def test_committed_summaries_are_current():
    for path in sorted((results_dir() / "searches").glob("*.json")):
        assert recorded(path.stem)["profile"] == "full"
