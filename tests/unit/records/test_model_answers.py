"""Answers of the package's model: saved and read, and checked against the data card."""

from __future__ import annotations

import json
from dataclasses import replace

import numpy as np
import pytest
from safetensors.numpy import save_file

from fer_utils.metrics.calibration import Reliability
from fer_utils.metrics.classification import wilson_interval
from fer_utils.records import model_answers as m
from fer_utils.records.predictions import Predictions

from .helpers import card_of, small_dataset

CARD = card_of(small_dataset())
LABELS = CARD.labels_of("private_test")


def answers(kind="corruptions", names=("private_test/blur-1", "private_test/blur-2"), wrong=4):
    """The first `wrong` images mistaken in the first set, twice as many in the second, ..."""
    made, bins = {}, {}
    for i, name in enumerate(names, 1):
        labels = CARD.labels_of(name.partition("/")[0])
        read = labels.copy()
        read[: i * wrong] = (read[: i * wrong] + 1) % 7
        likely = np.full((len(labels), 7), 0.05)
        likely[np.arange(len(labels)), read] = 0.7
        made[name] = Predictions.from_probabilities(likely)
        bins[name] = Reliability.of(labels, read, likely.max(1))
    where = ("abc", "fer2013", CARD.fingerprint, CARD.classes)
    return m.ModelAnswers(kind, *where, made, bins, "an abacus")


def test_what_is_saved_is_read(tmp_path):
    made = answers()
    made.save(tmp_path)
    again = m.load("corruptions", tmp_path)
    assert again.reliability == made.reliability
    assert (again.classes, again.hardware) == (CARD.classes, "an abacus")
    for name in made.answers:
        assert (again.right(CARD, name) == made.right(CARD, name)).all()
    assert m.load("views", tmp_path) is None
    assert m.problems(tmp_path, CARD, "abc") == []


def test_accuracies_by_hand():
    made, n = answers(), len(LABELS)
    assert made.accuracy(CARD, "private_test/blur-1") == (38 / 42, *wilson_interval(38, 42))
    clean = made.accuracy(CARD, "private_test/blur-1", leak_free=True)
    assert clean[0] == 1 and n == 42  # the four mistaken ones stand in Training, as do three more


def test_accuracy_and_calibration_error_by_severity_begin_with_pictures_as_they_are():
    plain = answers("views", (m.PLAIN,), wrong=0)
    panels = m.by_severity(answers(), plain, CARD)
    right = {0: 100, 1: 100 * 38 / 42, 2: 100 * 34 / 42}
    assert panels["accuracy"] == {"blur": pytest.approx(right)}
    off = {severity: share - 70 for severity, share in right.items()}  # all are 70% sure
    assert panels["calibration error"] == {"blur": pytest.approx(off)}
    with pytest.raises(KeyError, match="plain"):
        m.by_severity(answers(), answers(), CARD)


def test_answers_at_one_severity_in_per_cent():
    made = answers(names=("private_test/blur-1", "private_test/blur-2", "private_test/noise-2"))
    shown = m.answered(made, CARD, 2)
    assert list(shown.index) == ["labels", "blur 2", "noise 2"]
    assert tuple(shown.columns) == CARD.classes
    for row, read in (("labels", LABELS), ("noise 2", made.answers["private_test/noise-2"].labels)):
        assert shown.loc[row].tolist() == [round(100 * np.mean(read == k)) for k in range(7)]
    assert shown.loc["labels"].tolist() != shown.loc["noise 2"].tolist()
    with pytest.raises(ValueError, match=r"severity 5: .* only at \[1, 2\]"):
        m.answered(made, CARD, 5)


def test_probabilities_are_kept_where_they_were_given(tmp_path):
    likely = np.full((len(LABELS), 7), 0.1)
    likely[:, 2] = 0.4
    kept = Predictions.from_probabilities(likely, "probabilities")
    made = answers("views", ("public_test/plain", "private_test/ten"))
    replace(made, answers={**made.answers, "private_test/ten": kept}).save(tmp_path)
    again = m.load("views", tmp_path).answers
    np.testing.assert_allclose(again["private_test/ten"].probabilities, likely, atol=0.01)
    assert again["public_test/plain"].probabilities is None
    assert m.labels_only(again)["private_test/ten"].probabilities is None


def test_another_model_other_data_and_wrong_counts_are_problems(tmp_path):
    path = answers().save(tmp_path)
    assert "another model" in m.problems(tmp_path, CARD, "xyz")[0]
    replace(answers(), fingerprint="f").save(tmp_path)
    assert "other data" in m.problems(tmp_path, CARD, "abc")[0]
    others = {name: Reliability((42,), (42,), (0.7,)) for name in answers().reliability}
    replace(answers(), reliability=others).save(tmp_path)
    assert len(m.problems(tmp_path, CARD, "abc")) == 2
    content = json.loads(path.read_text())
    path.write_text(json.dumps({**content, "hardware": "another"}))
    assert m.COMMAND in m.problems(tmp_path, CARD, "abc")[0]
    path.with_suffix(".npz").unlink()
    with pytest.raises(ValueError, match="damaged"):
        m.load("corruptions", tmp_path)


def test_a_model_is_known_by_what_it_computes_with_and_not_by_its_card(tmp_path):
    def known(weight=1.0, **header):
        metadata = {"expression_model": json.dumps({"temperature": 1.0, "card": {}} | header)}
        save_file({"w": np.full(2, weight, np.float16)}, tmp_path / "model", metadata)
        return m.model_hash(tmp_path / "model")

    assert len(known()) == 12 and known(card={"data": "FER2013"}) == known()
    assert len({known(), known(weight=2.0), known(temperature=2.0)}) == 3


def test_an_unknown_kind_has_no_file():
    with pytest.raises(ValueError, match="expected one of views"):
        m.record_file("fog")
