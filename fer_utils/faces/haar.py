"""Haar cascades as a `Detector`: quick, on the CPU, frontal faces; more false ones than MTCNN.

Viola and Jones, "Rapid Object Detection using a Boosted Cascade of Simple Features" (2001), with
the frontal cascade that OpenCV brings (Lienhart and Maydt, 2002).
"""

from __future__ import annotations

import cv2
import numpy as np

from fer_utils.faces.face_box import FaceBox, checked_picture, without_duplicates

CASCADE = "haarcascade_frontalface_default.xml"
MOST_PIXELS = 4_000_000  # larger photos are scaled down to it
WINDOW = 24  # pixels the cascade was trained on: photos are enlarged to find smaller faces
MOST_ENLARGED = 2.0


class Haar:
    """Finds frontal faces with OpenCV's cascade; no landmarks.

    smallest: pixels of the smallest face looked for, from 12 up.
    step: from one size of the window to the next, above 1; smaller finds more, slower.
    neighbours: overlapping finds that a face needs; more means fewer faces, and fewer false ones.
    Raises RuntimeError where OpenCV has no cascades, ValueError for settings outside these.
    """

    name = "haar"

    def __init__(self, smallest: float = 24, step: float = 1.1, neighbours: int = 5) -> None:
        if smallest < WINDOW / MOST_ENLARGED or step <= 1 or neighbours < 1:
            raise ValueError(
                f"smallest {smallest}, step {step}, neighbours {neighbours}: expected at least "
                f"{WINDOW / MOST_ENLARGED:g}, above 1, at least 1"
            )
        if not hasattr(cv2, "CascadeClassifier"):
            raise RuntimeError(
                f"OpenCV {cv2.__version__} has no Haar cascades: "
                "pip install 'opencv-python-headless>=4.10,<5'"
            )
        self._cascade = cv2.CascadeClassifier(cv2.data.haarcascades + CASCADE)
        self._smallest, self._step, self._neighbours = smallest, step, neighbours

    def detect(self, rgb: np.ndarray) -> list[FaceBox]:
        """The faces in an upright picture, uint8 (H, W, 3), clipped to it, surest first.

        `score` is w / (1 + w) for the weight w of the cascade's last stage: an order, not a
        probability. Raises ValueError for an array of another shape or dtype.
        """
        grey = cv2.cvtColor(checked_picture(rgb), cv2.COLOR_RGB2GRAY)
        height, width = grey.shape
        scale = min(max(1.0, WINDOW / self._smallest), (MOST_PIXELS / grey.size) ** 0.5)
        if scale != 1:
            method = cv2.INTER_LINEAR if scale > 1 else cv2.INTER_AREA
            grey = cv2.resize(grey, None, fx=scale, fy=scale, interpolation=method)
        boxes, weights = self._windows(grey, scale)
        if not len(boxes):  # evening out shows it some faces, and hides others that it had seen
            boxes, weights = self._windows(cv2.equalizeHist(grey), scale)
        found = [
            FaceBox(*map(float, box), score=score(weight)).scaled(1 / scale)
            for box, weight in zip(boxes, np.ravel(weights), strict=True)
        ]
        inside = [face for box in found if (face := box.clipped(width, height))]
        return without_duplicates(inside)

    def _windows(self, grey: np.ndarray, scale: float) -> tuple[np.ndarray, np.ndarray]:
        """Boxes (n, 4) and weights (n,) of a picture scaled so."""
        least = max(WINDOW, round(self._smallest * scale))
        boxes, _, weights = self._cascade.detectMultiScale3(
            grey,
            scaleFactor=self._step,
            minNeighbors=self._neighbours,
            minSize=(least, least),
            outputRejectLevels=True,
        )
        return np.reshape(boxes, (-1, 4)), np.ravel(weights)


def score(weight: float) -> float:
    """A cascade's weight, any number, as 0 to 1 in the same order."""
    return float(max(weight, 0.0) / (1 + max(weight, 0.0)))
