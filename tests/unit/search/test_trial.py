"""One trial: the budget it keeps to, and what scores it."""

from __future__ import annotations

import pytest

from fer_utils.data.splits import validation_tenth
from fer_utils.experiments import EXPERIMENTS
from fer_utils.experiments.config import TrainConfig
from fer_utils.experiments.recipes import SHARED_BUDGET
from fer_utils.models.layers import Act, BatchNorm, Dense, Dropout, Flatten
from fer_utils.models.spec import NetSpec
from fer_utils.search.trial import Problem, budget, run_trial
from fer_utils.training import runs
from tests.unit.training.helpers import quarters

pytest.importorskip("torch")


def test_the_budget_is_that_of_all_sweeps_and_nothing_is_read_but_the_tenth():
    given = TrainConfig(epochs=90, views=("ten",), early_stopping=3, train_on="nine_tenths")
    found = budget(given)
    assert (found.epochs, found.train_on) == (SHARED_BUDGET.epochs, SHARED_BUDGET.train_on)
    assert found.readings == ("validation",) and not found.early_stopping


def test_no_search_has_teachers_that_learned_from_the_tenth_that_scores():
    searchable = [one for one in EXPERIMENTS.values() if not one.config.stages]
    assert any(one.config.teachers for one in searchable)
    for one in searchable:
        searched = budget(one.config_on(gpu=False))
        assert searched.evaluate_on == ("validation",) and not searched.teachers, one.name
    with pytest.raises(ValueError, match="a search has no stages"):
        budget(EXPERIMENTS["squeezenet_48-7-last-stage"].config)


def test_a_score_is_of_the_network_that_comes_out():
    """Recalibrated, that is another network than the one after the last epoch."""
    layers = (Flatten(), Dropout(0.8), Dense(16), BatchNorm(), Act("relu"), Dense(3))
    spec = NetSpec("dropped", layers, input_shape=(8, 8, 1))
    data, curve = quarters(per_class=200), []
    for recalibrate in (False, True):
        given = TrainConfig(epochs=1, batch_size=64, learning_rate=3e-3, recalibrate=recalibrate)
        config = budget(given, epochs=1)
        outcome = run_trial(Problem(spec, config, data), {}, lambda _, a: curve.append(a))
        answers = runs.fit(spec, config, data, progress=False).logits["validation"].argmax(1)
        assert outcome.score == (answers == validation_tenth(data)[1].labels).mean()
        assert (abs(outcome.score - curve[-1]) > 0.02) is recalibrate
