"""Batch normalisation's statistics measured again: by hand, in both frameworks, and refused."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from fer_utils.experiments.config import TrainConfig
from fer_utils.models.initial import initial_weights
from fer_utils.models.layers import BatchNorm, Dense, Dropout, Flatten
from fer_utils.models.spec import NetSpec

from .helpers import job, quarters, tiny_dense

torch = pytest.importorskip("torch")

from fer_utils.training import recalibration  # noqa: E402
from fer_utils.training.batches import Scaling  # noqa: E402
from fer_utils.training.runs import loop_of  # noqa: E402
from fer_utils.training.torch_loop import fit  # noqa: E402

DROPPED = NetSpec(
    "dropped", (Flatten(), Dropout(0.5), BatchNorm(), Dense(3)), input_shape=(8, 8, 1)
)
PLAIN = TrainConfig(epochs=10, batch_size=16, scaling="zero_one")
CPU = torch.device("cpu")


def statistics(weights: dict[str, np.ndarray]) -> tuple[np.ndarray, np.ndarray]:
    """Running mean and variance of the only batch normalisation."""
    (mean,) = (value for name, value in weights.items() if name.endswith("/mean"))
    (variance,) = (value for name, value in weights.items() if name.endswith("/variance"))
    return mean, variance


def pixels() -> np.ndarray:
    """What the batch normalisation sees where nothing is dropped: (N, 64) in 0..1."""
    train = quarters().part("train")
    return np.asarray(train.images).reshape(len(train), -1) / 255


def test_they_are_those_of_the_training_pictures_with_nothing_dropped():
    again = recalibration.recalibrated(
        job(PLAIN, spec=DROPPED), initial_weights(DROPPED, 0), Scaling(), CPU
    )
    mean, variance = statistics(again)
    np.testing.assert_allclose(mean, pixels().mean(0), rtol=1e-5)
    np.testing.assert_allclose(variance, pixels().var(0, ddof=1), rtol=1e-4)


def test_no_weight_changes():
    first = initial_weights(DROPPED, 0)
    again = recalibration.recalibrated(job(PLAIN, spec=DROPPED), first, Scaling(), CPU)
    changed = {name for name in first if not np.array_equal(first[name], again[name])}
    assert {name.partition("/")[2] for name in changed} == {"mean", "variance"}


@pytest.mark.parametrize("framework", ["torch", "keras"])
def test_a_run_ends_with_them_and_answers_by_them(framework):
    def fitted(config: TrainConfig):
        if framework == "torch":
            return fit(job(config, spec=DROPPED))
        pytest.importorskip("keras")
        from fer_utils.training.keras_loop import fit as keras_fit

        return keras_fit(job(config, "keras", DROPPED))

    before, after = fitted(PLAIN), fitted(replace(PLAIN, recalibrate=True))
    np.testing.assert_allclose(statistics(after.weights)[0], pixels().mean(0), rtol=1e-5)
    assert statistics(before.weights)[1].mean() > 2 * statistics(after.weights)[1].mean()
    assert np.abs(before.logits["private_test"] - after.logits["private_test"]).max() > 0.01


@pytest.mark.parametrize("framework", ["torch", "keras"])
def test_without_batch_normalisation_it_is_refused_before_training(framework):
    spec = tiny_dense()
    bare = replace(spec, layers=tuple(x for x in spec.layers if not isinstance(x, BatchNorm)))

    def stop(row):
        pytest.fail("an epoch was trained")

    asked = replace(job(replace(PLAIN, recalibrate=True), framework, bare), on_epoch=stop)
    with pytest.raises(ValueError, match="use recalibrate=False"):
        loop_of(framework)(asked)


def test_an_unknown_framework_is_named():
    with pytest.raises(ValueError, match="framework='jax': expected one of torch, keras"):
        loop_of("jax")
