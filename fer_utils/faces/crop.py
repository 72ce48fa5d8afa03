"""Cutting faces out of a photo as FER2013 frames them, so that a network sees what it learned on.

A crop is a square about the face, turned so that the eyes lie level where the detector says where
they are, sampled bilinearly and averaged down. FER2013 (Goodfellow et al., "Challenges in
Representation Learning", 2013) was cut to the boxes of an OpenCV detector: chin to brow with little
around. `MARGINS` makes the squares of both detectors so.
"""

from __future__ import annotations

import math
from collections.abc import Sequence

import cv2
import numpy as np

from fer_utils.faces.face_box import FaceBox, checked_picture

# Side of a FER2013 picture over the longer side of the box each detector finds in it, enlarged
# four times: the medians over training pictures (`benchmarks/crop_margin.py`).
MARGINS = {"mtcnn": 0.93, "haar": 1.03}
GREY_SIZE, RGB_SIZE = 48, 128
MOST_SAMPLES = 16  # along a side of a crop's pixel


def angle_of_eyes(face: FaceBox) -> float:
    """Degrees by which the line from the left eye to the right falls, -180 to 180; 0 if unknown."""
    if face.landmarks is None:
        return 0.0
    (x1, y1), (x2, y2) = face.landmarks[:2]
    return math.degrees(math.atan2(y2 - y1, x2 - x1))


def grey(
    rgb: np.ndarray,
    faces: Sequence[FaceBox],
    size: int = GREY_SIZE,
    margin: float = 1.0,
    aligned: bool = True,
) -> np.ndarray:
    """Grey faces uint8 (N, size, size), for `ExpressionModel.probabilities`. See `colour`."""
    crops = colour(rgb, faces, size, margin, aligned)
    found = [cv2.cvtColor(crop, cv2.COLOR_RGB2GRAY) for crop in crops]
    return np.stack(found) if found else np.zeros((0, size, size), np.uint8)


def colour(
    rgb: np.ndarray,
    faces: Sequence[FaceBox],
    size: int = RGB_SIZE,
    margin: float = 1.0,
    aligned: bool = True,
) -> np.ndarray:
    """Faces uint8 (N, size, size, 3) cut out of an upright picture uint8 (H, W, 3).

    margin: side of the square over the longer side of the box. aligned: turn the face by the line
    of its eyes, about the middle of the box. What lies outside the photo repeats its edge.
    Raises ValueError for a picture of another shape or dtype, and a margin or size not above 0.
    """
    rgb = checked_picture(rgb)
    if margin <= 0 or size < 1:
        raise ValueError(f"margin {margin}, size {size}: expected both above 0")
    crops = [_cut(rgb, face, size, margin, aligned) for face in faces]
    return np.stack(crops) if crops else np.zeros((0, size, size, 3), np.uint8)


def _cut(rgb: np.ndarray, face: FaceBox, size: int, margin: float, aligned: bool) -> np.ndarray:
    """One crop: sampled at a whole multiple of its size, then averaged down block by block."""
    side = margin * max(face.w, face.h)
    times = min(max(1, int(side / size)), MOST_SAMPLES)
    matrix = placement(face, size * times, margin, aligned)
    fine = cv2.warpAffine(
        rgb,
        matrix,
        (size * times, size * times),
        flags=cv2.INTER_LINEAR | cv2.WARP_INVERSE_MAP,
        borderMode=cv2.BORDER_REPLICATE,
    )
    return fine if times == 1 else cv2.resize(fine, (size, size), interpolation=cv2.INTER_AREA)


def placement(face: FaceBox, size: int, margin: float, aligned: bool) -> np.ndarray:
    """Where a crop's pixels lie in the photo: float64 (2, 3), indices (column, row, 1) to (x, y).

    Index 0 is the middle of the first pixel in both.
    """
    angle = math.radians(angle_of_eyes(face)) if aligned else 0.0
    step = margin * max(face.w, face.h) / size  # photo pixels per crop pixel
    turn = step * np.array(
        [[math.cos(angle), -math.sin(angle)], [math.sin(angle), math.cos(angle)]]
    )
    middle = np.array(face.centre) - 0.5
    return np.column_stack([turn, middle - turn @ np.full(2, (size - 1) / 2)])
