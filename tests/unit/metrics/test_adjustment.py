"""Taking the priors out: Bayes' rule by hand."""

from __future__ import annotations

import numpy as np
import pytest

from fer_utils.metrics.adjustment import adjusted, one_against_the_rest, training_prior

from ..records.helpers import card_of, small_dataset

PRIOR = np.array([0.9, 0.1])


def test_what_answers_with_the_priors_alone_knows_nothing_once_they_are_out():
    assert adjusted(np.tile(PRIOR, (3, 1)), PRIOR, 1.0) == pytest.approx(np.full((3, 2), 0.5))


def test_it_is_bayes_rule_with_equal_priors():
    likelihood = np.array([0.2, 0.6])
    posterior = likelihood * PRIOR / (likelihood @ PRIOR)
    assert adjusted(posterior, PRIOR, 1.0) == pytest.approx(likelihood / likelihood.sum())


def test_tau_zero_changes_nothing_and_more_of_it_answers_the_rare_class_more_often():
    likely = np.random.default_rng(0).dirichlet([9, 1], 500)
    assert adjusted(likely, PRIOR, 0.0) == pytest.approx(likely)
    rare = [(adjusted(likely, PRIOR, tau).argmax(1) == 1).sum() for tau in (0, 0.5, 1, 2)]
    assert rare == sorted(rare)
    assert rare[0] < rare[-1]


def test_seeds_may_stand_in_front():
    likely = np.random.default_rng(1).dirichlet([1, 1], (2, 5))
    both = adjusted(likely, PRIOR, 0.7)
    assert both[1] == pytest.approx(adjusted(likely[1], PRIOR, 0.7))


def test_a_prior_of_zero_is_an_error():
    with pytest.raises(ValueError, match="a prior above 0 for each of 2 classes"):
        adjusted(np.array([[0.5, 0.5]]), np.array([1.0, 0.0]), 1.0)


def test_the_prior_is_the_share_in_training():
    card = card_of(small_dataset())
    assert training_prior(card) == pytest.approx(np.full(7, 1 / 7))
    assert training_prior(card, ("sad", "happy")) == pytest.approx([0.5, 0.5])


def test_one_against_the_rest_leaves_the_others_among_themselves_alone():
    prior = one_against_the_rest([0.6, 0.3, 0.1], 2)
    assert prior == pytest.approx([0.45, 0.45, 0.1])
    likely = np.array([0.5, 0.3, 0.2])
    moved = adjusted(likely, prior, 1.0)
    assert moved[0] / moved[1] == pytest.approx(likely[0] / likely[1])
    assert moved[2] / moved[0] == pytest.approx(4.5 * likely[2] / likely[0])
