"""Drawing: labels are readable and inside, faces are hidden, the input stays as it was."""

from __future__ import annotations

import numpy as np
import pytest

from fer_utils.data.dataset import CLASSES
from fer_utils.faces import annotate
from fer_utils.faces.face_box import FaceBox
from tests.unit.faces.helpers import scene

FACE = FaceBox(40, 30, 96, 96, 0.9)


def contrast(a, b):
    """WCAG 2.1's ratio, 1 to 21."""
    light, dark = sorted((annotate._luminance(a), annotate._luminance(b)), reverse=True)
    return (light + 0.05) / (dark + 0.05)


def test_luminance_and_contrast_by_hand():
    assert annotate._luminance((0, 0, 0)) == 0
    assert annotate._luminance((255, 255, 255)) == pytest.approx(1)
    assert annotate._luminance((255, 0, 0)) == pytest.approx(0.2126)
    assert contrast((0, 0, 0), (255, 255, 255)) == pytest.approx(21)


@pytest.mark.parametrize("name", [*CLASSES, "another word"])
def test_every_label_can_be_read(name):
    colour = annotate.emotion_colour(name)
    assert contrast(annotate.readable(colour), colour) >= 4  # 3 suffices for large letters


@pytest.mark.parametrize("wall", [0, 128, 255])
def test_the_frame_shows_on_any_background(wall):
    rgb = np.full((100, 100, 3), wall, np.uint8)
    drawn = annotate.faces(rgb, [FaceBox(20, 20, 50, 50, 1)])
    row = {tuple(pixel) for pixel in drawn[45, 15:30].tolist()}
    assert max(contrast(ink, (wall,) * 3) for ink in row) >= 3  # WCAG 2.1, graphics
    assert (rgb == wall).all()  # the input is left alone


@pytest.mark.parametrize("x, y", [(0, 0), (180, 0), (0, 140), (180, 140), (-30, -30)])
def test_a_label_is_written_whole_wherever_the_face_is(x, y, monkeypatch):
    write, written = annotate._label, []
    monkeypatch.setattr(annotate, "_label", lambda *given: written.append(write(*given)))
    rgb = np.full((200, 240, 3), 255, np.uint8)
    drawn = annotate.faces(rgb, [FaceBox(x, y, 60, 60, 1)], ["surprise"], [0.87])
    ((left, top, right, bottom),) = written
    assert 0 <= left < right <= 240 and 0 <= top < bottom <= 200
    fill = annotate.emotion_colour("surprise")
    edges = (top, slice(left, right)), (slice(top, bottom), left), (slice(top, bottom), right - 1)
    assert all((drawn[edge] == fill).all() for edge in edges)


def test_letters_grow_with_the_face_within_bounds():
    heights = [annotate.letter_height(1000, 1000, FaceBox(0, 0, w, w, 1)) for w in (10, 80, 900)]
    assert heights == [annotate.LEAST_LETTERS, 16, 22]


def test_labels_of_neighbours_do_not_lie_on_each_other():
    rgb = np.full((200, 200, 3), 255, np.uint8)
    boxes = [FaceBox(60, 80, 30, 30, 1), FaceBox(70, 82, 30, 30, 1)]
    together = annotate.faces(rgb, boxes, ["happy", "sad"], [0.5, 0.5])
    for name, box in zip(("happy", "sad"), boxes, strict=True):
        alone = annotate.faces(rgb, [box], [name], [0.5])
        fill = annotate.emotion_colour(name)
        count = [int((picture == fill).all(axis=2).sum()) for picture in (together, alone)]
        assert count[0] > 0.7 * count[1], name


def test_other_numbers_of_labels_are_refused():
    with pytest.raises(ValueError, match="1 boxes, 2 labels"):
        annotate.faces(scene(), [FACE], ["happy", "sad"])


def test_a_blurred_face_is_gone_and_the_rest_is_not():
    rgb = scene()
    hidden = annotate.blurred(rgb, [FACE])
    inside, before = hidden[40:116, 50:126], rgb[40:116, 50:126]

    def edges(picture):
        grey = picture[..., 0].astype(float)
        return np.abs(np.diff(grey, axis=0)).mean() + np.abs(np.diff(grey, axis=1)).mean()

    assert edges(inside) < 0.35 * edges(before)
    np.testing.assert_array_equal(hidden[:, 160:], rgb[:, 160:])
    np.testing.assert_array_equal(hidden[0], rgb[0])


@pytest.mark.parametrize("box", [FaceBox(-50, -50, 60, 60, 1), FaceBox(230, 190, 60, 60, 1),
                                 FaceBox(500, 500, 9, 9, 1), FaceBox(3, 3, 1, 1, 1)])  # fmt: skip
def test_blurring_at_and_beyond_the_edge(box):
    assert annotate.blurred(scene(), [box]).shape == (200, 240, 3)
