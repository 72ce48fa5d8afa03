"""MTCNN as a `Detector`: small faces in small photos, turned photos, huge ones within bounds.

Around the three networks (`mtcnn_stages`): the smaller the photo, the smaller the faces looked for,
by enlarging it inside the pyramid; what O-Net finds is looked at again, mirrored and cut tighter,
which sorts out nearly all false faces; where nothing sure is found upright, the photo is tried
turned by quarters; above `MOST_PIXELS` it is scaled down.
"""

from __future__ import annotations

from collections.abc import Sequence

import cv2
import numpy as np

from fer_utils.faces.candidates import Candidates
from fer_utils.faces.face_box import FaceBox, checked_picture
from fer_utils.faces.mtcnn_stages import Stages

MOST_PIXELS = 12_000_000  # larger photos are scaled down to it
TURNED_PIXELS = 1_000_000  # at which a photo is tried turned
USUAL_PIXELS = 1_000_000  # of a photo whose faces are looked for from USUAL_FACE pixels
USUAL_FACE, LEAST_FACE = 20.0, 10.0
FACE = 0.8  # score of the second look from which a candidate is a face
SURE = 0.95  # score of a face that shows the photo is upright
OVERLAP, OVERLAP_OF_SMALLER = 0.4, 0.7  # from which two boxes are of one face
STAGES = ("P-Net", "R-Net", "O-Net", "second look")


class Mtcnn:
    """Finds faces with MTCNN; loads TensorFlow when made.

    Raises ImportError where a package is missing, RuntimeError where Keras has another backend.
    """

    name = "mtcnn"

    def __init__(self) -> None:
        self._stages = Stages()

    def detect(self, rgb: np.ndarray) -> list[FaceBox]:
        """The faces in an upright picture, uint8 (H, W, 3), clipped to it, surest first.

        `score` is the mean of O-Net's probabilities of the second look. Raises ValueError for an
        array of another shape or dtype.
        """
        (faces,) = self._find([checked_picture(rgb)])
        return faces if any(face.score >= SURE for face in faces) else self._turned(rgb, faces)

    def candidates(self, rgb: np.ndarray) -> dict[str, list[FaceBox]]:
        """What each of `STAGES` takes for faces in a picture, for looking at the cascade itself."""
        found = self._cascade([checked_picture(rgb)])
        return {name: _boxes(one, 0) for name, one in zip(STAGES, found, strict=True)}

    def _cascade(self, photos: Sequence[np.ndarray]) -> tuple[Candidates, ...]:
        stages = self._stages
        proposed = stages.propose(photos, [smallest_face(*photo.shape[:2]) for photo in photos])
        refined = stages.refine(photos, proposed)
        finished = stages.finish(photos, refined)
        again = stages.look_again(photos, finished)
        faces = again.take(again.scores >= FACE).suppressed(OVERLAP)
        return proposed, refined, finished, faces.suppressed(OVERLAP_OF_SMALLER, of_smaller=True)

    def _find(self, photos: Sequence[np.ndarray]) -> list[list[FaceBox]]:
        """Faces of photos as they stand, each in the pixels of its photo."""
        small = [at_most(photo, MOST_PIXELS) for photo in photos]
        last = self._cascade(small)[-1]
        found = []
        for number, (photo, scaled) in enumerate(zip(photos, small, strict=True)):
            height, width = photo.shape[:2]
            enlarged = [face.scaled(width / scaled.shape[1]) for face in _boxes(last, number)]
            found.append([face for one in enlarged if (face := one.clipped(width, height))])
        return found

    def _turned(self, photo: np.ndarray, upright: list[FaceBox]) -> list[FaceBox]:
        """The faces of the quarter turn that shows most, where that is more than upright."""
        small = at_most(photo, TURNED_PIXELS)
        tried = [upright, *self._find([_turn(small, quarters) for quarters in (1, 2, 3)])]
        quarters = max(range(4), key=lambda k: sum(face.score for face in tried[k]))
        if quarters == 0 or not any(face.score >= SURE for face in tried[quarters]):
            return upright
        faces = tried[quarters] if small is photo else self._find([_turn(photo, quarters)])[0]
        return [turned_back(face, quarters, *photo.shape[:2]) for face in faces]


def smallest_face(height: int, width: int) -> float:
    """Pixels of the smallest face looked for in a photo: fewer, the smaller the photo."""
    usual = USUAL_FACE * (height * width / USUAL_PIXELS) ** 0.5
    return min(max(usual, LEAST_FACE), USUAL_FACE)


def at_most(photo: np.ndarray, pixels: int) -> np.ndarray:
    """The photo itself, or scaled down to so many pixels where it has more."""
    height, width = photo.shape[:2]
    if height * width <= pixels:
        return photo
    scale = (pixels / (height * width)) ** 0.5
    size = (max(1, int(width * scale)), max(1, int(height * scale)))
    return cv2.resize(photo, size, interpolation=cv2.INTER_AREA)


def turned_back(face: FaceBox, quarters: int, height: int, width: int) -> FaceBox:
    """A face of a photo turned by `numpy.rot90(photo, quarters)`, where it is in the photo itself,
    which is `height` x `width`. Its landmarks keep their names: those of the upright face."""

    def back(x: float, y: float) -> tuple[float, float]:
        return ((x, y), (width - y, x), (width - x, height - y), (y, height - x))[quarters % 4]

    (x1, y1), (x2, y2) = back(face.x, face.y), back(face.x + face.w, face.y + face.h)
    points = None if face.landmarks is None else tuple(back(*point) for point in face.landmarks)
    return FaceBox(min(x1, x2), min(y1, y2), abs(x2 - x1), abs(y2 - y1), face.score, points)


def _turn(photo: np.ndarray, quarters: int) -> np.ndarray:
    return np.ascontiguousarray(np.rot90(photo, quarters))


def _boxes(found: Candidates, photo: int) -> list[FaceBox]:
    """The candidates of one photo, surest first."""
    own = found.take(found.photo == photo)
    order = np.argsort(-own.scores, kind="stable")
    points = [None] * len(own) if own.landmarks is None else own.landmarks.tolist()
    return [
        FaceBox(
            *(float(side) for side in (left, top, right - left, bottom - top)),
            score=float(own.scores[i]),
            landmarks=points[i] and tuple((x, y) for x, y in points[i]),
        )
        for i, (left, top, right, bottom) in zip(order, own.boxes[order], strict=True)
    ]
