"""Reading labelled class photos, with a detector and a model whose answers are known."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import cv2
import numpy as np
import pytest

from fer_utils.data.dataset import CLASSES
from fer_utils.faces import read_photo
from fer_utils.faces.expression_model import ExpressionModel
from fer_utils.faces.face_box import FaceBox
from fer_utils.faces.label_file import LabelledFace
from fer_utils.faces.read_classroom import first_picture, read_classroom
from fer_utils.models import initial, zoo


class Bright:
    """Finds every bright square of a dark picture."""

    name = "haar"  # whose framing is used

    def detect(self, rgb):
        grey = (rgb[..., 0] > 60).astype(np.uint8)
        _, _, found, _ = cv2.connectedComponentsWithStats(grey)
        return [FaceBox(*map(float, row[:4]), 0.9) for row in found[1:]]


@pytest.fixture(scope="module")
def model() -> ExpressionModel:
    spec = zoo.get("conv_depth_1")
    return ExpressionModel(spec, CLASSES, 0.5, 0.25, initial.initial_weights(spec, 0))


def photo(folder: Path, name: str, *squares: tuple[int, int, int, int]) -> Path:
    """A dark picture of 300x200 with bright squares: left, top, side, grey."""
    rgb = np.full((200, 300, 3), 20, np.uint8)
    for left, top, side, grey in squares:
        rgb[top : top + side, left : left + side] = grey
    cv2.imwrite(str(folder / name), rgb)
    return folder / name


def test_every_labelled_face_gets_its_answer_or_its_reason(tmp_path, model):
    group = photo(tmp_path, "group.png", (20, 20, 50, 100), (150, 60, 60, 200))
    portrait = photo(tmp_path, "portrait.png", (100, 50, 80, 150))
    (tmp_path / "broken.png").write_bytes(b"no picture")
    labelled = [
        LabelledFace(group, "kim", "sad", FaceBox(152, 61, 60, 60, 1)),
        LabelledFace(tmp_path / "broken.png", "kim", "happy"),
        LabelledFace(group, "lea", "fear", FaceBox(240, 150, 40, 40, 1)),
        LabelledFace(portrait, "lea", "happy"),
    ]
    made = read_classroom(labelled, tmp_path, Bright(), model)
    assert made.people == {"kim": [0, 1], "lea": [2, 3]}
    assert made.labels == ["sad", "happy", "fear", "happy"]
    assert [bool(reason) for reason in made.reasons] == [False, True, True, False]
    assert "picture" in made.reasons[1] and made.reasons[2] == "haar finds no face there"
    assert np.isnan(made.probabilities).all(1).tolist() == [False, True, True, False]
    assert made.images[[0, 3], 24, 24].tolist() == [200, 150]
    assert made.images[2, 24, 24] == 20  # what is at the labelled place
    expected = model.probabilities(made.images[[0, 3]])
    np.testing.assert_allclose(made.probabilities[[0, 3]], expected, atol=1e-6)
    read = made.read(CLASSES)
    assert read[[1, 2]].tolist() == [-1, -1]
    assert read[[0, 3]].tolist() == expected.argmax(1).tolist()
    people = made.dataset(CLASSES)
    assert [CLASSES[k] for k in people.labels] == ["sad", "happy"]
    assert np.array_equal(people.images, made.images[[0, 3]])


def test_without_a_found_face_there_is_nothing_to_name(tmp_path, model):
    path = photo(tmp_path, "empty.png")
    made = read_classroom([LabelledFace(path, "kim", "sad")], tmp_path, Bright(), model)
    with pytest.raises(ValueError, match="no labelled face was found"):
        made.dataset(CLASSES)


def test_rejected_boxes_are_no_faces(tmp_path, model):
    (tmp_path / "kim").mkdir()
    path = photo(tmp_path / "kim", "sad.png", (20, 20, 90, 100), (180, 60, 50, 200))
    face = [LabelledFace(path, "kim", "sad")]

    def read(*rejected):
        return read_classroom(face, tmp_path, Bright(), model, rejected)

    assert read().images[0, 24, 24] == 100  # the largest
    assert read(("kim/sad.png", 1)).images[0, 24, 24] == 200
    assert read(("kim/sad.png", 1), ("kim/sad.png", 2)).reasons == ("haar finds no face there",)
    assert read(("sad.png", 1)).reasons == ("",)


def test_boxes_are_those_of_the_file_also_when_it_is_read_smaller(tmp_path, model, monkeypatch):
    path = photo(tmp_path, "large.png", (20, 20, 40, 100), (150, 60, 40, 200))
    whole = read_photo.pictures.read

    def smaller(content):
        return replace(whole(content), scale=4.0)

    monkeypatch.setattr(read_photo.pictures, "read", smaller)
    face = [LabelledFace(path, "kim", "sad", FaceBox(600, 240, 160, 160, 1))]
    assert read_classroom(face, tmp_path, Bright(), model).images[0, 24, 24] == 200
    gone = [LabelledFace(path, "kim", "sad", FaceBox(80, 480, 160, 160, 1))]
    assert read_classroom(gone, tmp_path, Bright(), model).images[0, 24, 24] == 20


def test_the_first_photo_that_can_be_read(tmp_path):
    (tmp_path / "broken.png").write_bytes(b"no picture")
    good = photo(tmp_path, "good.png", (20, 20, 40, 100))
    faces = [LabelledFace(path, "kim", "sad") for path in (tmp_path / "broken.png", good)]
    name, rgb = first_picture(faces)
    assert name == "good.png" and rgb.shape == (200, 300, 3)
    with pytest.raises(ValueError, match="no photo can be read; .*broken.png: "):
        first_picture(faces[:1])
