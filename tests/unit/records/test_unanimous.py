"""Pictures that networks agree on, counted by hand and on the committed records."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from fer_utils.data.card import load_card
from fer_utils.data.dataset import CLASSES
from fer_utils.experiments.experiment import Experiment
from fer_utils.experiments.recipes import one_cycle, taught
from fer_utils.records import unanimous

from .helpers import card_of, record_of, small_dataset

LABELS = np.array([0, 1, 2, 0, 1])
ANSWERS = np.array(
    [
        [0, 1, 2, 1, 2],  # 3 of 5
        [0, 1, 0, 1, 0],  # 2 of 5
    ]
)


def test_how_many_networks_are_right_and_what_independent_ones_would_give():
    table = unanimous.how_many_right(ANSWERS, LABELS)
    assert table["pictures"].tolist() == [2, 1, 2]
    assert table["if independent"].to_numpy() == pytest.approx(
        np.array([0.4 * 0.6, 0.6 * 0.6 + 0.4 * 0.4, 0.6 * 0.4]) * 5
    )
    assert list(table.index) == [0, 1, 2]


def test_independent_networks_meet_the_expectation():
    rng = np.random.default_rng(0)
    labels = rng.integers(0, 7, 20000)
    wrong = rng.random((3, 20000)) > np.array([[0.5], [0.6], [0.7]])
    table = unanimous.how_many_right((labels + wrong) % 7, labels)
    assert table["pictures"].to_numpy() == pytest.approx(
        table["if independent"].to_numpy(), rel=0.06
    )


def test_against_the_label_is_one_and_the_same_wrong_answer():
    assert unanimous.against_label(ANSWERS, LABELS).tolist() == [False, False, False, True, False]


def test_pairs_have_no_direction_and_all_are_counted():
    pairs = unanimous.confused_pairs(np.array([0, 3, 3]), np.array([3, 0, 6]), CLASSES)
    assert pairs["angry/happy"] == 2 and pairs["happy/neutral"] == 1
    assert len(pairs) == 21 and sum(pairs.values()) == 3


def test_pictures_labelled_twice_come_from_the_data_card():
    groups = load_card().audit["contradictory_labels"]
    pairs = unanimous.twice_labelled(groups, CLASSES)
    two = {name: n for name, n in groups.items() if name.count("/") == 1}
    assert {name: n for name, n in pairs.items() if n} == two
    assert len(pairs) == 21


def test_students_are_no_witnesses_beside_their_teacher(monkeypatch):
    config = one_cycle(2, 1e-3)
    alone = Experiment("zagreb_deep", "ours", "03", config)
    student = replace(alone, network="zagreb_deeper", config=taught(2, 1e-3))
    made = {one.name: one for one in (alone, student)}
    monkeypatch.setattr(unanimous, "EXPERIMENTS", made)
    card = card_of(small_dataset())
    monkeypatch.setattr(unanimous, "load_card", lambda: card)
    monkeypatch.setattr(
        unanimous, "find", lambda name, framework, seed: record_of(made[name], card)
    )
    assert list(unanimous.ours("private_test")) == ["zagreb_deep"]


def test_our_recorded_networks_answer_every_picture_of_the_split():
    records = unanimous.ours("private_test")
    assert {"compact_vgg", "zagreb_shallow"} <= set(records)
    assert len({record.experiment for record in records.values()}) == len(records)
    answers = unanimous.answers_of(records.values(), "private_test")
    assert answers.shape == (len(records), len(load_card().labels_of("private_test")))
    assert all(record.experiment.endswith("-7-ours") for record in records.values())
