"""What both loops promise, each promise tested in both."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from fer_utils.data.augment import Augment
from fer_utils.experiments.config import TrainConfig
from fer_utils.models.layers import (
    Act,
    BatchNorm,
    Conv,
    Dense,
    Flatten,
    GlobalAvgPool,
    Residual,
)
from fer_utils.models.spec import NetSpec
from fer_utils.training.journal import TrainingDiverged

from .helpers import job, quarters, tiny_dense, tiny_net

pytest.importorskip("torch")
pytest.importorskip("keras")

BASE = TrainConfig(epochs=3, batch_size=16, learning_rate=0.02)
FRAMEWORKS = ("torch", "keras")


def fit(a_job):
    if a_job.framework == "torch":
        from fer_utils.training.torch_loop import fit as loop
    else:
        from fer_utils.training.keras_loop import fit as loop
    return loop(a_job)


@pytest.mark.parametrize("framework", FRAMEWORKS)
def test_it_learns_and_reports_every_epoch(framework):
    fitted = fit(job(replace(BASE, epochs=8), framework, tiny_dense()))
    assert [row["epoch"] for row in fitted.history] == list(range(1, 9))
    assert fitted.history[-1]["train_loss"] < 0.7 * fitted.history[0]["train_loss"]
    labels = quarters().part("private_test").labels
    logits = fitted.logits["private_test"]
    assert logits.dtype == np.float32
    assert (logits.argmax(1) == labels).mean() > 0.8
    assert "validation_loss" not in fitted.history[0]


@pytest.mark.parametrize("framework", FRAMEWORKS)
def test_the_watched_part_is_scored_every_epoch(framework):
    config = replace(BASE, train_on="nine_tenths", evaluate_on=("validation",))
    fitted = fit(job(config, framework))
    last = fitted.history[-1]
    a_job = job(config, framework)
    labels = a_job.parts.watched.labels
    assert last["validation_accuracy"] == pytest.approx(
        (fitted.logits["validation"].argmax(1) == labels).mean(), abs=1e-5
    )


@pytest.mark.parametrize("framework", FRAMEWORKS)
def test_views_are_read_beside_each_split(framework):
    a_job = job(replace(BASE, epochs=1, views=("mirrored", "ten")), framework, tiny_dense())
    logits = fit(a_job).logits
    splits = ("public_test", "private_test")
    assert tuple(logits) == tuple(
        f"{s}{view}" for s in splits for view in ("", "/mirrored", "/ten")
    )
    assert tuple(logits) == a_job.config.readings == a_job.readings
    likely = np.exp(logits["private_test/ten"])
    np.testing.assert_allclose(likely.sum(1), 1, atol=1e-5)
    plain = np.exp(logits["private_test"])
    assert not np.allclose(likely, plain / plain.sum(1, keepdims=True), atol=1e-3)


@pytest.mark.parametrize("framework", FRAMEWORKS)
def test_what_on_epoch_raises_ends_a_run(framework):
    class Enough(Exception):
        pass

    rows = []

    def on_epoch(row):
        rows.append(row)
        if row["epoch"] == 2:
            raise Enough

    config = replace(BASE, epochs=4, train_on="nine_tenths")
    with pytest.raises(Enough):
        fit(replace(job(config, framework), on_epoch=on_epoch))
    assert [row["epoch"] for row in rows] == [1, 2]
    assert "validation_accuracy" in rows[0]


@pytest.mark.parametrize("framework", FRAMEWORKS)
def test_an_exploding_run_stops_with_a_clear_error(framework):
    config = replace(BASE, optimizer="sgd", learning_rate=1e30, epochs=5)
    with pytest.raises(TrainingDiverged, match="lower learning_rate"):
        fit(job(config, framework, tiny_dense()))


@pytest.mark.parametrize("framework", FRAMEWORKS)
def test_early_stopping_ends_before_the_last_epoch_and_keeps_the_best_weights(framework):
    config = replace(BASE, epochs=40, learning_rate=0.5, train_on="nine_tenths", early_stopping=2)
    config = replace(config, evaluate_on=("validation",))
    fitted = fit(job(config, framework, tiny_dense()))
    assert len(fitted.history) < 40
    losses = [row["validation_loss"] for row in fitted.history]
    accuracies = [row["validation_accuracy"] for row in fitted.history]
    assert int(np.argmin(losses)) == len(losses) - 3
    labels = job(config).parts.watched.labels
    reached = (fitted.logits["validation"].argmax(1) == labels).mean()
    assert reached == pytest.approx(accuracies[int(np.argmin(losses))], abs=1e-5)


@pytest.mark.parametrize("framework", FRAMEWORKS)
def test_averaged_weights_lag_behind_the_last_ones(framework):
    plain = fit(job(BASE, framework, tiny_dense()))
    averaged = fit(job(replace(BASE, ema=0.9), framework, tiny_dense()))
    still = fit(job(replace(BASE, ema=0.999999), framework, tiny_dense()))
    key = "01_dense/kernel"
    moved = np.abs(plain.weights[key] - averaged.weights[key]).max()
    assert moved > 1e-4
    lag = np.abs(averaged.weights[key] - plain.weights[key]).mean()
    longer_lag = np.abs(still.weights[key] - plain.weights[key]).mean()
    assert longer_lag > lag


@pytest.mark.parametrize("framework", FRAMEWORKS)
def test_a_plateau_lowers_the_rate_that_the_optimizer_uses(framework):
    config = replace(
        BASE, epochs=5, schedule="plateau", patience=1, factor=1e-6, train_on="nine_tenths"
    )
    config = replace(config, learning_rate=3.0, optimizer="sgd", momentum=0.0)
    fitted = fit(job(config, framework, tiny_dense()))
    rates = [row["learning_rate"] for row in fitted.history]
    assert rates[-1] < 1e-3 * rates[0]
    losses = [row["validation_loss"] for row in fitted.history]
    assert abs(losses[-1] - losses[-2]) < 1e-2  # nothing moves any more


@pytest.mark.parametrize("framework", FRAMEWORKS)
@pytest.mark.parametrize(
    "settings",
    [
        {"precision": "bf16"},
        {"augment": Augment(horizontal_flip=0.5, rotation=10.0, erasing=0.5)},
        {"class_weights": "balanced", "label_smoothing": 0.1},
        {"optimizer": "adamw", "weight_decay": 0.05, "schedule": "one_cycle"},
        {"optimizer": "nadam", "schedule": "cosine"},
        {"mixup": 0.4, "augment": Augment(horizontal_flip=0.5)},
        {"focal_gamma": 2.0, "precision": "bf16"},
        {"batch_size": 19},  # 96 images: one is left over and joins the batch before
    ],
    ids=lambda settings: "+".join(settings),
)
def test_every_setting_trains(framework, settings):
    fitted = fit(job(replace(BASE, epochs=3, **settings), framework))
    first, _, last = (row["train_loss"] for row in fitted.history)
    assert last < first


@pytest.mark.parametrize(
    "settings",
    [
        {},
        {"optimizer": "sgd", "momentum": 0.9, "weight_decay": 0.1, "learning_rate": 0.05},
        {"optimizer": "adam", "weight_decay": 0.01},
        {"optimizer": "adamw", "weight_decay": 0.1},
        {"schedule": "one_cycle", "label_smoothing": 0.1},
        {"class_weights": "balanced", "batch_size": 7},
        {"augment": Augment(horizontal_flip=0.5, shift=0.1, erasing=0.5)},
        {"ema": 0.9, "optimizer": "sgd", "train_on": "nine_tenths"},
        {"optimizer": "nadam", "weight_decay": 0.01},
        {"drop_last": True, "batch_size": 36},  # 24 of 96 images are left out each epoch
        {"class_weights": "reported"},
        {"class_weights": "effective", "label_smoothing": 0.1},
        {"sampling": "oversample"},
        {"sampling": "balanced_batches", "batch_size": 7},
        {"focal_gamma": 2.0, "class_weights": "balanced"},
        {"logit_adjustment": 1.0},
        {"mixup": 0.4, "class_weights": "balanced"},
        {"mixup": 0.4, "focal_gamma": 1.0, "logit_adjustment": 0.5, "label_smoothing": 0.1},
        {"rare_copies": 2, "rare_augment": Augment(rotation=20.0)},
    ],
    ids=lambda settings: "+".join(settings) or "base",
)
def test_both_frameworks_take_the_same_path_from_the_same_weights(settings, monkeypatch):
    """The same initial weights, batches and rules end in nearly the same weights and losses."""
    same_path(replace(BASE, epochs=3, **settings), tiny_dense(), monkeypatch, uneven())


def test_muon_takes_the_same_path_through_convolutions_and_dense_layers(monkeypatch):
    layers = (Conv(6), Act("tanh"), Conv(8, bias=False), BatchNorm(), Act("tanh"), GlobalAvgPool())
    layers += (Dense(12), Act("tanh"), Dense(3))
    spec = NetSpec("deep", layers, input_shape=(8, 8, 1))
    config = replace(BASE, optimizer="muon", weight_decay=0.1, schedule="one_cycle")
    same_path(config, spec, monkeypatch)


@pytest.mark.parametrize(
    "settings",
    [{}, {"weight_decay": 0.1}, {"optimizer": "adamw", "weight_decay": 0.1}],
    ids=["plain", "weight decay", "decoupled"],
)
def test_a_layers_l2_joins_the_weight_decay_in_both_frameworks(settings, monkeypatch):
    config = replace(BASE, **({"optimizer": "sgd", "learning_rate": 0.05} | settings))
    bare = tiny_dense()
    layers = [replace(layer, l2=0.05) if layer.kind == "dense" else layer for layer in bare.layers]
    ours = same_path(config, replace(bare, layers=tuple(layers)), monkeypatch)
    free = fit(job(config, "torch", bare))
    key = "01_dense/kernel"
    assert np.abs(ours.weights[key]).sum() < 0.95 * np.abs(free.weights[key]).sum()


@pytest.mark.parametrize("framework", FRAMEWORKS)
def test_the_recorded_loss_leaves_penalties_out(framework):
    config = replace(BASE, epochs=1, learning_rate=1e-7)  # nothing moves
    bare = tiny_dense()
    layers = (*bare.layers[:-1], replace(bare.layers[-1], l2=100.0))
    losses = [
        fit(job(config, framework, spec)).history[0]["train_loss"]
        for spec in (bare, replace(bare, layers=layers))
    ]
    assert losses[0] == pytest.approx(losses[1], rel=1e-3)


@pytest.mark.parametrize("framework", FRAMEWORKS)
def test_a_dropped_last_batch_trains_on_the_whole_ones_only(framework):
    """In 96 images and batches of 90 the last 6 of the epoch's order are left out: what is written
    into them changes nothing, and the figures of training are means over 90."""
    from fer_utils.training.batches import batch_order

    config = replace(BASE, epochs=1, batch_size=90, drop_last=True, scaling="zero_one")
    data = quarters()
    rows = np.flatnonzero(data.split == "train")
    left_out = rows[batch_order(96, config.seed, 0)[90:]]
    images = np.array(data.images)
    images[left_out] = 255 - images[left_out]
    changed = replace(data, images=images)
    first, second = (fit(job(config, framework, tiny_dense(), data=one)) for one in (data, changed))
    assert first.history[0]["train_loss"] == pytest.approx(second.history[0]["train_loss"])
    right = first.history[0]["train_accuracy"] * 90
    assert right == pytest.approx(round(right), abs=1e-3)
    for key, value in first.weights.items():
        np.testing.assert_allclose(value, second.weights[key], atol=1e-6, err_msg=key)
    whole = fit(job(replace(config, drop_last=False), framework, tiny_dense(), data=changed))
    assert np.abs(whole.weights["01_dense/kernel"] - first.weights["01_dense/kernel"]).max() > 1e-4


def uneven():
    """`quarters` with a rare class, so that weights, priors and sampling differ by class."""
    data = quarters()
    return data.take(np.flatnonzero((data.labels != 1) | (np.arange(len(data)) % 20 < 12)))


def same_path(config, spec, monkeypatch, data=None):
    """Both loops from Torch's weights compared; what Torch fitted."""
    from fer_utils.models import keras_net, parity, torch_net

    torch_build, keras_build = torch_net.build, keras_net.build

    def keras_from_torch(spec, seed=None, precision="float32"):
        model = keras_build(spec, seed=seed, precision=precision)
        parity.transfer(torch_build(spec, seed=seed), model)
        return model

    monkeypatch.setattr(keras_net, "build", keras_from_torch)
    ours = fit(job(config, "torch", spec, data=data))
    theirs = fit(job(config, "keras", spec, data=data))
    for a, b in zip(ours.history, theirs.history, strict=True):
        assert a["train_loss"] == pytest.approx(b["train_loss"], rel=5e-3, abs=1e-4)
        assert a["train_accuracy"] == pytest.approx(b["train_accuracy"], abs=0.011)
        assert a["learning_rate"] == pytest.approx(b["learning_rate"], rel=1e-5)
        watched = a.get("validation_loss", 0.0), b.get("validation_loss", 0.0)
        assert watched[0] == pytest.approx(watched[1], rel=5e-3)
    for key, value in ours.weights.items():
        assert np.abs(value - theirs.weights[key]).mean() < 1e-3, key
    return ours


