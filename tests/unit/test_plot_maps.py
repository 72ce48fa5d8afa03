"""Maps over faces, curves with bands, and the map that shows a face under the pointer."""

from __future__ import annotations

import base64
import json
import re

import cv2
import numpy as np
import pytest

from fer_utils import plots
from fer_utils.data.dataset import CLASSES
from fer_utils.plot_embedding import THUMB, hover_map

RNG = np.random.default_rng(0)
FACES = RNG.integers(0, 256, (4, 12, 12), dtype=np.uint8)
LABELS = np.array([0, 3, 3, 6])
POINTS = np.array([[0.0, 0.0], [1.0, 1.0], [0.5, 0.25], [0.2, 0.9]])
TEXTS = ["angry", "happy </script>", "happy", 'neutral "x"']


def test_overlays_are_red_where_the_map_is_positive_and_clear_where_it_is_zero():
    maps = np.zeros((4, 12, 12))
    maps[:, :6], maps[:, 6:, :6] = 2, -1
    figure = plots.overlays(FACES, {"a": maps, "b": maps}, ["face", "a", "b"])
    shown = [axes for axes in figure.axes if axes.images]
    assert [len(axes.images) for axes in shown] == [1] * 4 + [2] * 8
    over = np.asarray(shown[4].images[1].get_array())
    red, blue, clear = over[0, 0], over[11, 0], over[11, 11]
    assert red[0] > red[2] and blue[2] > blue[0]
    assert red[3] > blue[3] > 0 == clear[3]
    assert np.array_equal(shown[8].images[0].get_array(), FACES[0])
    with pytest.raises(ValueError, match=r"a: maps \(4, 12, 12\) over faces \(3, 12, 12\)"):
        plots.overlays(FACES[:3], {"a": maps}, ["face", "a"])


def test_curves_are_means_with_bands_of_two_standard_errors():
    curves = np.array([[1.0, 0.5, 0.0], [0.0, 0.5, 0.0], [0.5, 0.5, 0.0]])
    panels = {"deletion": {"map": curves, "random": curves / 2}}
    figure = plots.share_curves(panels, {"deletion": "share"})
    axes = figure.axes[0]
    lines = {line.get_label(): line for line in axes.lines}
    assert lines["map"].get_ydata() == pytest.approx([0.5, 0.5, 0])
    assert lines["map"].get_xdata() == pytest.approx([0, 0.5, 1])
    assert lines["random"].get_color() == "#555555"
    heights = axes.collections[0].get_paths()[0].vertices[:, 1]
    assert heights.max() == pytest.approx(0.5 + 1.96 * 0.5 / np.sqrt(3))


def test_the_embedding_has_a_colour_and_a_name_an_emotion():
    figure = plots.embedding(POINTS, LABELS, CLASSES)
    axes = figure.axes[0]
    assert [len(drawn.get_offsets()) for drawn in axes.collections] == [1, 2, 1]
    assert [text.get_text() for text in axes.texts] == ["angry", "happy", "neutral"]
    assert axes.texts[1].get_position() == (0.75, 0.625)


def data_of(page: str) -> dict:
    return json.loads(re.search(r"const d = (\{.*\});\n", page)[1])


def test_the_hover_map_holds_every_face_at_its_place_and_asks_the_network_for_nothing():
    made = hover_map(POINTS, FACES, TEXTS, LABELS, CLASSES, alt="Four <faces>")
    page = made._repr_html_()
    assert not re.search(r"https?:|//[a-z]|src=", page)
    assert page.count("</script>") == 1 and 'aria-label="Four &lt;faces&gt;"' in page
    data = data_of(page)
    assert (data["t"], data["k"]) == (TEXTS, LABELS.tolist())
    assert data["x"] == pytest.approx(POINTS[:, 0])
    assert data["y"] == pytest.approx(1 - POINTS[:, 1])  # a canvas counts from above
    coded = base64.b64decode(data["sheet"].split(",")[1])
    sheet = cv2.imdecode(np.frombuffer(coded, np.uint8), cv2.IMREAD_GRAYSCALE)
    assert sheet.shape == (2 * THUMB, 2 * THUMB) and data["across"] == 2
    corner = sheet[THUMB:, :THUMB]  # the third face
    expected = cv2.resize(FACES[2], (THUMB, THUMB), interpolation=cv2.INTER_AREA)
    assert np.abs(corner.astype(float) - expected).mean() < 12


def test_a_hover_map_too_large_for_a_page_is_refused():
    many = RNG.integers(0, 256, (2500, 32, 32), dtype=np.uint8)
    points, labels = RNG.random((2500, 2)), np.zeros(2500, int)
    with pytest.raises(ValueError, match="show fewer than 2,500 faces"):
        hover_map(points, many, [""] * 2500, labels, CLASSES, alt="many")
    with pytest.raises(ValueError, match=r"got \[4, 4, 3, 4\]"):
        hover_map(POINTS, FACES, TEXTS[:3], LABELS, CLASSES, alt="")
