"""The joint loss by hand, unlabelled pictures, and both frameworks on the same path."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from fer_utils.data.augment import Augment
from fer_utils.data.facs import UNLABELLED
from fer_utils.experiments.config import TrainConfig
from fer_utils.models.layers import Act, BatchNorm, Conv, Dense, Flatten
from fer_utils.models.multitask import two_heads
from fer_utils.multitask import joint
from fer_utils.multitask.joint import JointTargets, Tasks, joint_targets
from tests.unit.training.helpers import CLASSES, quarters

torch = pytest.importorskip("torch")
pytest.importorskip("keras")

FRAMEWORKS = ("torch", "keras")
CONFIG = TrainConfig(epochs=3, batch_size=16, learning_rate=0.02, optimizer="sgd", momentum=0.0)
SPEC = two_heads(
    "tiny",
    (Conv(4), BatchNorm(), Act("relu"), Flatten(), Dense(16), Act("relu")),
    CLASSES,
    (1, 2),
    (8, 8),
)


def faces(unlabelled: int = 0):
    """Quarters whose units say "top" and "left"; the first pictures of Training lose their label.

    Unlabelled ones are spread over the classes, so that labelled ones of each class are left.
    """
    data = quarters()
    labels = data.labels.copy()
    units = np.stack([labels != 2, labels == 0], 1).astype(np.uint8)
    train = np.flatnonzero(data.split == "train")
    labels[train[:: len(train) // unlabelled][:unlabelled] if unlabelled else []] = 3
    return replace(data, labels=labels, classes=(*CLASSES, UNLABELLED), action_units=units,
                   action_unit_names=("AU1", "AU2"))  # fmt: skip


def losses(framework, logits, rows, positive=(1, 1), weight=1.0) -> np.ndarray:
    logits, rows = np.asarray(logits, np.float32), np.asarray(rows, np.float32)
    positive = np.asarray(positive, np.float32)
    if framework == "torch":
        from fer_utils.multitask.joint_torch import joint_losses

        arrays = map(torch.from_numpy, (logits, rows, positive))
        return joint_losses(SPEC, *arrays, weight).numpy()
    from keras import ops

    from fer_utils.multitask.joint_keras import joint_loss

    loss = joint_loss(SPEC, positive, weight)
    y = np.concatenate([np.zeros((len(rows), 1), np.float32), rows], 1)  # the label is not read
    return ops.convert_to_numpy(loss(ops.convert_to_tensor(y), ops.convert_to_tensor(logits)))


@pytest.mark.parametrize("framework", FRAMEWORKS)
def test_the_joint_loss_by_hand(framework):
    knows_nothing = losses(framework, [[0, 0, 0, 0, 0]], [[1, 0, 0, 1, 0]], weight=2.0)
    assert knows_nothing == pytest.approx(np.log(3) + 2 * np.log(2), rel=1e-6)
    logits = [[2, 0, 0, np.log(3), 0]]  # P(AU1) = 3/4
    first = np.log(1 + 2 * np.exp(-2))
    units = (5 * -np.log(3 / 4) + np.log(2)) / 2  # AU1 present and counted 5 times
    found = losses(framework, logits, [[1, 0, 0, 1, 0]], (5, 1), 0.1)
    assert found == pytest.approx(first + 0.1 * units, rel=1e-6)
    weighted = losses(framework, logits, [[3, 0, 0, 1, 0]], (5, 1), 0.1)  # class weight 3
    assert weighted == pytest.approx(3 * first + 0.1 * units, rel=1e-6)


@pytest.mark.parametrize("framework", FRAMEWORKS)
def test_without_an_emotion_only_the_units_count_and_nothing_is_nan(framework):
    logits = [[9, -9, 80, 0, 0], [np.float32(1e4), 0, -1e4, 1e4, -1e4]]
    found = losses(framework, logits, [[0, 0, 0, 1, 1], [0, 0, 0, 1, 0]])
    assert found == pytest.approx([np.log(2), 0], abs=1e-6)


def test_the_frameworks_agree_on_any_loss():
    rng = np.random.default_rng(0)
    logits, units = rng.normal(0, 4, (200, 5)), rng.integers(0, 2, (200, 2))
    rows = np.concatenate([np.eye(4)[rng.integers(0, 4, 200)][:, :3], units], 1)
    pair = [losses(name, logits, rows, (3.5, 0.5), 0.7) for name in FRAMEWORKS]
    assert np.abs(pair[0] - pair[1]).max() < 1e-5


def test_targets_carry_weights_and_leave_the_unlabelled_out():
    data = faces(unlabelled=12).part("train")
    plain = joint_targets(data, SPEC, Tasks())
    named = data.labels < 3
    assert np.array_equal(plain.rows[named, :3], np.eye(3)[data.labels[named]])
    assert not plain.rows[~named, :3].any()
    assert (~named).sum() == 12
    assert np.array_equal(plain.rows[:, 3:], data.action_units)
    assert plain.positive.tolist() == [1, 1]
    balanced = joint_targets(
        data, SPEC, Tasks(2.0, 0.5, balanced_emotions=True, balanced_units=True)
    )
    counts = np.bincount(data.labels[named])
    weight = named.sum() / (3 * counts)
    assert np.allclose(balanced.rows[named, :3].sum(1), 2 * weight[data.labels[named]])
    present = data.action_units.sum(0)
    assert np.allclose(balanced.positive, (len(data) - present) / present)
    smooth = joint_targets(data, SPEC, Tasks(), label_smoothing=0.3).rows[:, :3]
    assert np.allclose(smooth[named].max(1), 0.8)
    assert not smooth[~named].any()


@pytest.mark.parametrize("framework", FRAMEWORKS)
def test_it_learns_both_tasks(framework):
    config = replace(CONFIG, epochs=8, optimizer="adam")
    data = faces(unlabelled=20)
    fitted = joint.fit(SPEC, config, data, framework=framework, progress=False)
    test = data.part("private_test")
    emotions, units = SPEC.split(fitted.logits["private_test"])
    assert (emotions.argmax(1) == test.labels).mean() > 0.8
    assert ((units > 0) == test.action_units).mean() > 0.8
    losses = [row["train_loss"] for row in fitted.history]
    assert losses[-1] < 0.7 * losses[0]
    assert fitted.history[-1]["train_accuracy"] <= 1 - 20 / 96 + 1e-6


@pytest.mark.parametrize("framework", FRAMEWORKS)
def test_the_splits_of_the_configuration_are_read_and_no_other(framework):
    for splits in (("public_test",), ()):
        config = replace(CONFIG, epochs=1, evaluate_on=splits)
        fitted = joint.fit(SPEC, config, faces(), framework=framework, progress=False)
        assert tuple(fitted.logits) == splits


def test_the_accuracy_of_emotions_is_told_where_they_have_no_weight():
    config, tasks = replace(CONFIG, epochs=1), Tasks(0, 1)
    told = [
        joint.fit(SPEC, config, faces(), tasks, framework=name, progress=False).history[0]
        for name in FRAMEWORKS
    ]
    first, second = (row["train_accuracy"] for row in told)
    assert first == pytest.approx(second, abs=0.03) and min(first, second) > 0


@pytest.mark.parametrize("framework", FRAMEWORKS)
def test_a_task_of_weight_zero_is_not_learned(framework):
    config, alone = replace(CONFIG, epochs=1), {}
    for name, tasks in {"emotions": Tasks(1, 0), "units": Tasks(0, 1)}.items():
        fitted = joint.fit(SPEC, config, faces(), tasks, framework=framework, progress=False)
        alone[name] = fitted.weights["06_dense/kernel"]
    from fer_utils.models.initial import initial_weights

    first = initial_weights(SPEC.net, 0)["06_dense/kernel"]
    assert np.array_equal(alone["emotions"][:, 3:], first[:, 3:])
    assert np.array_equal(alone["units"][:, :3], first[:, :3])
    assert not np.allclose(alone["emotions"][:, :3], first[:, :3])
    assert not np.allclose(alone["units"][:, 3:], first[:, 3:])


def test_both_frameworks_take_the_same_path():
    config = replace(CONFIG, schedule="one_cycle", augment=Augment(shift=0.1, brightness=0.2))
    tasks = Tasks(1.0, 3.0, balanced_emotions=True, balanced_units=True)
    pair = [
        joint.fit(SPEC, config, faces(12), tasks, framework=name, progress=False)
        for name in FRAMEWORKS
    ]
    for ours, theirs in zip(*(one.history for one in pair), strict=True):
        assert ours["train_loss"] == pytest.approx(theirs["train_loss"], abs=1e-4)
        assert ours["train_accuracy"] == pytest.approx(theirs["train_accuracy"], abs=1e-6)
    logits = [one.logits["private_test"] for one in pair]
    assert np.abs(logits[0] - logits[1]).max() < 1e-3


@pytest.mark.parametrize("framework", FRAMEWORKS)
def test_a_run_begins_with_the_weights_it_is_given(framework):
    config = replace(CONFIG, epochs=1, learning_rate=1e-12)
    from fer_utils.models.initial import initial_weights

    given = initial_weights(SPEC.net, 99)
    fitted = joint.fit(SPEC, config, faces(), framework=framework, initial=given, progress=False)
    for key, values in fitted.weights.items():
        if not key.endswith(("mean", "variance")):
            assert np.allclose(values, given[key], atol=1e-6), key


@pytest.mark.parametrize("framework", FRAMEWORKS)
def test_a_stopped_run_goes_on_where_it_was(framework, tmp_path, monkeypatch):
    config = replace(CONFIG, epochs=4, optimizer="adamw")
    options = {"framework": framework, "progress": False}
    unbroken = joint.fit(SPEC, config, faces(), **options)
    place = tmp_path / "run.safetensors"
    from fer_utils.training.journal import Journal

    end_epoch, ended = Journal.end_epoch, []

    def stop_in_the_third(journal, row):
        ended.append(end_epoch(journal, row))
        if len(ended) == 3:
            raise KeyboardInterrupt
        return ended[-1]

    monkeypatch.setattr(Journal, "end_epoch", stop_in_the_third)
    with pytest.raises(KeyboardInterrupt):
        joint.fit(SPEC, config, faces(), checkpoint=place, **options)
    resumed = joint.fit(SPEC, config, faces(), checkpoint=place, **options)
    assert len(ended) == 3 + 2  # two epochs were kept, the third is made again
    for name, values in unbroken.weights.items():
        assert np.allclose(values, resumed.weights[name], atol=1e-6), name
    with pytest.raises(ValueError, match="belongs to a run with another"):
        joint.fit(SPEC, config, faces(), Tasks(1, 2), checkpoint=place, **options)


def test_what_has_no_meaning_here_is_refused():
    def fails(message, config=CONFIG, data=None, **options):
        with pytest.raises(ValueError, match=message):
            joint.fit(SPEC, config, data or faces(), progress=False, **options)

    fails(r"\['class_weights'\] have no meaning", replace(CONFIG, class_weights="balanced"))
    fails(r"\['train_on'\] have", replace(CONFIG, train_on="nine_tenths", early_stopping=0))
    fails("for an L2 penalty give", replace(CONFIG, weight_decay=0.1))
    fails("expected 'torch' or 'keras'", framework="jax")
    fails("facs.grouped", data=replace(faces(), classes=("a", "b", "c", UNLABELLED)))
    fails("no action units", data=replace(faces(), action_units=None, action_unit_names=()))
    assert isinstance(joint_targets(faces(), SPEC, Tasks()), JointTargets)
