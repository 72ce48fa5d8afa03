"""Run records: the round trip, its size, and every way in which files can be wrong."""

import json
import os
from dataclasses import replace

import numpy as np
import pytest

from fer_utils.data.dataset import CLASSES
from fer_utils.experiments import experiment as experiments
from fer_utils.experiments.experiment import Experiment
from fer_utils.models.spec import NetSpec
from fer_utils.records import record_json, run_record
from fer_utils.records.run_record import Predictions, RecordError, RunRecord, StaleRecord

from .helpers import THREE, card_of, experiment, record_of, small_dataset

CARD = card_of(small_dataset())
OURS = experiment(keep="probabilities")


def softmax(logits: np.ndarray) -> np.ndarray:
    likely = np.exp(logits)
    return likely / likely.sum(axis=1, keepdims=True)


def like_a_network(n: int = 7178, seed: int = 0) -> np.ndarray:
    """Logits float (n, 7) with the spread of a network that is right two times in three."""
    rng = np.random.default_rng(seed)
    share = np.array([0.13, 0.015, 0.14, 0.25, 0.17, 0.115, 0.18])
    logits = rng.normal(0, 2, (n, 7)) + np.log(share)
    logits[np.arange(n), rng.choice(7, n, p=share)] += 4
    return logits


def test_predictions_from_logits_keep_exact_labels_and_nearly_exact_probabilities():
    logits = like_a_network(500)
    made = Predictions.from_logits(logits, keep="probabilities")
    assert made.labels.dtype == np.uint8
    assert np.array_equal(made.labels, logits.argmax(axis=1))
    assert np.abs(made.probabilities - softmax(logits)).max() < 0.0125  # half a step of 4.7%, / 4
    assert np.allclose(made.probabilities.sum(axis=1), 1)
    assert Predictions.from_logits(logits).probabilities is None


def test_labels_are_those_before_rounding_even_where_rounding_makes_a_tie():
    made = Predictions.from_logits(np.array([[1.0, 1.001, 0.0]]), keep="probabilities")
    assert made.labels.tolist() == [1]
    assert made.probabilities[0, 0] == pytest.approx(made.probabilities[0, 1], rel=1e-5)
    assert made.probabilities.argmax(axis=1).tolist() == [1]


def test_large_logits_do_not_overflow_and_impossible_classes_stay_finite():
    made = Predictions.from_logits(np.array([[1e4, 0.0], [-1e4, 0.0]]), keep="probabilities")
    assert made.labels.tolist() == [0, 1]
    assert np.isfinite(made.log_probabilities).all()


def test_predictions_from_probabilities_are_those_of_their_logarithms():
    probabilities = softmax(like_a_network(50))
    made = Predictions.from_probabilities(probabilities, keep="probabilities")
    assert np.array_equal(made.labels, probabilities.argmax(axis=1))
    same = Predictions.from_logits(np.log(probabilities), keep="probabilities")
    assert np.array_equal(made.log_probabilities, same.log_probabilities)
    with pytest.raises(ValueError, match="sum to 1"):
        Predictions.from_probabilities(np.array([[2.0, 3.0]]))


@pytest.mark.parametrize("bad", [np.nan, np.inf])
def test_logits_that_are_not_finite_are_refused_with_their_row(bad):
    logits = np.zeros((4, 3))
    logits[2, 1] = bad
    with pytest.raises(ValueError, match="image 2"):
        Predictions.from_logits(logits)


def test_wrong_arguments_of_predictions_are_refused():
    with pytest.raises(ValueError, match="keep='logits'"):
        Predictions.from_logits(np.zeros((2, 3)), keep="logits")
    with pytest.raises(ValueError, match="logits of shape"):
        Predictions.from_logits(np.zeros(3))
    with pytest.raises(ValueError, match="label 0 of image 1 is not its most likely class"):
        Predictions(np.array([0, 0]), np.log([[0.9, 0.1], [0.1, 0.9]]))
    with pytest.raises(ValueError, match="label 3 for 2 classes"):
        Predictions(np.array([3]), np.log([[0.9, 0.1]]))


