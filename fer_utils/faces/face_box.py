"""`FaceBox`, where a face is in a picture, and `Detector`, what finds it."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Protocol

import numpy as np

LANDMARKS = ("left_eye", "right_eye", "nose", "left_mouth", "right_mouth")


@dataclass(frozen=True)
class FaceBox:
    """One face: left, top, width and height in pixels, and how sure the detector is.

    `landmarks` are (x, y) in pixels in the order of `LANDMARKS`, None where the detector gives
    none. "Left" is the left of the picture, for a turned face that of the picture turned upright.
    """

    x: float
    y: float
    w: float
    h: float
    score: float  # 0 to 1
    landmarks: tuple[tuple[float, float], ...] | None = None

    def __post_init__(self) -> None:
        if not (self.w > 0 and self.h > 0):
            raise ValueError(f"a face box needs width and height above 0, got {self.w} x {self.h}")
        if self.landmarks is not None and len(self.landmarks) != len(LANDMARKS):
            raise ValueError(
                f"landmarks: expected {len(LANDMARKS)} points, got {len(self.landmarks)}"
            )

    @property
    def area(self) -> float:
        """Square pixels."""
        return self.w * self.h

    @property
    def centre(self) -> tuple[float, float]:
        """(x, y) of the middle."""
        return self.x + self.w / 2, self.y + self.h / 2

    def clipped(self, width: int, height: int) -> FaceBox | None:
        """The part inside a picture of that size; None where nothing is."""
        left, top = max(self.x, 0.0), max(self.y, 0.0)
        right, bottom = min(self.x + self.w, float(width)), min(self.y + self.h, float(height))
        if right <= left or bottom <= top:
            return None
        return FaceBox(left, top, right - left, bottom - top, self.score, self.landmarks)

    def scaled(self, factor: float) -> FaceBox:
        """The same face in the picture enlarged by `factor`."""
        points = self.landmarks and tuple((x * factor, y * factor) for x, y in self.landmarks)
        sides = (side * factor for side in (self.x, self.y, self.w, self.h))
        return FaceBox(*sides, self.score, points)


def intersection_over_union(a: FaceBox, b: FaceBox) -> float:
    """Shared area of two boxes over the area both cover, 0 to 1."""
    width = min(a.x + a.w, b.x + b.w) - max(a.x, b.x)
    height = min(a.y + a.h, b.y + b.h) - max(a.y, b.y)
    shared = max(width, 0.0) * max(height, 0.0)
    return shared / (a.area + b.area - shared)


def without_duplicates(faces: Iterable[FaceBox], overlap: float = 0.4) -> list[FaceBox]:
    """Surest first, without those that overlap a surer one by more (intersection over union)."""
    kept: list[FaceBox] = []
    for face in sorted(faces, key=lambda one: -one.score):
        if all(intersection_over_union(face, other) <= overlap for other in kept):
            kept.append(face)
    return kept


def checked_picture(rgb: np.ndarray) -> np.ndarray:
    """The picture, where it is uint8 (H, W, 3) and not empty; else ValueError."""
    rgb = np.asarray(rgb)
    if rgb.dtype != np.uint8 or rgb.ndim != 3 or rgb.shape[2] != 3 or 0 in rgb.shape:
        raise ValueError(
            f"expected an RGB picture uint8 (H, W, 3), got {rgb.dtype} {rgb.shape}; "
            "`faces.pictures.read` reads any file so"
        )
    return rgb


class Detector(Protocol):
    """Finds faces. One object serves many pictures: what is slow to load is loaded once."""

    name: str  # "haar", "mtcnn": as on the command line

    def detect(self, rgb: np.ndarray) -> list[FaceBox]:
        """The faces in an upright picture, uint8 (H, W, 3), clipped to it, surest first.

        Raises ValueError for an array of another shape or dtype.
        """
        ...
