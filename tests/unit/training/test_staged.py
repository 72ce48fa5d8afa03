"""The loop of pre-trained networks, on a backbone of three convolutions made for it."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from fer_utils.data.augment import Augment
from fer_utils.data.dataset import FaceDataset
from fer_utils.experiments.config import TrainConfig
from fer_utils.experiments.pretrained import staged as staged_config
from fer_utils.experiments.stages import Stage
from fer_utils.models import backbones
from fer_utils.models.layers import Dense, Dropout, GlobalAvgPool
from fer_utils.models.pretrained import PretrainedSpec
from fer_utils.optimizers.schedules import learning_rates
from fer_utils.training import checkpoint, profiles, runs
from tests.unit.training.helpers import job, quarters

keras = pytest.importorskip("keras")

from fer_utils.models import pretrained_net  # noqa: E402
from fer_utils.optimizers.slowed import slowed  # noqa: E402
from fer_utils.training import staged  # noqa: E402

THREE = replace(
    backbones.get("squeezenet"),
    **{"name": "three", "maker": "three", "channels": 8, "trainable": 1504, "total": 1536},
    **{"layers": 6, "side": lambda n: n // 8, "values": "minus_one_one"},
)
with pytest.MonkeyPatch.context() as while_defined:
    while_defined.setitem(backbones.BACKBONES, "three", THREE)
    NET = PretrainedSpec(
        "tiny", "three", 48, (GlobalAvgPool(), Dropout(0.2), Dense(3)), weights="random"
    )
    FROZEN = replace(NET, frozen=True)
HEAD, LAST = Stage(2, 3e-3), Stage(2, 1e-3, 3)


def three(images):
    """conv1, norm1, conv2, norm2, conv3: the last three layers are conv2, norm2, conv3."""
    x = images
    for number in (1, 2, 3):
        x = keras.layers.Conv2D(
            8,
            3,
            2,
            "same",
            activation="relu",
            name=f"conv{number}",
            kernel_initializer="he_uniform",
        )(x)
        if number < 3:
            x = keras.layers.BatchNormalization(name=f"norm{number}")(x)
    return keras.Model(keras.utils.get_source_inputs(images), x)


def use_three(monkeypatch):
    """Make "three" a backbone like the others."""
    monkeypatch.setitem(backbones.BACKBONES, "three", THREE)
    real = pretrained_net._backbone

    def maker(spec, images):
        return three(images) if spec.backbone == "three" else real(spec, images)

    monkeypatch.setattr(pretrained_net, "_backbone", maker)


@pytest.fixture(autouse=True)
def small_backbone(monkeypatch):
    use_three(monkeypatch)


@pytest.fixture(scope="module")
def data() -> FaceDataset:
    return quarters(per_class=20, size=48)


def config(*stages: Stage, **settings) -> TrainConfig:
    return staged_config(*stages, batch_size=16, evaluate_on=("private_test",), **settings)


def run(data, plan, spec=NET, **settings):
    return staged.fit(job(plan, "keras", spec, data=data, **settings))


def moved(fitted, seed=0) -> set[str]:
    """Layers whose weights are not those of the start."""
    start = pretrained_net.weights(pretrained_net.build(NET, seed=seed))
    return {
        key.rsplit("/", 1)[0]
        for key, value in fitted.weights.items()
        if not np.array_equal(value, start[key])
    }


def test_a_stage_moves_what_it_unfreezes_and_nothing_else(data):
    assert moved(run(data, config(HEAD))) == {"head/02_dense"}
    fitted = run(data, config(HEAD, LAST))
    assert moved(fitted) == {"conv2", "norm2", "conv3", "head/02_dense"}
    assert [row["stage"] for row in fitted.history] == [1, 1, 2, 2]
    kept = run(data, config(replace(LAST, batch_norm=False)))
    assert moved(kept) == {"conv2", "conv3", "head/02_dense"}
    everything = run(data, config(Stage(1, 1e-3, None)))
    assert {"conv1", "norm1"} < moved(everything)


def test_kept_features_train_as_features_of_every_batch(data, monkeypatch):
    plan = config(HEAD, LAST)
    kept = run(data, plan)
    monkeypatch.setattr(staged, "MOST_BYTES", 0)
    fresh = run(data, plan)
    for one, other in zip(kept.history, fresh.history, strict=True):
        assert one["train_loss"] == pytest.approx(other["train_loss"], rel=1e-3)
    np.testing.assert_allclose(
        kept.logits["private_test"], fresh.logits["private_test"], rtol=1e-2, atol=1e-3
    )


def test_parameters_that_learn_in_the_last_stage_by_hand():
    head, conv, norm = 8 * 3 + 3, 3 * 3 * 8 * 8 + 8, 2 * 8
    assert staged.learning_parameters(FROZEN, ()) == head
    assert staged.learning_parameters(NET, (LAST, HEAD)) == head
    assert staged.learning_parameters(NET, (HEAD, LAST)) == head + 2 * conv + norm
    kept = replace(LAST, batch_norm=False)
    assert staged.learning_parameters(NET, (HEAD, kept)) == head + 2 * conv


def test_features_are_read_once_a_stage_and_never_where_pictures_change(data, monkeypatch):
    read = []
    predict = staged.predict
    monkeypatch.setattr(
        staged, "predict", lambda m, images, *a: read.append(len(images)) or predict(m, images, *a)
    )
    plan = config(replace(HEAD, epochs=3))
    run(data, plan)
    assert sorted(read) == [6, 48], "48 training pictures once, 6 of PrivateTest at the end"
    read.clear()
    run(data, replace(plan, augment=Augment(horizontal_flip=0.5)))
    assert read == [6]


def test_a_lower_rate_for_the_backbone_is_that_share_of_each_step():
    variables = [keras.Variable(np.ones(3, np.float32)) for _ in range(2)]
    for kind in (keras.optimizers.SGD, keras.optimizers.Adam, keras.optimizers.AdamW):
        for variable in variables:
            variable.assign(np.ones(3, np.float32))
        optimizer = slowed(kind, variables[:1], 0.25)(learning_rate=0.1)
        optimizer.build(variables)
        weights = {id(variable) for variable in variables}
        assert not weights & {id(state) for state in optimizer.variables}, (
            "JAX gives them away twice"
        )
        gradients = [keras.ops.convert_to_tensor(np.array([1.0, -2.0, 0.5], np.float32))] * 2
        for _ in range(3):
            optimizer.apply(gradients, variables)
        slow, fast = (keras.ops.convert_to_numpy(variable) - 1 for variable in variables)
        assert np.abs(fast).min() > 0.05
        tolerance = 1e-3 if kind is keras.optimizers.AdamW else 1e-6  # its decay sees the weight
        np.testing.assert_allclose(slow, 0.25 * fast, rtol=tolerance, atol=tolerance)


def test_the_backbone_learns_more_slowly_at_a_lower_rate(data):
    def way(rate):
        fitted = run(data, config(Stage(1, 1e-3, None, backbone_rate=rate)))
        start = pretrained_net.weights(pretrained_net.build(NET, seed=0))
        keys = [key for key in start if key.startswith("conv") and key.endswith("kernel")]
        return sum(float(np.abs(fitted.weights[key] - start[key]).sum()) for key in keys)

    assert way(0.01) < 0.05 * way(1.0)


def test_each_stage_goes_through_the_schedule_with_its_warm_up():
    plan = config(Stage(2, 0.4, warm_up=1.0), Stage(3, 0.1, None), schedule="cosine")
    rates = learning_rates(plan, 10)
    assert len(rates) == 50
    plain = learning_rates(replace(plan, stages=(), epochs=2, learning_rate=0.4), 10)
    np.testing.assert_allclose(rates[10:20], plain[10:])
    np.testing.assert_allclose(rates[:10] / plain[:10], np.arange(1, 11) / 11)
    assert rates[20] == 0.1
    assert rates[49] < 0.001


def test_plateau_lowers_the_rate_within_a_stage_and_forgets_it_in_the_next(data):
    plan = config(
        Stage(3, 1e-9),
        Stage(2, 1e-9, None),
        schedule="plateau",
        patience=1,
        factor=0.5,
        train_on="nine_tenths",
        monitor="validation_accuracy",
    )
    rates = [row["learning_rate"] for row in run(data, plan).history]
    assert rates == pytest.approx([1e-9, 1e-9, 5e-10, 1e-9, 1e-9])


@pytest.fixture(scope="module")
def unbroken(data):
    """A whole run of two stages, made once."""
    with pytest.MonkeyPatch.context() as patch:
        use_three(patch)
        return run(data, config(HEAD, LAST, schedule="one_cycle"))


@pytest.mark.parametrize("finished", [2, 3])
def test_a_stopped_run_goes_on_as_if_nothing_had_happened(data, unbroken, finished, tmp_path):
    """Stopped between the stages, and within the second."""

    class Stop(Exception):
        pass

    def stop(row):
        if row["epoch"] == finished + 1:
            raise Stop

    plan = config(HEAD, LAST, schedule="one_cycle")
    path = tmp_path / "run.safetensors"
    first = replace(job(plan, "keras", NET, path, data), on_epoch=stop)
    with pytest.raises(Stop):
        staged.fit(first)
    state = checkpoint.read(path, first.key)[1]
    assert len(state["history"]) == finished
    again = run(data, plan, checkpoint=path)
    assert [row["epoch"] for row in again.history] == [1, 2, 3, 4]
    for one, other in zip(unbroken.history, again.history, strict=True):
        assert one["train_loss"] == pytest.approx(other["train_loss"], rel=1e-4)
    np.testing.assert_allclose(
        unbroken.logits["private_test"], again.logits["private_test"], rtol=1e-3, atol=1e-4
    )


def test_the_loop_is_chosen_by_the_network_and_is_keras_alone():
    assert runs.loop_of("keras", NET) is staged.fit
    with pytest.raises(ValueError, match="tiny is pre-trained: it trains in keras, not in torch"):
        runs.loop_of("torch", NET)


@pytest.mark.parametrize(
    ("spec", "plan", "message"),
    [
        (NET, config(HEAD, scaling="standard"), "use scaling='pixels'"),
        (FROZEN, config(LAST), "is frozen, but a stage unfreezes"),
        (
            NET,
            TrainConfig(epochs=1, ema=0.9, scaling="pixels"),
            "its loop has no ema",
        ),
        (
            NET,
            TrainConfig(epochs=1, teachers=("a",), teachers_share=0.5, scaling="pixels"),
            "its loop has no teachers",
        ),
        (NET, config(HEAD, optimizer="sgd", weight_decay=0.1), "for 'adamw' alone"),
        (NET, config(HEAD, optimizer="muon"), "use 'adamw'"),
    ],
)
def test_a_configuration_that_does_not_fit_says_why(spec, plan, message, data):
    with pytest.raises(ValueError, match=message):
        staged.stages_of(job(plan, "keras", spec, data=data))


def test_smoke_takes_random_weights_and_one_epoch_a_stage(monkeypatch):
    from fer_utils import experiments
    from fer_utils.data import drawn_faces
    from fer_utils.models import imagenet_weights

    def refuse(file):
        raise AssertionError("a smoke run looks for no weights")

    monkeypatch.setattr(imagenet_weights, "fetch", refuse)
    experiment = experiments.get("squeezenet_48-7-last-stage")
    faces = drawn_faces.dataset(n=40, seed=0)
    found = profiles.smoke(experiment, faces, "keras", 0, progress=False)
    assert [row["stage"] for row in found.record.history] == [1, 2]
    assert found.record.spec["weights"] == "random"
