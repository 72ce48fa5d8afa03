"""Measuring a model: which sets are made, what is kept, and that the views are those named."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from fer_utils.data import drawn_faces, views
from fer_utils.data.corruptions import SEVERITIES, STEPS, corrupt
from fer_utils.faces import measure_model
from fer_utils.faces.expression_model import ExpressionModel
from fer_utils.models import initial, zoo


@pytest.fixture(scope="module")
def faces():
    return drawn_faces.dataset(n=70, seed=0)


@pytest.fixture(scope="module")
def model(faces):
    spec = zoo.get("fully_connected_1x512")  # quick
    return ExpressionModel(spec, faces.classes, 0.5, 0.25, initial.initial_weights(spec, 0))


def test_views_of_both_splits_and_which_probabilities_are_kept(model, faces):
    said = []
    made = measure_model.in_views(model, faces, "abc", said.append)
    kinds = [f"{s}/{v}" for s in ("public_test", "private_test") for v in views.VIEWS]
    assert list(made.answers) == list(made.reliability) == kinds and len(said) == len(kinds)
    kept = {name: one.probabilities is not None for name, one in made.answers.items()}
    asked = {"public_test/mirrored", *(name for name in kinds if name.startswith("private"))}
    assert {name for name, there in kept.items() if there} == asked
    part = faces.part("private_test")
    expected = views.mean_probabilities(
        lambda x: model.probabilities(x, "plain"), part.images, "ten"
    )
    ten = made.answers["private_test/ten"]
    assert (ten.labels == expected.argmax(1)).all()
    np.testing.assert_allclose(ten.probabilities, expected, atol=0.02)
    assert made.reliability["private_test/ten"].accuracy == np.mean(ten.labels == part.labels)
    assert (made.model, made.fingerprint, made.kind) == ("abc", faces.fingerprint, "views")


def test_every_corruption_in_every_severity_labels_only(model, faces):
    made = measure_model.corrupted(model, faces, "abc", lambda _: None)
    assert list(made.answers) == [f"private_test/{k}-{s}" for k in STEPS for s in SEVERITIES]
    assert all(one.probabilities is None for one in made.answers.values())
    worse = corrupt(faces.part("private_test").images, "noise", 3)
    read = model.probabilities(worse, "plain").argmax(1)
    assert (made.answers["private_test/noise-3"].labels == read).all()


def test_profiles_look_up_try_or_measure(model, faces, tmp_path, monkeypatch, capsys):
    monkeypatch.setenv("FER_UTILS_RESULTS", str(tmp_path))
    for profile in ("recorded", "smoke"):
        assert measure_model.measured(profile, "views", model, faces) is None
        assert "not measured yet; `python -m fer_utils model measure views`" in (
            capsys.readouterr().out
        )
    with pytest.raises(ValueError, match="got drawn_faces"):
        measure_model.measured("full", "views", model, faces)
    as_real = replace(faces, name="fer2013")
    made = measure_model.measured("full", "views", model, as_real)
    again = measure_model.measured("recorded", "views", model, as_real)
    assert again.reliability == made.reliability
    replace(made, model="another").save()
    assert measure_model.measured("recorded", "views", model, as_real) is None
    assert "of another model" in capsys.readouterr().out


def test_a_model_sees_as_it_is_told(model, faces):
    some = faces.images[:6]
    assert (model.probabilities(some) == model.probabilities(some, "mirrored")).all()
    plain = model.probabilities(some, "plain")
    both = (plain + model.probabilities(np.ascontiguousarray(some[:, :, ::-1]), "plain")) / 2
    np.testing.assert_allclose(model.probabilities(some), both, atol=1e-6)
    with pytest.raises(ValueError, match="expected one of plain"):
        model.probabilities(some, "five")
