"""A network reads drawn faces: the reader, the strip and the sliders."""

from __future__ import annotations

import numpy as np
import pytest

from fer_utils.data import drawn_faces
from fer_utils.models import multitask
from fer_utils.training.batches import Scaling
from fer_utils.training.job import Fitted

pytest.importorskip("torch")


@pytest.fixture(scope="module")
def reader():
    from fer_utils.models.initial import initial_weights
    from fer_utils.unit_panel import UnitReader

    spec = multitask.small_residual(size=(32, 32))
    weights = initial_weights(spec.net, 0)
    last = list(weights)[-2]
    weights[last] = 30 * weights[last]  # an untrained network that is sure of itself
    return UnitReader(spec, Fitted(weights, [], {}, Scaling(0.5, 0.25)))


def test_readings_are_probabilities_by_name(reader):
    images, readings = reader.draw_and_read([{}, {12: 1.0}])
    assert images.shape == (2, 32, 32)
    for reading in readings:
        assert tuple(reading.emotions) == ("negative", "positive", "surprise")
        assert sum(reading.emotions.values()) == pytest.approx(1, abs=1e-5)
        assert len(reading.units) == 15
        assert all(0 < p < 1 for p in reading.units.values())
        assert reading.emotions[reading.emotion()] == max(reading.emotions.values())
        assert len(reading.present()) == sum(p >= 0.5 for p in reading.units.values())


def test_it_reads_as_the_network_does(reader):
    import torch

    image = drawn_faces.draw({1: 1.0}, size=32)
    x = torch.from_numpy(((image / 255 - 0.5) / 0.25).astype(np.float32))[None, None]
    with torch.no_grad():
        emotions, units = reader.spec.split(reader.net(x))
    (reading,) = reader(image[None])
    assert list(reading.emotions.values()) == pytest.approx(emotions.softmax(1)[0].tolist())
    assert list(reading.units.values()) == pytest.approx(units.sigmoid()[0].tolist())


def test_the_strip_shows_a_picture_a_face(reader):
    from fer_utils.unit_panel import STRIP, strip

    figure = strip(reader, title="found")
    assert sum(bool(axes.images) for axes in figure.axes) == len(STRIP)
    assert figure.axes[1].get_title().startswith("drawn: 12\n")


def test_sliders_change_face_and_reading(reader):
    w = pytest.importorskip("ipywidgets")
    from fer_utils.unit_panel import panel

    box = panel(reader)
    controls, (picture, answer) = box.children[0].children, box.children[1].children
    sliders = [c for c in controls if isinstance(c, w.FloatSlider)]
    assert len(sliders) == 15
    before, said = picture.value, answer.value
    next(s for s in sliders if s.description.startswith("27 ")).value = 1.0
    assert picture.value != before
    assert answer.value != said
    changed = picture.value
    controls[0].value = 7
    assert picture.value != changed


def test_the_longest_name_of_a_slider_shows_whole_also_on_a_phone(reader):
    pytest.importorskip("ipywidgets")
    from fer_utils.unit_panel import panel

    box = panel(reader)
    controls = box.children[0].children
    longest = max(len(c.description) for c in controls)
    assert longest == len("15 lip corner depressor")
    assert {c.style.description_width for c in controls} == {f"{longest}ch"}
    assert {c.layout.max_width for c in controls} == {"100%"}
    assert box.layout.flex_flow == "row wrap"