@pytest.mark.parametrize("keep", ["labels", "probabilities"])
@pytest.mark.parametrize("classes", [CLASSES, THREE])
def test_a_record_comes_back_as_it_was(tmp_path, keep, classes):
    made = record_of(experiment(keep=keep, classes=classes), CARD, {"public_test": 3}, seed=4)
    path = made.save(tmp_path)
    assert path == tmp_path / made.experiment / "torch-seed4.json"
    back = RunRecord.load(path)
    for name in set(vars(made)) - {"predictions", "history"}:
        assert getattr(back, name) == getattr(made, name), name
    (row,) = made.history
    assert back.history == [row | {"train_loss": 1.87654}]  # to six digits
    assert list(back.predictions) == ["public_test", "private_test"]
    for split, predictions in made.predictions.items():
        assert np.array_equal(back.predictions[split].labels, predictions.labels)
        likely = back.predictions[split].log_probabilities
        assert (
            np.array_equal(likely, predictions.log_probabilities)
            if keep != "labels"
            else (likely is None)
        )


def test_splits_may_differ_in_what_they_keep(tmp_path):
    logits = like_a_network(20)
    made = record_of(OURS, CARD)
    made.predictions = {
        "public_test": Predictions.from_logits(logits[:5]),
        "private_test": Predictions.from_logits(logits[5:], keep="probabilities"),
    }
    back = RunRecord.load(made.save(tmp_path)).predictions
    assert back["public_test"].probabilities is None
    kept = made.predictions["private_test"].log_probabilities
    assert np.array_equal(back["private_test"].log_probabilities, kept)


def test_saving_twice_writes_the_same_bytes(tmp_path):
    made = record_of(OURS, CARD)
    first, second = made.save(tmp_path / "a"), made.save(tmp_path / "b")
    assert first.read_bytes() == second.read_bytes()
    assert first.with_suffix(".npz").read_bytes() == second.with_suffix(".npz").read_bytes()


@pytest.mark.parametrize(("keep", "limit"), [("labels", 3000), ("probabilities", 46_000)])
def test_predictions_of_both_test_splits_stay_small(tmp_path, keep, limit):
    logits = like_a_network()
    made = record_of(OURS, CARD)
    made.predictions = {
        "public_test": Predictions.from_logits(logits[:3589], keep),
        "private_test": Predictions.from_logits(logits[3589:], keep),
    }
    assert made.save(tmp_path).with_suffix(".npz").stat().st_size < limit


def test_the_file_reads_well_and_a_hundred_epochs_take_a_few_kilobytes(tmp_path):
    row = {"learning_rate": 1 / 3, "train_loss": 1.23456789, "train_accuracy": np.float32(0.5)}
    history = [{"epoch": epoch, **row, "seconds": 1.25} for epoch in range(1, 101)]
    text = record_of(OURS, CARD, history=history).save(tmp_path).read_text()
    assert '"rows": [\n' in text and "[1, 0.333333, 1.23457, 0.5, 1.25],\n" in text
    assert '"classes": ["angry", "disgust"' in text
    assert len(text) < 8000


def test_history_rows_may_lack_figures():
    rows = [{"epoch": 1, "train_loss": 2.0}, {"epoch": 2, "train_loss": 1.0, "seconds": 3}]
    assert record_json.from_table(record_json.to_table(rows)) == rows


@pytest.mark.parametrize("bad", [float("nan"), float("inf"), np.float32("nan")])
def test_a_nan_in_the_history_is_refused_by_name_and_nothing_is_written(tmp_path, bad):
    made = record_of(OURS, CARD, history=[{"epoch": 1}, {"epoch": 2, "train_loss": bad}])
    with pytest.raises(ValueError, match="history row 2, train_loss"):
        made.save(tmp_path)
    assert not list(tmp_path.rglob("*.*"))


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"profile": "smoke"}, "'smoke' profile is not kept"),
        ({"profile": "recorded"}, "'recorded' profile is not kept"),
        ({"framework": "theano"}, "'theano'"),
        ({"seconds": float("nan")}, "seconds"),
        ({"versions": {"numpy": object()}}, "versions.numpy"),
        ({"predictions": {}}, "one split at least"),
    ],
)
def test_a_record_that_should_not_be_kept_is_refused(tmp_path, changes, message):
    with pytest.raises(ValueError, match=message):
        record_of(OURS, CARD, **changes).save(tmp_path)
    assert not list(tmp_path.rglob("*.*"))


