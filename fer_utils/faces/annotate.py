"""Drawing on photos: boxes and labels that are readable on any background, and hidden faces.

Everything here takes and returns uint8 RGB (H, W, 3) and leaves its input alone. Lines and letters
grow with the picture; a label is dark or white on its emotion's colour, whichever reads better.
"""

from __future__ import annotations

import math
from collections.abc import Sequence

import cv2
import numpy as np
from matplotlib.colors import to_rgb
from PIL import Image, ImageDraw, ImageFont

from fer_utils.faces.face_box import FaceBox, checked_picture
from fer_utils.plot_style import colour_of

LEAST_LETTERS = 11  # pixels
BLUR_MARGIN = 1.3  # side of what is blurred over the side of the box
BLUR_CELLS = 6  # blocks that are left of a blurred face along a side
PAPER, INK = (255, 255, 255), (34, 34, 34)


def faces(
    rgb: np.ndarray,
    boxes: Sequence[FaceBox],
    labels: Sequence[str] | None = None,
    probabilities: Sequence[float] | None = None,
) -> np.ndarray:
    """The picture with a frame about each face, and above it the label with its probability.

    A label is moved to stay inside the picture. Raises ValueError for lists of other lengths.
    """
    rgb = checked_picture(rgb)
    labels = [""] * len(boxes) if labels is None else list(labels)
    shares = [None] * len(boxes) if probabilities is None else list(probabilities)
    if not len(boxes) == len(labels) == len(shares):
        raise ValueError(
            f"{len(boxes)} boxes, {len(labels)} labels, {len(shares)} probabilities: expected as "
            "many of each"
        )
    picture = Image.fromarray(rgb)
    pen = ImageDraw.Draw(picture)
    line = max(2, round(max(rgb.shape[:2]) / 500))
    for box, label in zip(boxes, labels, strict=True):
        _frame(pen, box, line, emotion_colour(label))
    placed: list[tuple[int, int, int, int]] = []
    for box, label, share in zip(boxes, labels, shares, strict=True):
        text = label if share is None else f"{label} {share:.0%}".strip()
        if text:
            letters = letter_height(rgb.shape[0], rgb.shape[1], box)
            placed.append(
                _label(pen, picture.size, box, text, letters, emotion_colour(label), placed)
            )
    return np.array(picture)


def letter_height(height: int, width: int, box: FaceBox) -> int:
    """Pixels of a label's letters: a fifth of the face, within what suits the picture."""
    most = max(LEAST_LETTERS, round(max(height, width) / 45))
    return int(min(max(box.w / 5, LEAST_LETTERS), most))


def readable(background: tuple[int, int, int]) -> tuple[int, int, int]:
    """White or near black, whichever stands out more: contrast as WCAG 2.1 defines it."""
    light = _luminance(background)
    return PAPER if 1.05 / (light + 0.05) > (light + 0.05) / (_luminance(INK) + 0.05) else INK


def _luminance(colour: tuple[int, int, int]) -> float:
    """Relative luminance of an sRGB colour, 0 to 1 (WCAG 2.1)."""
    parts = [c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4
             for c in (part / 255 for part in colour)]  # fmt: skip
    return 0.2126 * parts[0] + 0.7152 * parts[1] + 0.0722 * parts[2]


def emotion_colour(label: str) -> tuple[int, int, int]:
    """RGB 0 to 255 of an emotion's colour in the whole course, dark grey for any other word."""
    return tuple(round(255 * part) for part in to_rgb(colour_of(label)))


def _frame(pen: ImageDraw.ImageDraw, box: FaceBox, line: int, colour: tuple[int, int, int]) -> None:
    """A coloured frame between a white and a dark hairline, so that it shows on anything."""
    sides = [round(side) for side in (box.x, box.y, box.x + box.w, box.y + box.h)]
    for grow, width, ink in ((1, 1, INK), (0, line, colour), (-line, 1, PAPER)):
        left, top, right, bottom = (
            side + way * grow for side, way in zip(sides, (-1, -1, 1, 1), strict=True)
        )
        if right > left and bottom > top:
            pen.rectangle((left, top, right, bottom), outline=ink, width=width)


def _label(pen, size, box, text, letters, colour, placed) -> tuple[int, int, int, int]:
    """Write the text above the box, or where there is room; where it was written."""
    font = ImageFont.load_default(letters)
    left, top, right, bottom = pen.textbbox((0, 0), text, font=font)
    pad = max(2, letters // 5)
    width, height = math.ceil(right - left) + 2 * pad, math.ceil(bottom - top) + 2 * pad
    spots = [(box.x, box.y - height), (box.x, box.y + box.h), (box.x, box.y)]
    inside = [
        (min(max(0, round(x)), max(0, size[0] - width)),
         min(max(0, round(y)), max(0, size[1] - height))) for x, y in spots
    ]  # fmt: skip
    areas = [(x, y, x + width, y + height) for x, y in inside]
    free = [area for area in areas if not any(_meet(area, other) for other in placed)]
    area = (free or areas)[0]
    pen.rectangle((area[0], area[1], area[2] - 1, area[3] - 1), fill=colour)
    place = (area[0] + pad - left, area[1] + pad - top)
    pen.text(place, text, font=font, fill=readable(colour))
    return area


def _meet(a: Sequence[int], b: Sequence[int]) -> bool:
    return a[0] < b[2] and b[0] < a[2] and a[1] < b[3] and b[1] < a[3]


def blurred(rgb: np.ndarray, boxes: Sequence[FaceBox]) -> np.ndarray:
    """The picture with each face, and a little around, averaged to a few blocks and smoothed.

    The few blocks cannot be sharpened back into a face, as a mere blur might.
    """
    out = checked_picture(rgb).copy()
    for box in boxes:
        side = BLUR_MARGIN * max(box.w, box.h) / 2
        (x, y), (height, width) = box.centre, rgb.shape[:2]
        left, right = max(0, math.floor(x - side)), min(width, math.ceil(x + side))
        top, bottom = max(0, math.floor(y - side)), min(height, math.ceil(y + side))
        if right <= left or bottom <= top:
            continue
        part = rgb[top:bottom, left:right]
        cells = (min(BLUR_CELLS, right - left), min(BLUR_CELLS, bottom - top))
        blocks = cv2.resize(part, cells, interpolation=cv2.INTER_AREA)
        out[top:bottom, left:right] = cv2.resize(
            blocks, (right - left, bottom - top), interpolation=cv2.INTER_LINEAR
        )
    return out
