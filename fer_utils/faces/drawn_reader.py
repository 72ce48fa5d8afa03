"""`DrawnFaceReader`: reads drawn faces, learned from drawn faces in seconds.

Histograms of oriented gradients (Dalal and Triggs, 2005) and multinomial logistic regression. It
stands in for an `ExpressionModel` where drawn faces are to be read: a network that has learned from
photos has never seen one.
"""

from __future__ import annotations

import cv2
import numpy as np
from sklearn.linear_model import LogisticRegression
from sklearn.pipeline import Pipeline, make_pipeline
from sklearn.preprocessing import StandardScaler

from fer_utils.data import drawn_faces
from fer_utils.data.dataset import CLASSES

SIZE = 48
FRAMING = 0.12  # how far faces are moved while learning, and how much larger or smaller made
STRENGTH = 0.003  # inverse of the L2 penalty, of logistic regression


class DrawnFaceReader:
    """As an `ExpressionModel`: `classes`, and `probabilities` of grey faces uint8 (N, 48, 48)."""

    def __init__(self, classifier: Pipeline, classes: tuple[str, ...]) -> None:
        self.classes = classes
        self._classifier = classifier

    @classmethod
    def learn(cls, n: int = 2500, seed: int = 0) -> DrawnFaceReader:
        """Learned from `n` drawn faces, all moved and zoomed a little at random."""
        faces = drawn_faces.dataset(n, seed=seed, size=SIZE)
        rng = np.random.default_rng([seed, 4])
        pictures = [reframed(face, rng) for face in faces.images]
        classifier = make_pipeline(
            StandardScaler(), LogisticRegression(C=STRENGTH, max_iter=300, random_state=0)
        )
        return cls(classifier.fit(gradients(pictures), faces.labels), CLASSES)

    def probabilities(self, faces: np.ndarray) -> np.ndarray:
        """Float (N, 7), rows summing to 1, of grey faces uint8 (N, 48, 48)."""
        if not len(faces):
            return np.zeros((0, len(self.classes)))
        return self._classifier.predict_proba(gradients(faces))


def gradients(faces: np.ndarray) -> np.ndarray:
    """Histograms of oriented gradients of grey faces uint8 (N, 48, 48), float32 (N, 900)."""
    hog = cv2.HOGDescriptor((SIZE, SIZE), (16, 16), (8, 8), (8, 8), 9)
    return np.stack([hog.compute(np.ascontiguousarray(face)).ravel() for face in faces])


def reframed(face: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    """The face moved and zoomed at random, its border repeated."""
    zoom = 1 + rng.uniform(-FRAMING, FRAMING)
    x, y = SIZE / 2 * (1 - zoom) + SIZE * rng.uniform(-FRAMING, FRAMING, 2)
    matrix = np.array([[zoom, 0, x], [0, zoom, y]], np.float32)
    return cv2.warpAffine(face, matrix, (SIZE, SIZE), borderMode=cv2.BORDER_REPLICATE)
