"""The labelling game: its choice of faces, its bookkeeping, and its buttons."""

from __future__ import annotations

import cv2
import ipywidgets
import numpy as np
import pytest

from fer_utils import labelling
from fer_utils.data.dataset import FaceDataset
from fer_utils.labelling import LabellingGame, as_png, choose_evenly, interactive, widget

CLASSES = ("angry", "happy", "sad")


def faces(per_class: tuple[int, ...] = (30, 30, 2)) -> FaceDataset:
    labels = np.repeat(np.arange(len(per_class)), per_class)
    images = np.arange(len(labels), dtype=np.uint8)[:, None, None] * np.ones((1, 8, 8), np.uint8)
    split = np.full(len(labels), "public_test")
    return FaceDataset(images, labels, CLASSES, split, name="made up")


def test_faces_are_spread_evenly_and_a_small_class_gives_what_it_has():
    game = LabellingGame(faces(), n=12, seed=0)
    assert np.bincount(game.faces.labels).tolist() == [5, 5, 2]
    assert len(np.unique(game.faces.images[:, 0, 0])) == 12  # no face twice
    assert np.bincount(LabellingGame(faces((9, 9, 9)), n=9).faces.labels).tolist() == [3, 3, 3]


def test_the_seed_fixes_the_faces_and_their_order():
    first, again, other = (LabellingGame(faces(), 10, seed).faces.images for seed in (1, 1, 2))
    assert np.array_equal(first, again)
    assert not np.array_equal(first, other)
    labels = faces((50, 50, 50)).labels[choose_evenly(faces((50, 50, 50)).labels, 60, _rng())]
    assert not np.array_equal(labels, np.sort(labels))  # not class after class


def test_the_remainder_goes_to_classes_at_random_whatever_their_size():
    labels = np.repeat([0, 1, 2, 3], [300, 100, 100, 10])
    rng = np.random.default_rng(0)
    drawn = [np.bincount(labels[choose_evenly(labels, 6, rng)], minlength=4) for _ in range(600)]
    assert all(sorted(one) == [1, 1, 2, 2] for one in drawn)
    np.testing.assert_allclose(np.mean(drawn, axis=0), 1.5, atol=0.09)  # 4 standard errors


def _rng() -> np.random.Generator:
    return np.random.default_rng(0)


def test_a_game_counts_answers_undoes_and_ends():
    game = LabellingGame(faces(), n=4, seed=3)
    first = game.current
    game.answer("sad")
    assert game.progress == (1, 4)
    assert not np.array_equal(game.current, first)
    game.undo()
    game.undo()  # before the first answer: nothing
    assert game.progress == (0, 4)
    assert np.array_equal(game.current, first)
    for label in game.faces.labels:
        game.answer(int(label))
    assert game.finished
    for forbidden in (lambda: game.current, lambda: game.answer(0)):
        with pytest.raises(ValueError, match="finished"):
            forbidden()


def test_confusion_and_accuracy_of_known_answers():
    game = LabellingGame(faces((5, 5, 5)), n=9, seed=0)
    for label in game.faces.labels:  # happy is named sad, the rest is right
        game.answer("sad" if label == 1 else int(label))
    assert game.confusion().tolist() == [[3, 0, 0], [0, 0, 3], [0, 0, 3]]
    share, low, high = game.accuracy_with_interval()
    assert share == pytest.approx(6 / 9)
    assert (low, high) == pytest.approx((0.3542, 0.8794), abs=1e-4)


def test_errors_say_what_was_expected():
    with pytest.raises(ValueError, match="1 to 62"):
        LabellingGame(faces(), n=63)
    game = LabellingGame(faces(), n=2)
    with pytest.raises(ValueError, match="no face is named"):
        game.confusion()
    with pytest.raises(ValueError, match="bored"):
        game.answer("bored")
    with pytest.raises(ValueError, match="0 to 2"):
        game.answer(3)


def test_the_face_is_a_png_of_the_size_shown():
    png = as_png(np.full((48, 48), 200, np.uint8), size=240)
    picture = cv2.imdecode(np.frombuffer(png, np.uint8), cv2.IMREAD_UNCHANGED)
    assert picture.shape == (240, 240)
    assert (picture == 200).all()


def test_clicking_through_the_widget_plays_the_game():
    game = LabellingGame(faces(), n=3, seed=0)
    status, face, row, results = widget(game).children
    buttons = {button.description: button for button in row.children}
    assert tuple(buttons) == (*CLASSES, "undo")
    assert buttons["undo"].disabled
    assert "1 of 3" in status.value
    first = face.value
    buttons["happy"].click()
    assert "2 of 3" in status.value
    assert face.value != first
    buttons["undo"].click()
    assert face.value == first
    for label in game.faces.labels:
        assert not results.children
        wrong = CLASSES[(label + 1) % 3]
        buttons[wrong].click()
    assert game.finished
    assert "All 3" in status.value
    assert face.layout.display == "none"
    assert all(buttons[name].disabled for name in CLASSES)
    assert [type(child) for child in results.children] == [ipywidgets.Image] * 2
    assert all(bytes(child.value).startswith(b"\x89PNG") for child in results.children)
    buttons["sad"].click()  # too late: nothing happens
    assert game.progress == (3, 3)
    buttons["undo"].click()
    assert not results.children
    assert not buttons["sad"].disabled
    assert face.layout.display == ""


def test_an_answer_that_cannot_be_written_down_is_said():
    class Full(LabellingGame):
        def answer(self, label):
            raise OSError("no space <left>")

    game = Full(faces(), n=3)
    status, _, row, _ = widget(game).children
    row.children[0].click()
    assert "Not kept" in status.value and "no space &lt;left&gt;" in status.value
    assert game.progress == (0, 3)


def test_a_perfect_game_shows_no_disagreements():
    game = LabellingGame(faces(), n=3, seed=0)
    _, _, row, results = widget(game).children
    for label in game.faces.labels:
        row.children[label].click()
    assert len(results.children) == 1


def test_buttons_only_where_somebody_can_press_them():
    assert not interactive({}, ())
    assert not interactive({"KAGGLE_KERNEL_RUN_TYPE": "Batch"}, ())
    assert interactive({"KAGGLE_KERNEL_RUN_TYPE": "Interactive"}, ())
    assert interactive({"JPY_SESSION_NAME": "/01.ipynb"}, ())
    assert interactive({"VSCODE_PID": "1"}, ())
    assert interactive({}, ("google.colab",))


@pytest.mark.parametrize("reader", [True, False])
def test_play_shows_buttons_to_a_reader_and_a_numbered_sheet_otherwise(monkeypatch, reader):
    game = LabellingGame(faces(), n=9, seed=0)
    monkeypatch.setattr(labelling, "interactive", lambda: reader)
    shown = labelling.play(game)
    if reader:
        assert isinstance(shown, ipywidgets.VBox)
    else:
        cells = [axes for axes in shown.axes if axes.has_data()]
        assert [axes.get_title() for axes in cells] == [str(i) for i in range(1, 10)]
        assert np.array_equal(cells[4].images[0].get_array(), game.faces.images[4])


def test_the_key_names_every_label_in_order():
    game = LabellingGame(faces((1, 0, 2)), n=3, seed=0)
    names = [CLASSES[k] for k in game.faces.labels]
    assert labelling.key(game) == f"1 {names[0]}, 2 {names[1]}, 3 {names[2]}"
    assert sorted(names) == ["angry", "sad", "sad"]
