"""Learning from teachers: the loss by hand, which weights are taken, and what is refused."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from fer_utils.data.card import load_card
from fer_utils.experiments import EXPERIMENTS
from fer_utils.experiments.config import TrainConfig
from fer_utils.experiments.experiment import Experiment
from fer_utils.models.initial import initial_weights
from fer_utils.training import checkpoint

from .helpers import CLASSES, job, quarters, tiny_dense

torch = pytest.importorskip("torch")

from fer_utils.models import torch_net  # noqa: E402
from fer_utils.training import distillation  # noqa: E402
from fer_utils.training.torch_loop import fit  # noqa: E402

FRAMEWORKS = ("torch", "keras")

TEACHER = TrainConfig(epochs=3)
STUDENT = TrainConfig(
    epochs=2,
    batch_size=16,
    learning_rate=0.02,
    teachers=("teacher-3-ours",),
    teachers_share=0.5,
    teachers_temperature=2.0,
)


class Tiny(Experiment):
    """An experiment whose network is no zoo's."""

    spec = tiny_dense()


@pytest.fixture
def teacher(own_cache, monkeypatch):
    """An experiment of two seeds, its weights in the cache; the first is sure of class 1."""
    made = Tiny("teacher", "ours", "13", TEACHER, classes=CLASSES, seeds=(0, 1))
    monkeypatch.setattr(distillation, "get", lambda name: {made.name: made}[name])
    for seed in made.seeds:
        weights = initial_weights(made.spec, seed)
        if seed == 0:
            bias = next(key for key in reversed(weights) if key.endswith("bias"))
            weights[bias] = np.array([0, 50, 0], np.float32)
        key = checkpoint.run_key(
            made.spec, TEACHER.with_seed(seed), "torch", job(TEACHER).fingerprint
        )
        path = own_cache / "weights" / made.name / f"torch-seed{seed}.safetensors"
        checkpoint.save_weights(path, weights, key)
    return made


def test_teachers_whose_weights_are_not_all_here_are_named(teacher, own_cache):
    student = Tiny("student", "ours", "13", STUDENT, classes=CLASSES)
    data = job(TEACHER).fingerprint
    assert distillation.missing_teachers(student, data) == []
    assert distillation.missing_teachers(student, "other data") == [teacher.name]
    (own_cache / "weights" / teacher.name / "torch-seed1.safetensors").unlink()
    assert distillation.missing_teachers(student, data) == [teacher.name]


def test_the_loss_by_hand():
    teachers = distillation.Teachers([], share=0.25, temperature=2.0)
    logits = torch.log(torch.tensor([[0.5, 0.25, 0.25]])) * 2  # softmax(z / 2): 1/2, 1/4, 1/4
    answer = torch.tensor([[1.0, 0.0, 0.0]])
    found = teachers.mixed_in(torch.tensor([3.0]), logits, answer)
    assert float(found) == pytest.approx(0.75 * 3 + 0.25 * 4 * np.log(2), rel=1e-5)


def test_the_answer_is_the_mean_over_all_seeds(teacher):
    made = distillation.load(job(STUDENT), torch.device("cpu"))
    answer = made.answer(torch.zeros(1, 1, 8, 8))
    assert len(made.nets) == 2 and not any(p.requires_grad for p in made.nets[0][0].parameters())
    assert float(answer.sum()) == pytest.approx(1)
    assert 0.5 < float(answer[0, 1]) < 0.9  # one is sure, the other is not


def test_a_teacher_of_more_classes_answers_with_the_students(teacher):
    fewer = quarters().with_classes(("bottom", "top_left"))
    student = replace(job(STUDENT, data=fewer), fingerprint=quarters().fingerprint)
    made = distillation.load(student, torch.device("cpu"))
    x = torch.rand(5, 1, 8, 8)
    whole = distillation.load(job(STUDENT), torch.device("cpu"))
    wanted = [(net(x)[:, [2, 0]] / 2).softmax(1) for net, _ in whole.nets]
    np.testing.assert_allclose(made.answer(x), (wanted[0] + wanted[1]) / 2, rtol=1e-5)

    held_out = replace(STUDENT, train_on="nine_tenths")
    with pytest.raises(ValueError, match="has classes .*top_right.*, the student .*bottom"):
        distillation.load(job(held_out, data=fewer), torch.device("cpu"))


def fit_in(framework, config, spec=None):
    a_job = job(config, framework, spec)
    if framework == "torch":
        return fit(a_job)
    pytest.importorskip("keras")
    from fer_utils.training.keras_loop import fit as keras_fit

    return keras_fit(a_job)


@pytest.mark.parametrize("framework", FRAMEWORKS)
def test_a_student_takes_after_its_teachers(teacher, framework):
    alone = fit_in(framework, replace(STUDENT, teachers=(), teachers_share=0.0))
    taught = fit_in(framework, replace(STUDENT, teachers_share=1.0, epochs=6))
    share = [float((one.logits["private_test"].argmax(1) == 1).mean()) for one in (alone, taught)]
    assert share[1] == 1 and share[0] < 1


def test_both_frameworks_learn_the_same_lesson(teacher):
    config = replace(STUDENT, label_smoothing=0.1, mixup=0.2)
    histories = [fit_in(framework, config, tiny_dense()).history for framework in FRAMEWORKS]
    ours, theirs = ([row["train_loss"] for row in history] for history in histories)
    np.testing.assert_allclose(ours, theirs, rtol=1e-3)


def test_missing_and_unfit_teachers_are_refused(teacher, own_cache):
    other_data = replace(job(STUDENT), fingerprint="f" * 64)
    with pytest.raises(FileNotFoundError, match="fer_utils train teacher-3-ours .*--seed 0"):
        distillation.load(other_data, torch.device("cpu"))
    held_out = replace(STUDENT, train_on="nine_tenths")
    with pytest.raises(ValueError, match="train_on 'all', the student 'nine_tenths'"):
        distillation.load(job(held_out), torch.device("cpu"))
    with pytest.raises(ValueError, match="given together"):
        replace(STUDENT, teachers=())
    assert distillation.load(job(TEACHER), torch.device("cpu")) is None


def test_the_packages_model_stands_in_for_the_run_that_it_came_from(own_cache):
    teacher = EXPERIMENTS["compact_vgg-7-ours"]
    fingerprint = load_card().fingerprint
    weights = distillation.packaged(teacher, 0, fingerprint)
    assert {key: v.shape for key, v in weights.items()} == {
        key: v.shape for key, v in teacher.spec.variables().items()
    }
    assert distillation.packaged(teacher, 1, fingerprint) == {}
    assert distillation.packaged(teacher, 0, "f" * 64) == {}
    assert distillation.packaged(EXPERIMENTS["fer_cnn-7-ours"], 0, fingerprint) == {}
    student = replace(job(TEACHER), fingerprint=fingerprint)
    net = distillation._net(student, teacher, teacher.config.with_seed(0))
    name = next(iter(weights))
    np.testing.assert_array_equal(torch_net.weights(net)[name], weights[name].astype(np.float32))
