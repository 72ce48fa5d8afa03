"""The three profiles, on drawn faces and on a small stand-in for FER2013."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from fer_utils.data import drawn_faces
from fer_utils.data.card import make_card
from fer_utils.data.dataset import FaceDataset
from fer_utils.experiments import experiment as experiments
from fer_utils.experiments.config import TrainConfig
from fer_utils.experiments.experiment import Experiment
from fer_utils.models import zoo
from fer_utils.records import run_record
from fer_utils.records.run_record import StaleRecord
from fer_utils.training import batches, checkpoint, full_run, kept_weights, profiles, runs

pytest.importorskip("torch")

EXPERIMENT = Experiment(
    network="fully_connected_1x512",
    recipe="ours",
    chapter="02",
    config=TrainConfig(epochs=3, batch_size=64),
    keep="probabilities",
    ship=4,
)


@pytest.fixture(scope="module")
def faces() -> FaceDataset:
    return drawn_faces.dataset(n=1400, seed=0)


@pytest.fixture
def folders(tmp_path, monkeypatch):
    """Results and cache of this test alone."""
    monkeypatch.setenv("FER_UTILS_RESULTS", str(tmp_path / "results"))
    monkeypatch.setenv("FER_UTILS_CACHE", str(tmp_path / "cache"))
    return tmp_path


def stand_in(faces: FaceDataset) -> FaceDataset:
    """The drawn faces under the name of the folder copy of FER2013."""
    return replace(faces, name="fer2013")


def train(dataset, profile, experiment=EXPERIMENT, **more):
    return profiles.train(experiment, dataset, profile=profile, progress=False, **more)


def test_smoke_is_short_stratified_and_not_kept(faces, folders):
    run = train(faces, "smoke")
    assert len(run.record.history) == profiles.SMOKE_EPOCHS
    assert run.record.profile == "smoke"
    assert set(np.unique(run.labels["private_test"])) == set(range(7))
    assert run.metrics("test").n == sum(len(labels) for labels in run.labels.values())
    assert not (folders / "results").exists()


@pytest.mark.parametrize(("gpu", "precision"), [(True, "bf16"), (False, "float32")])
def test_smoke_computes_in_bf16_on_a_gpu_only(faces, folders, monkeypatch, gpu, precision):
    monkeypatch.setattr(profiles, "computes_on_gpu", lambda framework: gpu)
    config = replace(EXPERIMENT.config, precision="bf16")
    run = train(faces, "smoke", replace(EXPERIMENT, config=config))
    assert run.record.config.get("precision", "float32") == precision


def test_recorded_without_a_record_names_the_command_that_makes_it(faces, folders):
    with pytest.raises(FileNotFoundError, match=r"fer_utils train .* --seed 7"):
        train(faces, "recorded", seed=7)


def test_full_refuses_anything_but_the_folder_copy(faces, folders):
    with pytest.raises(ValueError, match="got drawn_faces; get it with"):
        train(faces, "full")


def test_full_is_recorded_once_and_read_back(faces, folders, monkeypatch):
    data = stand_in(faces)
    made = train(data, "full", seed=0)
    assert (folders / "results" / EXPERIMENT.name / "torch-seed0.json").is_file()
    assert not list((folders / "cache" / "checkpoints").rglob("*.safetensors"))
    make_card(data).save()

    read = train(data, "recorded", seed=0)
    assert read.metrics("private_test").accuracy == made.metrics("private_test").accuracy
    assert read.weights["01_dense/kernel"].shape == (2304, 4)  # what `ship` keeps

    monkeypatch.setattr(full_run, "run_job", lambda *_: pytest.fail("trained a second time"))
    again = train(data, "full", seed=0)
    assert again.record.finished == made.record.finished
    assert np.array_equal(again.weights["01_dense/kernel"], made.weights["01_dense/kernel"])


def test_a_stale_record_is_refused_when_read_and_replaced_by_a_full_run(faces, folders):
    data = stand_in(faces)
    make_card(data).save()
    train(data, "full")
    changed = replace(EXPERIMENT, config=replace(EXPERIMENT.config, epochs=4))
    with pytest.raises(StaleRecord, match=r"configuration \(epochs\).*fer_utils train"):
        train(data, "recorded", changed)
    assert len(train(data, "full", changed).record.history) == 4


def test_a_gpu_makes_the_whole_run_where_a_cpu_made_a_shorter_one(faces, folders, monkeypatch):
    data = stand_in(faces)
    make_card(data).save()
    owed = replace(EXPERIMENT, on_cpu=replace(EXPERIMENT.config, epochs=1))
    assert len(train(data, "full", owed).record.history) == 1
    assert len(train(data, "recorded", owed).record.history) == 1
    for module in (full_run, experiments):
        monkeypatch.setattr(module, "computes_on_gpu", lambda framework: True)
    assert len(train(data, "full", owed).record.history) == 3


def test_a_cpu_keeps_the_whole_run_of_a_gpu_and_trains_nothing_in_its_place(
    faces, folders, monkeypatch, capsys
):
    data = stand_in(faces)
    owed = replace(EXPERIMENT, on_cpu=replace(EXPERIMENT.config, epochs=1))
    with monkeypatch.context() as on_a_gpu:
        for module in (full_run, experiments):
            on_a_gpu.setattr(module, "computes_on_gpu", lambda framework: True)
        made = train(data, "full", owed)
    (folders / "cache" / "weights" / EXPERIMENT.name / "torch-seed0.safetensors").unlink()
    monkeypatch.setattr(full_run, "run_job", lambda *_: pytest.fail("trained the shorter run"))
    kept = train(data, "full", owed)
    assert kept.record.finished == made.record.finished and len(kept.record.history) == 3
    assert "kept: " in capsys.readouterr().out
    # also where this machine has weights of a shorter run of its own: they are not that record's
    job = runs.job_of(owed, owed.on_cpu.with_seed(0), data, "torch", False, data.fingerprint)
    own = folders / "cache" / "weights" / EXPERIMENT.name / "torch-seed0.safetensors"
    checkpoint.save_weights(own, {"01_dense/kernel": np.zeros((1, 1))}, key=job.key)
    kept = train(data, "full", owed)
    assert kept.weights["01_dense/kernel"].shape == (2304, 4)  # what the repository keeps
    assert "kept: " in capsys.readouterr().out


def test_runs_of_two_recipes_are_not_one_network_s_seeds(faces, folders, monkeypatch):
    data = stand_in(faces)
    make_card(data).save()
    owed = replace(EXPERIMENT, seeds=(0, 1), on_cpu=replace(EXPERIMENT.config, epochs=1))
    for seed in (0, 1):
        train(data, "full", owed, seed=seed)
    assert len(profiles.train_all({"a": owed}, data)["a"]) == 2
    for module in (full_run, experiments):
        monkeypatch.setattr(module, "computes_on_gpu", lambda framework: True)
    train(data, "full", owed, seed=1)
    (run,) = profiles.train_all({"a": owed}, data)["a"]
    assert run.record.seed == 1 and len(run.record.history) == 3


def test_a_seed_that_no_record_is_wanted_of_is_looked_up_in_a_full_run(faces, folders):
    data = stand_in(faces)
    make_card(data).save()
    once = replace(EXPERIMENT, seeds=(0,))
    train(data, "full", once)
    (run,) = profiles.train_seeds(once, data, profile="full", seed=3)
    assert run.record.seed == 0
    other = replace(once, network="fully_connected_2x512")
    with pytest.raises(FileNotFoundError, match=r"wanted of seed 3, and there is none of \(0,\)"):
        profiles.train_seeds(other, data, profile="full", seed=3)
    assert not (folders / "results" / EXPERIMENT.name / "torch-seed3.json").exists()


def test_several_are_looked_up_and_what_was_never_run_is_told(faces, folders, capsys):
    data = stand_in(faces)
    make_card(data).save()
    train(data, "full", seed=1)
    missing = replace(EXPERIMENT, network="fully_connected_2x512")
    found = profiles.train_all({"one layer": EXPERIMENT, "two layers": missing}, data)
    assert list(found) == ["one layer"]
    assert [run.record.seed for run in found["one layer"]] == [1]
    said = capsys.readouterr().out
    assert "not run: two layers in torch" in said and f"train {missing.name}" in said


def test_smoke_trains_the_first_of_several(faces, folders):
    both = {"a": EXPERIMENT, "b": EXPERIMENT}
    assert list(profiles.train_all(both, faces, profile="smoke")) == ["a"]


def test_a_full_run_leaves_out_what_needs_no_run_with_its_seed(faces, folders, monkeypatch):
    trained = []
    monkeypatch.setattr(profiles, "full", lambda one, data, *rest: trained.append((one, *rest[:2])))
    twice, once = replace(EXPERIMENT, seeds=(0, 1)), replace(EXPERIMENT, seeds=(0,))
    found = profiles.train_all({"a": twice, "b": once}, faces, profile="full", seed=1)
    assert list(found) == ["a"] and trained == [(twice, "torch", 1)]


def test_images_per_second_counts_what_was_trained_on(faces, folders):
    config = replace(EXPERIMENT.config, drop_last=True, rare_copies=1)
    run = train(faces, "smoke", replace(EXPERIMENT, config=config))
    few = batches.parts_of(profiles.few(faces), config).train
    assert len(few) % 64 > 0 and len(few) > profiles.SMOKE_TRAIN
    seconds = sum(row["seconds"] for row in run.record.history)
    seen = run.record.images_per_second * seconds / len(run.record.history)
    assert seen == pytest.approx(len(few) - len(few) % 64, rel=1e-3)


def test_a_subset_of_the_classes_trains_and_is_scored_on_it(faces, folders):
    three = replace(EXPERIMENT, classes=("happy", "sad", "neutral"))
    run = train(faces, "smoke", three)
    assert run.metrics("test").confusion.shape == (3, 3)


def test_any_network_can_be_trained_on_any_data_and_nothing_is_kept(faces, folders):
    spec = zoo.fully_connected("small", (8,))
    fitted = runs.fit(spec, TrainConfig(epochs=1), faces, progress=False)
    assert fitted.logits["public_test"].shape == (len(faces.part("public_test")), 7)
    assert fitted.weights["01_dense/kernel"].shape == (2304, 8)
    assert list(folders.iterdir()) == []


def test_a_wrong_profile_or_framework_is_named(faces):
    with pytest.raises(ValueError, match="profile='fast': expected one of recorded"):
        train(faces, "fast")
    with pytest.raises(ValueError, match="not in 'keras'"):
        train(faces, "smoke", framework="keras")


def test_what_the_repository_keeps_is_written_later_where_it_is_missing(
    faces, folders, monkeypatch
):
    data = stand_in(faces)
    train(data, "full", replace(EXPERIMENT, ship=0))
    monkeypatch.setattr(full_run, "run_job", lambda *_: pytest.fail("trained a second time"))
    train(data, "full")
    assert kept_weights.load(kept_weights.shipped_path(EXPERIMENT))["01_dense/kernel"].shape[1] == 4


def test_weights_to_look_at_are_the_kept_ones_and_what_is_missing_is_told(faces, folders, capsys):
    data = stand_in(faces)
    make_card(data).save()
    made = train(data, "full")
    both = {"one": EXPERIMENT, "two": replace(EXPERIMENT, network="fully_connected_2x512")}
    found = profiles.weights_to_look_at(both, data)
    assert list(found) == ["one"] and list(found["one"]) == ["01_dense/kernel"]
    assert found["one"]["01_dense/kernel"].shape == (2304, 4)
    command = "train fully_connected_2x512-7-ours --framework torch --seed 0"
    assert (
        f"weights of two are not here; `python -m fer_utils {command}`" in capsys.readouterr().out
    )
    whole = profiles.weights_to_look_at({"one": EXPERIMENT}, data, profile="full")["one"]
    assert all(np.array_equal(whole[key], made.weights[key]) for key in made.weights)
    smoke = profiles.weights_to_look_at(both, data, profile="smoke")
    assert list(smoke) == ["one"] and smoke["one"]["01_dense/kernel"].shape == (2304, 512)


def test_a_full_run_killed_before_all_is_kept_ends_it_without_training(faces, folders, monkeypatch):
    data, real = stand_in(faces), full_run.excerpt

    def killed(*_):
        raise KeyboardInterrupt

    monkeypatch.setattr(full_run, "excerpt", killed)
    with pytest.raises(KeyboardInterrupt):
        train(data, "full")
    monkeypatch.setattr(full_run, "excerpt", real)
    again = train(data, "full")
    shipped = folders / "results" / "weights" / EXPERIMENT.name / "torch-seed0.safetensors"
    assert shipped.is_file() and len(again.record.history) == 3
    assert not list((folders / "cache" / "checkpoints").rglob("*.safetensors"))


def test_a_checkpoint_that_a_killed_run_left_is_removed_by_the_next(faces, folders):
    data = stand_in(faces)
    train(data, "full")
    left = folders / "cache" / "checkpoints" / EXPERIMENT.name / "torch-seed0.safetensors"
    left.parent.mkdir(parents=True, exist_ok=True)
    left.write_bytes(b"what a kill left")
    train(data, "full")
    assert not left.exists()


def test_few_are_as_many_as_asked(faces):
    found = profiles.few(faces, 400, 200)
    sizes = {split: len(found.part(split)) for split in ("train", "public_test", "private_test")}
    there = {split: len(faces.part(split)) for split in sizes}
    most = {"train": 400, "public_test": 200, "private_test": 200}
    assert sizes == {split: min(most[split], there[split]) for split in sizes}


def test_a_half_replaced_record_is_made_again_by_a_full_run(faces, folders):
    data = stand_in(faces)
    train(data, "full")
    npz = folders / "results" / EXPERIMENT.name / "torch-seed0.npz"
    npz.write_bytes(npz.read_bytes() + b"x")
    train(data, "full")
    assert run_record.find(EXPERIMENT.name, "torch", 0) is not None


def test_a_record_of_other_data_than_the_card_is_stale(faces, folders):
    data = stand_in(faces)
    train(data, "full")
    make_card(replace(data, images=data.images ^ 1, known_fingerprint=None)).save()
    with pytest.raises(StaleRecord, match="fingerprint"):
        train(data, "recorded")