def test_a_record_is_not_replaced_unless_forced(tmp_path):
    record_of(OURS, CARD).save(tmp_path)
    again = record_of(OURS, CARD, notes="the second")
    with pytest.raises(FileExistsError, match="force=True"):
        again.save(tmp_path)
    assert RunRecord.load(again.save(tmp_path, force=True)).notes == "the second"


def test_a_run_killed_between_the_two_files_leaves_no_record_and_can_be_saved_again(
    tmp_path, monkeypatch
):
    real, calls = os.replace, []

    def killed(source, target):
        calls.append(target)
        if len(calls) == 2:
            raise KeyboardInterrupt
        real(source, target)

    monkeypatch.setattr(os, "replace", killed)
    made = record_of(OURS, CARD)
    with pytest.raises(KeyboardInterrupt):
        made.save(tmp_path)
    monkeypatch.undo()
    assert [path.suffix for path in tmp_path.rglob("*.*")] == [".npz"]
    assert run_record.load_all(tmp_path) == []
    assert run_record.find(made.experiment, "torch", 0, tmp_path) is None
    assert RunRecord.load(made.save(tmp_path)).seed == 0


def damage_json(path, **changes):
    """Change values of a record's JSON file, with a checksum that fits again."""
    plain = json.loads(path.read_text())
    plain.pop("checksum")
    plain.update(changes)
    path.write_text(record_json.dumps(plain))


def test_a_missing_record_and_a_missing_npz_are_named(tmp_path):
    with pytest.raises(RecordError, match="no such record"):
        RunRecord.load(tmp_path / "torch-seed0.json")
    path = record_of(OURS, CARD).save(tmp_path)
    path.with_suffix(".npz").unlink()
    with pytest.raises(RecordError, match=r"torch-seed0\.npz: missing"):
        RunRecord.load(path)


@pytest.mark.parametrize("kept", [0, 1, 200, -3])
def test_a_truncated_json_file_is_named(tmp_path, kept):
    path = record_of(OURS, CARD).save(tmp_path)
    path.write_text(path.read_text()[:kept])
    with pytest.raises(RecordError, match=r"torch-seed0\.json: truncated"):
        RunRecord.load(path)


@pytest.mark.parametrize("schema", [0, 2, "1", None])
def test_an_unknown_schema_version_is_refused(tmp_path, schema):
    path = record_of(OURS, CARD).save(tmp_path)
    damage_json(path, schema=schema)
    with pytest.raises(RecordError, match=f"schema version {schema!r}, this fer_utils reads 1"):
        RunRecord.load(path)


def test_a_figure_changed_by_hand_is_found(tmp_path):
    path = record_of(OURS, CARD).save(tmp_path)
    path.write_text(path.read_text().replace("an abacus", "a GPU"))
    with pytest.raises(RecordError, match="altered after it was written"):
        RunRecord.load(path)


def test_predictions_of_another_record_are_found(tmp_path):
    path = record_of(OURS, CARD).save(tmp_path / "a")
    other = record_of(OURS, CARD, {"public_test": 1}).save(tmp_path / "b")
    path.with_suffix(".npz").write_bytes(other.with_suffix(".npz").read_bytes())
    with pytest.raises(RecordError, match="does not belong to its JSON file"):
        RunRecord.load(path)


@pytest.mark.parametrize(
    "changes",
    [
        {"predictions": {"public_test": {"n": 29, "probabilities": True}}},
        {"predictions": {"public_test": {"n": 70, "probabilities": False}}},
        {"classes": ["happy", "sad"]},
        {"history": []},
        {"predictions": None},
    ],
)
def test_a_json_file_that_contradicts_its_predictions_is_refused(tmp_path, changes):
    path = record_of(OURS, CARD).save(tmp_path)
    damage_json(path, **changes)
    with pytest.raises(RecordError, match="not a run record"):
        RunRecord.load(path)


