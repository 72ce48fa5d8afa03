"""Every network of the reports trains in the smoke profile, in both frameworks."""

import numpy as np
import pytest

from fer_utils.data import drawn_faces
from fer_utils.data.dataset import FaceDataset
from fer_utils.experiments import EXPERIMENTS
from fer_utils.models.initial import initial_weights
from fer_utils.models.zoo_pretrained import PRETRAINED
from fer_utils.training import profiles

pytest.importorskip("torch")
pytest.importorskip("keras")

REPORTED = [
    name
    for name, one in EXPERIMENTS.items()
    if one.recipe == "as-reported" and one.network not in PRETRAINED
]


@pytest.fixture(scope="module")
def faces() -> FaceDataset:
    return drawn_faces.dataset(n=50, seed=0)


@pytest.mark.parametrize("framework", ["torch", "keras"])
@pytest.mark.parametrize("name", REPORTED)
def test_it_trains_in_the_smoke_profile(name, framework, faces):
    experiment = EXPERIMENTS[name]
    run = profiles.smoke(experiment, faces, framework, seed=0, progress=False)
    assert len(run.record.history) == profiles.SMOKE_EPOCHS
    assert all(np.isfinite(row["train_loss"]) for row in run.record.history)
    start = initial_weights(experiment.spec, 0)
    moved = [np.abs(run.weights[key] - start[key]).max() for key in start if "kernel" in key]
    assert min(moved) > 0, "every kernel has learned something"
    assert sorted(run.labels) == sorted(experiment.config.evaluate_on)


@pytest.mark.parametrize("network", ["resnet50v2", "vgg16_maastricht"])
def test_a_large_pretrained_one_does_too_from_random_weights(network, faces):
    """Two of the four large backbones: one in stages with batch normalisation, one at once."""
    experiment = EXPERIMENTS[f"{network}-7-as-reported"]
    run = profiles.smoke(experiment, faces, "keras", seed=0, progress=False)
    stages = [row.get("stage") for row in run.record.history]
    assert stages == ([1, 2] if experiment.config.stages else [1, 1])
    assert all(np.isfinite(row["train_loss"]) for row in run.record.history)
    start = initial_weights(experiment.spec.head_spec, 0)
    for key in (key for key in start if "kernel" in key):
        assert np.abs(run.weights[f"head/{key}"] - start[key]).max() > 0