@pytest.mark.parametrize("framework", FRAMEWORKS)
def test_the_same_seed_repeats_and_another_does_not(framework):
    first, again = (fit(job(BASE, framework, tiny_net())) for _ in range(2))
    other = fit(job(BASE.with_seed(1), framework, tiny_net()))
    assert np.allclose(
        first.logits["private_test"], again.logits["private_test"], rtol=1e-4, atol=1e-4
    )
    assert not np.allclose(first.logits["private_test"], other.logits["private_test"], atol=1e-3)


@pytest.mark.parametrize("framework", FRAMEWORKS)
@pytest.mark.parametrize("more", [{}, {"train_on": "nine_tenths", "early_stopping": 1}])
def test_a_run_killed_after_its_last_epoch_ends_as_if_it_had_not_been(framework, more, tmp_path):
    config = replace(BASE, ema=0.9, **more)
    path = tmp_path / "run.safetensors"
    first, again = (fit(job(config, framework, tiny_dense(), checkpoint=path)) for _ in range(2))
    assert len(again.history) == len(first.history)
    for name, value in first.weights.items():
        assert value.tobytes() == again.weights[name].tobytes(), name


def test_a_convolution_within_a_residual_block_sets_the_layout_too():
    import torch

    from fer_utils.training.torch_loop import Loop

    within = NetSpec("within", (Residual((Conv(1),)), Flatten(), Dense(3)), (8, 8, 1))
    layouts = {spec: Loop(job(BASE, spec=spec), torch.device("cpu")).layout
               for spec in (within, tiny_dense())}  # fmt: skip
    assert layouts == {within: torch.channels_last, tiny_dense(): torch.contiguous_format}
