"""The runs on action units: each named once, and runs that are compared differ in one thing."""

from __future__ import annotations

import json
from dataclasses import replace

import pytest

from fer_utils.experiments import action_units
from fer_utils.experiments.action_units import (
    CKPLUS,
    EXPERIMENTS,
    REPORTED_NETWORKS,
    SIZES,
    TASKS,
    Tasks,
)


def test_a_name_is_taken_once():
    twice = (*EXPERIMENTS.values(), replace(CKPLUS, name="joint-300"))
    with pytest.raises(ValueError, match="joint-300 is listed twice"):
        action_units.by_name(twice)
    assert CKPLUS.name not in EXPERIMENTS


def test_the_tasks_are_all_that_differs_at_a_size():
    for n in SIZES:
        faces = {EXPERIMENTS[f"{task}-{n}"].faces for task in TASKS}
        configs = {json.dumps(EXPERIMENTS[f"{task}-{n}"].config.to_dict()) for task in TASKS}
        assert len(faces) == len(configs) == 1
        assert {EXPERIMENTS[f"{task}-{n}"].tasks for task in TASKS} == set(TASKS.values())


def test_the_report_s_networks_differ_from_ours_in_the_network_alone():
    ours = EXPERIMENTS["joint-1000"]
    for network in REPORTED_NETWORKS:
        theirs = EXPERIMENTS[f"joint-1000-{network}"]
        assert theirs.spec().net.name == network
        assert theirs.spec().net.input_shape == (64, 64, 1)
        same = {"name": ours.name, "network": ours.network, "seeds": ours.seeds}
        assert replace(theirs, **same) == ours


def test_the_report_s_network_learns_from_ck_plus():
    assert CKPLUS.spec().net.name == "rmit_3_4_6"


def test_one_task_at_least_counts():
    with pytest.raises(ValueError, match="one of them above 0"):
        Tasks(0, 0)
