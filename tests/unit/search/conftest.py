"""What tests of searches of the course's experiments share."""

from __future__ import annotations

from dataclasses import replace

import pytest

from fer_utils.data import drawn_faces, fer2013
from fer_utils.data.card import make_card
from fer_utils.experiments.recipes import SHARED_BUDGET

EXPERIMENT = "fully_connected_1x512-7-sweep"


@pytest.fixture
def full(own_cache, tmp_path, monkeypatch):
    """A search of drawn faces as FER2013, with their card, where the budget of all sweeps is one
    epoch; results and cache of this test alone."""
    from fer_utils.search import command, committed

    monkeypatch.setenv("FER_UTILS_RESULTS", str(tmp_path / "results"))
    faces = replace(drawn_faces.dataset(n=400, seed=0), name="fer2013")
    make_card(faces).save()
    monkeypatch.setattr(fer2013, "load", lambda data_dir=None: faces)
    for module in (command, committed):
        monkeypatch.setattr(module, "SHARED_BUDGET", replace(SHARED_BUDGET, epochs=1))

    def run(trials: int, experiment: str = EXPERIMENT, space: str = "default", **options):
        options = {"progress": False} | options
        return command.search(experiment, command.space(space), trials=trials, **options)

    return run
