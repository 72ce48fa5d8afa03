"""Reading composed photos, with a detector and a model whose answers are known."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from fer_utils.data import drawn_faces
from fer_utils.data.dataset import CLASSES
from fer_utils.faces import crop, read_composed
from fer_utils.faces.compose import compose
from fer_utils.faces.expression_model import ExpressionModel
from fer_utils.faces.face_box import FaceBox
from fer_utils.faces.read_composed import (
    as_network,
    classes_of,
    framings,
    measured,
    read_photos,
)
from fer_utils.models import zoo
from fer_utils.records.composed_photos import Framing

USUAL, OTHER = Framing(0.1, True), Framing(0.4, False)
DESCRIBED = {"dataset": "drawn_faces", "fingerprint": "f", "model": "m", "settings": {"photos": 2}}


class ByGrey(ExpressionModel):
    """Reads a face's class from the grey of its first pixel: k stands for class k."""

    def __init__(self) -> None:
        spec = zoo.get("compact_vgg")
        ExpressionModel.__init__(self, spec, CLASSES, 0.5, 0.25, {})

    def probabilities(self, faces: np.ndarray) -> np.ndarray:
        return np.eye(7, dtype=np.float32)[faces[:, 0, 0]]


class Finds:
    """Finds the true boxes moved by a pixel, but for those left out, and one corner too many."""

    name = "made up"

    def __init__(self, photos, leave_out=()):
        self.boxes = {photo.rgb.tobytes(): photo.boxes for photo in photos}
        self.leave_out = leave_out

    def detect(self, rgb):
        boxes = self.boxes[rgb.tobytes()]
        kept = [replace(b, x=b.x + 1) for i, b in enumerate(boxes) if i not in self.leave_out]
        return [FaceBox(0, 0, 3, 3, 0.5), *kept[::-1]]


def cut(rgb, boxes, framing):
    """A face of grey 1 with the usual framing and of grey 2 with the other."""
    return np.full((len(boxes), 48, 48), 1 if framing == USUAL else 2, np.uint8)


@pytest.fixture(scope="module")
def photos():
    faces = drawn_faces.dataset(n=21, seed=0)
    images = faces.images.copy()
    images[:, 0, 0] = faces.labels
    return [compose(images[i : i + 5], faces.labels[i : i + 5], seed=i, face=40) for i in (0, 5)]


def test_found_faces_are_read_and_missed_ones_are_not(photos):
    made = read_photos(photos, Finds(photos, {1, 3}), ByGrey(), cut, [USUAL, OTHER], DESCRIBED)
    assert made.labels.tolist() == [*photos[0].labels, *photos[1].labels]
    assert made.alone.tolist() == made.labels.tolist()
    assert made.framings[USUAL].tolist() == [1, -1, 1, -1, 1] * 2
    assert made.framings[OTHER].tolist() == [2, -1, 2, -1, 2] * 2
    assert made.usual == USUAL and made.false_faces == 2
    assert (made.detector, made.dataset, made.settings) == ("made up", "drawn_faces", {"photos": 2})
    assert np.abs(made.turns - [*photos[0].turns, *photos[1].turns]).max() <= 0.5


def test_without_a_detector_the_true_boxes_count_as_found(photos):
    made = read_photos(photos, None, ByGrey(), cut, [USUAL], DESCRIBED)
    assert made.found.all() and made.false_faces == 0 and made.detector == "none"


def test_where_nothing_is_found_no_face_is_cut(photos):
    def never(*_):
        raise AssertionError("cut called without a box")

    made = read_photos(photos, Finds(photos, range(5)), ByGrey(), never, [USUAL], DESCRIBED)
    assert made.read.tolist() == [-1] * 10 and made.false_faces == 2


def test_no_photo_is_an_error():
    with pytest.raises(ValueError, match="no photo to read"):
        read_photos([], None, ByGrey(), cut, [USUAL], DESCRIBED)


def test_faces_of_another_size_are_scaled_for_the_model():
    model = ByGrey()
    small = np.full((2, 24, 24), 5, np.uint8)
    assert as_network(small, model).shape == (2, 48, 48)
    assert classes_of(model, as_network(small, model)).tolist() == [5, 5]
    same = np.zeros((1, 48, 48), np.uint8)
    assert as_network(same, model) is same


class Blind:
    """Finds nothing."""

    name = "mtcnn"

    def detect(self, rgb):
        return []


@pytest.fixture
def package(tmp_path, monkeypatch):
    """A package whose model is `ByGrey`, with an empty folder of results."""
    ByGrey().save(tmp_path / "model")
    monkeypatch.setattr(read_composed, "DEFAULT", tmp_path / "model")
    monkeypatch.setattr(read_composed.ExpressionModel, "default", ByGrey)
    monkeypatch.setattr(read_composed, "cut", cut)
    monkeypatch.setattr(read_composed, "SETTINGS", {"pupils": 3, "face": 20, "turn": 0.0})
    monkeypatch.setenv("FER_UTILS_RESULTS", str(tmp_path / "results"))
    return tmp_path


@pytest.fixture(scope="module")
def drawn():
    faces = drawn_faces.dataset(n=70, seed=1)
    return replace(faces, images=np.minimum(faces.images, 6))


@pytest.mark.parametrize("profile", ["smoke", "recorded"])
def test_without_a_record_few_photos_are_read_and_nothing_is_kept(package, drawn, profile):
    made = measured(profile, drawn, Blind(), seed=7)
    known_as = read_composed.model_hash(package / "model")
    assert (made.dataset, made.model, len(made.labels)) == ("drawn_faces", known_as, 6)
    assert made.settings == {"photos": 2, "seed": 7, "pupils": 3, "face": 20, "turn": 0.0}
    assert not (package / "results").exists()


def test_the_record_is_returned_until_the_model_changes(package, drawn):
    saved = replace(measured("smoke", drawn, Blind()), dataset="fer2013")
    saved.save()
    found = measured("recorded", drawn, Blind())
    assert found.dataset == "fer2013" and found.labels.tolist() == saved.labels.tolist()
    assert measured("smoke", drawn, Blind()).dataset == "drawn_faces"
    ExpressionModel(ByGrey().spec, CLASSES, 0.5, 0.25, {}, temperature=2.0).save(package / "model")
    with pytest.raises(ValueError, match="stale"):
        measured("recorded", drawn, Blind())


def test_a_full_measurement_needs_fer2013_and_a_profile_its_name(package, drawn):
    with pytest.raises(ValueError, match="needs the image-folder copy of FER2013"):
        measured("full", drawn, Blind())
    with pytest.raises(ValueError, match="expected one of smoke, recorded, full"):
        measured("fast", drawn, Blind())


def test_a_full_measurement_is_kept(package, drawn, monkeypatch):
    monkeypatch.setitem(read_composed.PHOTOS, "full", 2)
    made = measured("full", replace(drawn, name="fer2013"), Blind())
    kept = measured("recorded", drawn, Blind())
    assert kept.labels.tolist() == made.labels.tolist() and kept.dataset == "fer2013"


def test_the_package_s_own_framing_comes_first_and_every_margin_twice():
    wanted = framings(Blind())
    assert wanted[0] == Framing(crop.MARGINS["mtcnn"], True)
    assert len(set(wanted)) == len(wanted)
    for margin in {one.margin for one in wanted}:
        assert {one.aligned for one in wanted if one.margin == margin} == {True, False}