def test_all_records_are_found_in_order_and_other_files_are_left_alone(tmp_path):
    record_of(OURS, CARD, seed=1).save(tmp_path)
    record_of(OURS, CARD, seed=0).save(tmp_path)
    record_of(OURS, CARD, framework="keras").save(tmp_path)
    (tmp_path / "data").mkdir()
    (tmp_path / "data" / "fer2013.json").write_text("{}")
    found = [(record.framework, record.seed) for record in run_record.load_all(tmp_path)]
    assert found == [("keras", 0), ("torch", 0), ("torch", 1)]
    assert run_record.find(OURS.name, "torch", 1, tmp_path).seed == 1
    assert run_record.find(OURS.name, "torch", 2, tmp_path) is None


def test_a_record_of_this_very_experiment_is_current_for_every_seed():
    for seed in (0, 5):
        run_record.check_current(record_of(OURS, CARD, seed=seed), OURS, CARD.fingerprint)


def test_a_record_read_from_its_file_is_current(tmp_path):
    made = experiment(config={"augment": experiment().config.augment, "learning_rate": 0.1 + 0.2})
    record = RunRecord.load(record_of(made, CARD).save(tmp_path))
    run_record.check_current(record, made, CARD.fingerprint)


class Widened(Experiment):
    """The same experiment after its network was changed."""

    @property
    def spec(self) -> NetSpec:
        return replace(super().spec, layers=super().spec.layers[:-3] + super().spec.layers[-1:])


def test_another_configuration_network_class_set_or_data_set_is_stale():
    record = record_of(OURS, CARD, seed=2)
    command = f"python -m fer_utils train {OURS.name} --seed 2"
    longer = experiment(config={"learning_rate": 0.5})
    with pytest.raises(StaleRecord, match=r"configuration \(learning_rate\)") as error:
        run_record.check_current(record, longer)
    assert command in str(error.value) and "ours/torch-seed2.json" in str(error.value)
    widened = Widened(**vars(OURS))
    with pytest.raises(StaleRecord, match=r"another network \(layers\)"):
        run_record.check_current(record, widened)
    with pytest.raises(StaleRecord, match="classes angry"):
        run_record.check_current(record, experiment(classes=THREE))
    with pytest.raises(StaleRecord, match="data set fer2013 with fingerprint"):
        run_record.check_current(record, OURS, "f" * 64)


def test_the_shorter_configuration_of_a_cpu_counts_until_a_gpu_is_at_hand():
    owed = experiment(config={"epochs": 30}, on_cpu=OURS.config)
    record = record_of(OURS, CARD)
    run_record.check_current(record, owed)
    with pytest.raises(StaleRecord, match=r"configuration \(epochs\)"):
        run_record.check_current(record, owed, gpu=True)
    assert owed.config_on(gpu=False).epochs == 3 and owed.config_on(gpu=True).epochs == 30
    assert OURS.config_on(gpu=False) == OURS.config


def test_a_cpu_that_multiplies_in_bf16_trains_in_the_precision_of_the_whole_recipe(monkeypatch):
    shorter = replace(OURS.config, precision="float32")
    owed = experiment(config={"epochs": 30, "precision": "bf16"}, on_cpu=shorter)
    expected = {False: shorter, True: replace(shorter, precision="bf16")}
    for has_units, config in expected.items():
        assert owed.config_on(gpu=False, bf16=has_units) == config
        monkeypatch.setattr(experiments, "computes_on_gpu", lambda framework: False)
        monkeypatch.setattr(experiments, "multiplies_in_bf16", lambda framework, so=has_units: so)
        assert owed.config_here() == config
        made = record_of(owed, CARD, config=config.with_seed(0).to_dict())
        run_record.check_current(made, owed)
        with pytest.raises(StaleRecord, match="configuration"):
            run_record.check_current(made, owed, gpu=True)
    monkeypatch.setattr(experiments, "computes_on_gpu", lambda framework: True)
    assert owed.config_here() == owed.config


def test_the_package_hash_is_a_sha256_that_stays():
    assert len(run_record.package_hash()) == 64
    assert run_record.package_hash() == run_record.package_hash.__wrapped__()
