"""Spaces of a search: what cannot be in one is named, and settings reach recipe and network."""

from __future__ import annotations

import json

import pytest

from fer_utils.experiments import EXPERIMENTS
from fer_utils.experiments.config import TrainConfig
from fer_utils.models.spec import NetSpec
from fer_utils.search.space import DEFAULT, SearchSpace, apply
from fer_utils.search.trial import budget
from tests.unit.training.helpers import tiny_dense, tiny_net

CONFIG = TrainConfig(epochs=5)


@pytest.mark.parametrize(
    ("space", "message"),
    [
        ({"learning_rat": [1, 2]}, "unknown setting 'learning_rat'; near names: learning_rate"),
        ({"epochs": [1, 2]}, "'epochs' cannot be searched: the budget"),
        ({"learning_rate": {"low": 0.1, "high": 0.01}}, "from 0.1 to 0.01 is empty"),
        ({"learning_rate": {"low": 0.1, "high": 0.1}}, "is empty; low must be below high"),
        ({"weight_decay": {"low": 0, "high": 1, "log": True}}, "log range must start above 0"),
        ({"learning_rate": {"low": 1e-4}}, "expected low, high and perhaps log"),
        ({"learning_rate": {"low": "a", "high": 1}}, "expected a number, got 'a'"),
        ({"learning_rate": 0.1}, "expected a list or an object, got 0.1"),
        ({"optimizer": []}, "optimizer: no choices"),
        ({}, "at least one setting"),
        ([], "as an object"),
    ],
)
def test_a_wrong_space_says_what_is_wrong(space, message):
    with pytest.raises(ValueError, match=message):
        SearchSpace.from_dict(space)


@pytest.mark.parametrize(
    ("space", "message"),
    [
        ({"optimizer": ["sgd", "adamm"]}, "optimizer: optimizer='adamm': expected one of sgd"),
        ({"label_smoothing": {"low": 0, "high": 1.5}}, "label_smoothing=1.5: expected 0 <="),
        ({"network.dropout": [0.1]}, "tiny_dense has no layer with a dropout"),
        ({"augment.rotation": [-3.0]}, "augment.rotation: rotation: expected"),
    ],
)
def test_values_that_network_or_recipe_refuse_are_named(space, message):
    with pytest.raises(ValueError, match=message):
        SearchSpace.from_dict(space).check(tiny_dense(), CONFIG)


def test_a_space_survives_json_and_names_a_damaged_file(tmp_path):
    path = tmp_path / "space.json"
    path.write_text(json.dumps(DEFAULT.to_dict()))
    assert SearchSpace.read(path).to_dict() == DEFAULT.to_dict()
    path.write_text("{")
    with pytest.raises(ValueError, match=r"space\.json: "):
        SearchSpace.read(path)


def test_the_space_of_a_study_is_read_from_its_summary(tmp_path):
    path = tmp_path / "study.json"
    path.write_text(json.dumps({"study": "mine", "space": {"batch_size": [16, 64]}, "trials": []}))
    assert SearchSpace.read(path).entries == {"batch_size": (16, 64)}


def test_the_usual_space_holds_every_report_s_settings_but_a_weight_decay_of_zero():
    """So trial 0 has the report's own settings, and says so where it had to draw a decay."""
    theirs = [
        one
        for one in EXPERIMENTS.values()
        if one.recipe == "as-reported" and isinstance(one.spec, NetSpec)
    ]
    without_decay = 0
    for one in theirs:
        own = DEFAULT.own(one.spec, budget(one.config_on(gpu=False)))
        missing = {name: value for name, value in own.items() if not DEFAULT.holds(name, value)}
        assert missing in ({}, {"weight_decay": 0.0}), one.name
        without_decay += bool(missing)
    assert 0 < without_decay < len(theirs)


def test_settings_reach_recipe_augmentation_and_layers():
    settings = {"batch_size": 7, "augment.rotation": 3.0, "network.dropout": 0.4}
    spec, config = apply(tiny_net(), CONFIG, settings)
    assert (config.batch_size, config.augment.rotation, config.epochs) == (7, 3.0, 5)
    space = SearchSpace({name: (value,) for name, value in settings.items()})
    assert space.own(spec, config) == settings
    assert space.own(tiny_net(), CONFIG)["network.dropout"] == 0.2


def test_a_range_over_whole_numbers_is_drawn_whole():
    optuna = pytest.importorskip("optuna")
    space = SearchSpace.from_dict({"rare_copies": {"low": 0, "high": 9}})
    drawn = space.draw(optuna.trial.FixedTrial({"rare_copies": 3}))["rare_copies"]
    assert drawn == 3 and isinstance(drawn, int)
