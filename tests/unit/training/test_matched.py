"""The matched run: both frameworks agree step by step, and the check can fail."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

pytest.importorskip("torch")
pytest.importorskip("keras")

from fer_utils.data import drawn_faces
from fer_utils.data.augment import Augment
from fer_utils.experiments.config import TrainConfig
from fer_utils.models.layers import Dropout, Residual
from fer_utils.training import torch_loop
from fer_utils.training.batches import Parts, batch_order
from fer_utils.training.job import Job
from fer_utils.training.matched import batch_sequence, matched_run, plain_sgd, torch_losses
from fer_utils.training.one_default import small_net

STEPS = 100
CONFIG = plain_sgd(0.002)


@pytest.fixture(scope="module")
def part():
    return drawn_faces.dataset(n=200, seed=0).part("train").take(np.arange(110))  # last batch: 14


def test_losses_agree_within_one_percent_at_each_of_100_steps(part):
    made = matched_run(small_net(), CONFIG, part, STEPS)
    assert made.logit_difference < 1e-4
    assert made.torch.shape == made.keras.shape == (STEPS,)
    assert made.relative.max() < 0.01
    assert np.ptp(made.torch) > 0.05  # something was learned: equal constants would agree too


@pytest.mark.parametrize(
    "changed",
    [
        {"keras_config": replace(CONFIG, learning_rate=0.02)},
        {"keras_spec": small_net(init="glorot_uniform")},
        {"keras_config": CONFIG.with_seed(1)},
    ],
    ids=["rate", "initialisation", "seed"],
)
def test_the_check_fails_where_one_thing_differs(part, changed):
    assert matched_run(small_net(), CONFIG, part, 20, **changed).relative.max() > 0.01


@pytest.mark.parametrize(
    ("config", "said"),
    [
        (TrainConfig(epochs=1), "optimizer='sgd'"),
        (replace(CONFIG, precision="bf16"), "precision='float32'"),
        (replace(CONFIG, schedule="cosine"), "schedule='constant'"),
        (replace(CONFIG, sam=0.05), "sam=0.0"),
        (replace(CONFIG, teachers=("a",), teachers_share=0.5), r"teachers=\(\)"),
        (replace(CONFIG, augment=Augment(horizontal_flip=0.5)), "no augmentation"),
    ],
)
def test_it_refuses_what_cannot_be_matched(part, config, said):
    with pytest.raises(ValueError, match=said):
        matched_run(small_net(), config, part, 1)


def test_it_refuses_dropout(part):
    spec = small_net()
    dropping = replace(spec, layers=(*spec.layers[:-1], Dropout(0.1), spec.layers[-1]))
    block = Residual(body=(Dropout(0.5),))
    within = replace(spec, layers=(block, *spec.layers))
    for one in (dropping, within):
        with pytest.raises(ValueError, match="no dropout"):
            matched_run(one, CONFIG, part, 1)


def test_its_steps_are_those_of_the_loop(part):
    config = replace(CONFIG, epochs=1)
    fitted = torch_loop.fit(
        Job(small_net(), config, Parts(part, None, {}), "torch", "", None, False)
    )
    order = batch_sequence(len(part), config, 4)
    losses = torch_losses(small_net(), config, part, order)
    mean = np.average(losses, weights=[len(rows) for rows in order])
    assert fitted.history[0]["train_loss"] == pytest.approx(mean, rel=1e-5)


def test_batch_sequence_is_that_of_the_loops_and_changes_one_thing_at_a_time():
    config = plain_sgd(batch_size=4, seed=3)
    usual = batch_sequence(10, config, 5)
    np.testing.assert_array_equal(np.concatenate(usual[:3]), batch_order(10, 3, 0))
    assert [len(rows) for rows in usual] == [4, 4, 2, 4, 4]
    stored = batch_sequence(10, config, 4, shuffle=False)
    np.testing.assert_array_equal(np.concatenate(stored[:3]), np.arange(10))
    np.testing.assert_array_equal(stored[3], stored[0])
    other = batch_sequence(10, config, 3, order_seed=4)
    np.testing.assert_array_equal(np.concatenate(other), batch_order(10, 4, 0))
    whole = batch_sequence(10, replace(config, drop_last=True), 4)
    assert [len(rows) for rows in whole] == [4] * 4


def test_a_look_sees_every_number_of_steps_and_leaves_training_as_it_was(part):
    order = batch_sequence(len(part), CONFIG, 3)
    seen = {}

    def look(step, predict):
        seen[step] = predict(part.images[:5])

    watched = torch_losses(small_net(), CONFIG, part, order, look)
    assert list(seen) == [0, 1, 2, 3] and seen[0].shape == (5, 7)
    assert not np.array_equal(seen[0], seen[3])
    np.testing.assert_array_equal(watched, torch_losses(small_net(), CONFIG, part, order))
