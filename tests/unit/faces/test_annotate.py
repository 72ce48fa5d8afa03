"""Drawing: labels are readable and inside, faces are hidden, the input stays as it was."""

from __future__ import annotations

import numpy as np
import pytest

from fer_utils.data.dataset import CLASSES
from fer_utils.faces import annotate, contact_sheet
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
def test_a_label_is_written_whole_wherever_the_face_is(x, y):
    rgb = np.full((200, 240, 3), 255, np.uint8)
    box = FaceBox(x, y, 60, 60, 1)
    drawn = annotate.faces(rgb, [box], ["surprise"], [0.87])
    elsewhere = annotate.faces(rgb, [FaceBox(90, 90, 60, 60, 1)], ["surprise"], [0.87])
    fill = annotate.emotion_colour("surprise")

    def written(picture):
        """Rows and columns that the label's background spans."""
        solid = (picture == fill).all(axis=2)
        rows = np.flatnonzero(solid.sum(axis=1) > 30)
        return len(rows)

    assert written(drawn) >= written(elsewhere) - 4  # the frame may lie over the background


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


def test_a_contact_sheet_holds_every_crop():
    crops = np.stack([np.full((48, 48), 40 * k, np.uint8) for k in range(5)])
    sheet = contact_sheet.contact_sheet(crops, list("abcde"), columns=2, size=48)
    centres = [(pad, column) for pad in range(3) for column in range(2)][:5]
    pitch = (sheet.shape[0] - 3) / 3, (sheet.shape[1] - 3) / 2
    found = [int(sheet[int(3 + r * pitch[0] + 20), int(3 + c * pitch[1] + 20), 0])
             for r, c in centres]  # fmt: skip
    assert found == [0, 40, 80, 120, 160]
    with pytest.raises(ValueError, match="0 crops"):
        contact_sheet.contact_sheet([], [])


def test_bars_are_as_long_as_their_probabilities():
    shares = [0.5, 0.25, 0, 0, 0, 0, 0.25]
    drawn = contact_sheet.bars(shares, CLASSES)
    lengths = [int((drawn == annotate.emotion_colour(name)).all(axis=2).sum(axis=1).max())
               for name in CLASSES]  # fmt: skip
    assert lengths[0] == pytest.approx(2 * lengths[1], abs=3)
    assert abs(lengths[1] - lengths[6]) <= 1 and max(lengths[2:6]) <= 1
    with pytest.raises(ValueError, match="expected 7 probabilities"):
        contact_sheet.bars([0.5, 0.5], CLASSES)
