"""The rated game: answers are in the file as they are given, and a rater can go on later."""

from __future__ import annotations

import ipywidgets
import numpy as np
import pytest

from fer_utils import human_benchmark, labelling
from fer_utils.data.dataset import FaceDataset
from fer_utils.human_answers import answers_of, read_answers
from fer_utils.human_benchmark import RatedGame, widget

CLASSES = ("angry", "happy", "sad")


@pytest.fixture(scope="module")
def faces() -> FaceDataset:
    images = np.random.default_rng(0).integers(0, 256, (30, 8, 8), dtype=np.uint8)
    return FaceDataset(images, np.arange(30) % 3, CLASSES, np.full(30, "public_test"), "made up")


@pytest.fixture
def file(tmp_path):
    return tmp_path / "answers.csv"


def clock_of(*times: float):
    return iter(times).__next__


def test_an_answer_is_in_the_file_before_the_next_face_is_named(faces, file):
    game = RatedGame(faces, " Kim  2 ", file, n=3, clock=clock_of(10, 12.5, 13, 20, 21))
    game.answer("happy")
    game.answer("sad")
    found = read_answers(file)
    assert found.rater.tolist() == ["Kim 2"] * 2
    assert found.face.tolist() == [1, 2]
    assert found.answer.tolist() == ["happy", "sad"]
    assert found.label.tolist() == [CLASSES[k] for k in game.faces.labels[:2]]
    assert found.seconds.tolist() == [2.5, 7.0]


def test_a_rater_goes_on_where_they_were_and_others_start_anew(faces, file):
    first = RatedGame(faces, "a", file, n=4)
    first.answer("sad")
    first.answer("angry")
    again, other = RatedGame(faces, "a", file, n=4), RatedGame(faces, "b", file, n=4)
    assert again.answers == [2, 0] and again.progress == (2, 4)
    assert np.array_equal(again.current, first.current)
    assert other.progress == (0, 4)
    assert RatedGame(faces, "a", file, n=4, seed=1).progress == (0, 4)  # other faces


def test_an_answer_after_undo_replaces_the_first(faces, file):
    game = RatedGame(faces, "a", file, n=2)
    game.answer("sad")
    game.undo()
    game.answer("happy")
    assert answers_of(read_answers(file), game.faces)["a"].tolist() == [1, -1]
    assert len(file.read_text().splitlines()) == 3


def test_a_face_whose_row_was_deleted_is_asked_again(faces, file):
    game = RatedGame(faces, "a", file, n=3)
    for name in CLASSES:
        game.answer(name)
    lines = file.read_text().splitlines(keepends=True)
    file.write_text("".join([*lines[:2], *lines[3:]]))
    assert RatedGame(faces, "a", file, n=3).answers == [0]


def test_what_can_not_be_kept_is_not_counted(faces, file, monkeypatch):
    game = RatedGame(faces, "a", file, n=3)

    def full(*_):
        raise OSError("No space left on device")

    monkeypatch.setattr(human_benchmark, "append_row", full)
    with pytest.raises(OSError, match="No space"):
        game.answer("sad")
    assert game.progress == (0, 3)


def test_a_nameless_rater_is_refused(faces, file):
    with pytest.raises(ValueError, match="needs a name"):
        RatedGame(faces, "  ", file, n=3)
    assert not file.exists()


def test_clicking_through_the_widget_fills_the_file(faces, file):
    shown = widget(faces, file, n=3)
    (name, start), said, place = shown.children[0].children, *shown.children[1:]
    start.click()
    assert "needs a name" in said.value and not place.children
    name.value = "a"
    start.click()
    buttons = {b.description: b for b in place.children[0].children[2].children}
    buttons["happy"].click()
    buttons["sad"].click()
    assert read_answers(file).answer.tolist() == ["happy", "sad"]
    start.click()
    assert "2 of 3" in said.value
    assert "3 of 3" in place.children[0].children[0].value


def test_a_damaged_file_is_told_to_the_rater_and_escaped(faces, file):
    file.write_text("<b>,no header\n")
    shown = widget(faces, file, n=3)
    shown.children[0].children[0].value = "a"
    shown.children[0].children[1].click()
    assert "expected the header" in shown.children[1].value
    assert "<b>" not in shown.children[1].value


@pytest.mark.parametrize("reader", [True, False])
def test_a_sheet_where_nobody_can_click(faces, file, monkeypatch, reader):
    monkeypatch.setattr(labelling, "interactive", lambda: reader)
    shown = human_benchmark.play(faces, file, n=5)
    assert isinstance(shown, ipywidgets.VBox) == reader
    assert not file.exists()
