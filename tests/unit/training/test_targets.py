"""Weights, targets, priors and mixup by their formulas, and the loss of both frameworks by hand."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from fer_utils.experiments.config import TrainConfig
from fer_utils.training import targets

PLAIN = TrainConfig(epochs=1)
LABELS = np.repeat([0, 1], [90, 10])


def weights(kind, labels=LABELS, classes=2, **settings):
    return targets.class_weights(labels, classes, replace(PLAIN, class_weights=kind, **settings))


def test_weights_by_their_formulas():
    assert weights("none").tolist() == [1, 1]
    assert weights("reported") == pytest.approx([100 / 90, 10])
    assert weights("balanced") == pytest.approx([100 / 180, 5])
    assert weights("reported") == pytest.approx(2 * weights("balanced"))
    effective = weights("effective", effective_beta=0.9)
    ratio = (1 - 0.9**90) / (1 - 0.9**10)
    assert effective[1] / effective[0] == pytest.approx(ratio)


@pytest.mark.parametrize("kind", ["balanced", "effective"])
def test_normalised_weights_have_mean_one_over_the_images(kind):
    assert weights(kind)[LABELS].mean() == pytest.approx(1)


def test_effective_numbers_lie_between_no_weights_and_balanced_ones():
    assert weights("effective", effective_beta=0.0) == pytest.approx([1, 1])
    nearly = weights("effective", effective_beta=1 - 1e-9)
    assert nearly == pytest.approx(weights("balanced"), rel=1e-4)
    between = weights("effective", effective_beta=0.99)
    assert 1 < between[1] / between[0] < 9


@pytest.mark.parametrize("kind", ["reported", "balanced", "effective"])
def test_a_class_without_images_has_weight_zero(kind):
    found = weights(kind, classes=3)
    assert found[2] == 0
    assert np.isfinite(found).all()


def test_the_target_table_smooths_and_weighs():
    config = replace(PLAIN, class_weights="reported", label_smoothing=0.2)
    table = targets.target_table(LABELS, 2, config)
    assert table[0] == pytest.approx(100 / 90 * np.array([0.9, 0.1]))
    assert table[1] == pytest.approx([1.0, 9.0])
    assert np.array_equal(targets.target_table(LABELS, 2, PLAIN), np.eye(2))


def test_priors_are_shares_and_finite():
    assert np.exp(targets.log_prior(LABELS, 2)) == pytest.approx([0.9, 0.1])
    assert np.exp(targets.log_prior(LABELS, 3)[2]) == pytest.approx(0.01)
    offset = targets.logit_offset(LABELS, 2, replace(PLAIN, logit_adjustment=2.0))
    assert offset == pytest.approx(2 * np.log([0.9, 0.1]))
    assert not targets.logit_offset(LABELS, 2, PLAIN).any()


SLICES = [slice(0, 6), slice(6, 10)]


def test_mixup_draws_one_share_and_a_permutation_a_batch():
    config = replace(PLAIN, mixup=0.4, seed=2)
    found = targets.mixes(SLICES, config, 0)
    for mix, where in zip(found, SLICES, strict=True):
        assert 0.5 <= mix.share <= 1
        assert sorted(mix.partner) == list(range(where.stop - where.start))
    again = targets.mixes(SLICES, config, 0)
    assert [mix.share for mix in again] == [mix.share for mix in found]
    assert targets.mixes(SLICES, config, 1)[0].share != found[0].share
    assert targets.mixes(SLICES, PLAIN, 0) == [None, None]


def test_shares_are_those_of_the_beta_distribution_folded_at_a_half():
    many = targets.mixes([slice(0, 1)] * 4000, replace(PLAIN, mixup=1.0), 0)
    shares = np.array([mix.share for mix in many])  # Beta(1, 1) is uniform: 0.5 to 1, mean 0.75
    assert shares.mean() == pytest.approx(0.75, abs=0.01)
    assert np.quantile(shares, 0.5) == pytest.approx(0.75, abs=0.02)


def test_mixing_is_a_weighted_mean_with_the_partner():
    x = np.array([[0.0, 1.0], [4.0, 5.0]], np.float32)
    mixed = targets.mixed(x, targets.Mix(0.75, np.array([1, 0])))
    assert mixed.tolist() == [[1, 2], [3, 4]]
    assert mixed.dtype == np.float32
    assert targets.mixed(x, None) is x


LOGITS = np.array([[2.0, 0.0], [0.0, 0.0], [-1.0, 3.0]], np.float32)
ASKED = np.array([[1.0, 0.0], [0.25, 0.75], [0.0, 3.0]], np.float32)


def in_torch(offset, gamma):
    torch = pytest.importorskip("torch")
    from fer_utils.training.torch_loss import losses

    return losses(*map(torch.as_tensor, (LOGITS, ASKED, offset)), gamma).numpy()


def in_keras(offset, gamma):
    keras = pytest.importorskip("keras")
    from fer_utils.training import keras_loss

    y = keras_loss.joined(np.array([0, 1, 1]), ASKED)
    return keras.ops.convert_to_numpy(keras_loss.losses(offset, gamma)(y, LOGITS))


@pytest.mark.parametrize("framework", [in_torch, in_keras])
@pytest.mark.parametrize("gamma", [0.0, 1.0, 2.0])
@pytest.mark.parametrize("shift", [0.0, 1.5])
def test_the_loss_is_the_formula_in_both_frameworks(framework, gamma, shift):
    offset = np.array([0.0, shift], np.float32)
    z = (LOGITS + offset).astype(np.float64)
    p = np.exp(z) / np.exp(z).sum(1, keepdims=True)
    expected = -(ASKED * (1 - p) ** gamma * np.log(p)).sum(1)
    assert framework(offset, gamma) == pytest.approx(expected, rel=1e-4, abs=1e-8)


@pytest.mark.parametrize("framework", [in_torch, in_keras])
def test_focal_loss_of_a_coin_toss_is_a_quarter_of_its_cross_entropy(framework):
    none = np.zeros(2, np.float32)
    at_half = framework(none, 2.0)[1]  # p = 1/2 for both classes: (1 - p)^2 = 1/4
    assert at_half == pytest.approx(np.log(2) / 4, rel=1e-5)
    assert framework(none, 0.0)[1] == pytest.approx(np.log(2), rel=1e-5)


@pytest.mark.parametrize("framework", [in_torch, in_keras])
def test_logit_adjustment_adds_the_prior_before_the_softmax(framework):
    prior = np.array([0.0, -2.0], np.float32)  # the second class is exp(2) times rarer
    found = framework(prior, 0.0)
    assert found[0] == pytest.approx(np.log1p(np.exp(-4)), rel=1e-4)
    assert found[1] == pytest.approx(
        0.25 * np.log1p(np.exp(-2)) + 0.75 * np.log1p(np.exp(2)), rel=1e-5
    )


def test_a_small_gamma_has_a_finite_gradient_where_the_network_is_certain():
    torch = pytest.importorskip("torch")
    from fer_utils.training.torch_loss import losses

    logits = torch.tensor([[60.0, 0.0]], requires_grad=True)
    losses(logits, torch.tensor([[1.0, 0.0]]), torch.zeros(2), 0.5).sum().backward()
    assert torch.isfinite(logits.grad).all()


def test_keras_accuracy_is_that_of_the_own_label():
    keras = pytest.importorskip("keras")
    from fer_utils.training import keras_loss

    y = keras_loss.joined(np.array([0, 1, 0]), ASKED)
    found = keras.ops.convert_to_numpy(keras_loss.accuracy(y, LOGITS))
    assert found.tolist() == [1, 0, 0]
