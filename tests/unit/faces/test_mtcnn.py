"""MTCNN's networks at work: bands change nothing, batches change nothing, real photos are read."""

from __future__ import annotations

import json

import numpy as np
import pytest

from fer_utils.faces import mtcnn_detector, mtcnn_stages, pictures
from fer_utils.faces.face_box import FaceBox
from fer_utils.faces.matching import matches
from tests.unit.faces.helpers import scene

pytest.importorskip("mtcnn", reason="needs mtcnn: pip install -e '.[faces,tf]'")
pytest.importorskip("tensorflow", reason="needs TensorFlow: pip install -e '.[tf]'")


@pytest.fixture(scope="module")
def mtcnn():
    return mtcnn_detector.Mtcnn()


def test_in_bands_p_net_says_the_same(mtcnn, monkeypatch):
    photo = np.random.default_rng(0).integers(0, 256, (150, 130, 3), dtype=np.uint8)
    photo[20:116, 10:106] = scene()[30:126, 40:136]
    monkeypatch.setattr(mtcnn_stages, "P_SURE", 0.02)
    whole = mtcnn._stages._level(photo, 0.6)
    monkeypatch.setattr(mtcnn_stages, "BAND_PIXELS", 20 * 78)
    bands = mtcnn._stages._level(photo, 0.6)
    assert len(whole[1]) > 20
    order = [np.lexsort(boxes.round(3).T) for boxes, _ in (whole, bands)]
    np.testing.assert_allclose(whole[0][order[0]], bands[0][order[1]], atol=1e-3)
    np.testing.assert_allclose(whole[1][order[0]], bands[1][order[1]], atol=1e-5)


def test_a_bare_wall_and_the_smallest_pictures_show_no_face(mtcnn):
    for shape in ((1, 1), (1, 300), (40, 40), (200, 160)):
        assert mtcnn.detect(np.full((*shape, 3), 150, np.uint8)) == []


def test_other_arrays_are_refused(mtcnn):
    with pytest.raises(ValueError, match="expected an RGB picture uint8"):
        mtcnn.detect(np.zeros((20, 20), np.uint8))


def test_another_backend_of_keras_is_refused(monkeypatch):
    monkeypatch.setattr("keras.backend.backend", lambda: "torch")
    with pytest.raises(RuntimeError, match="KERAS_BACKEND=tensorflow"):
        mtcnn_detector.Mtcnn()


def hits(boxes: list, faces: list[FaceBox]) -> int:
    return len(matches([FaceBox(*box, 1) for box in boxes], faces))


@pytest.fixture(scope="module")
def found(mtcnn, real_photos):
    """Known boxes and found faces by photo."""
    known = json.loads((real_photos / "boxes.json").read_text())
    return {
        name: (boxes, mtcnn.detect(pictures.read(real_photos / name).rgb))
        for name, boxes in known.items()
    }


def test_nearly_all_faces_of_real_photos_are_found(found):
    right = {name: hits(boxes, faces) for name, (boxes, faces) in found.items()}
    false = {name: len(faces) - right[name] for name, (_, faces) in found.items()}
    assert sum(right.values()) >= 105, right
    assert sum(false.values()) <= 2, false


def test_photos_without_faces_show_none(found):
    faceless = {name: faces for name, (boxes, faces) in found.items() if not boxes}
    assert len(faceless) == 4 and not any(faceless.values()), faceless


@pytest.mark.parametrize("kind", ["exif", "rot90", "rot180", "tiny"])
def test_turned_and_tiny_photos_are_read(found, kind):
    names = [name for name in found if f"derived_{kind}" in name]
    assert names
    for name in names:
        boxes, faces = found[name]
        assert hits(boxes, faces) >= len(boxes) - 3, name


def test_the_stages_narrow_down(mtcnn, real_photos):
    stages = mtcnn.candidates(pictures.read(real_photos / "astronaut_collins.png").rgb)
    counts = [len(stages[name]) for name in mtcnn_detector.STAGES]
    assert counts == sorted(counts, reverse=True) and counts[0] > 20 and counts[-1] == 1
