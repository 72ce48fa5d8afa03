"""Detectors by name, and finding the faces of many photos.

`get("mtcnn")` finds most and needs TensorFlow; `get("haar")` is quick and needs OpenCV alone.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator

import numpy as np

from fer_utils.faces.face_box import Detector, FaceBox

DETECTORS = ("mtcnn", "haar")
TOGETHER_PIXELS = 4_000_000  # of photos that go through a detector together


def get(name: str = "mtcnn", **settings: float) -> Detector:
    """The detector of that name; settings are those of its class.

    Raises ValueError for an unknown name, ImportError where a package is missing.
    """
    if name == "mtcnn":
        from fer_utils.faces.mtcnn_detector import Mtcnn

        return Mtcnn(**settings)
    if name == "haar":
        from fer_utils.faces.haar import Haar

        return Haar(**settings)
    raise ValueError(f"unknown detector {name!r}: expected one of {', '.join(DETECTORS)}")


def detect_many(detector: Detector, photos: Iterable[np.ndarray]) -> Iterator[list[FaceBox]]:
    """The faces of each photo, uint8 (H, W, 3), in their order.

    Photos go through MTCNN a few at a time, as many as `TOGETHER_PIXELS` allow: memory doesn't grow
    with their number when `photos` reads them one by one.
    """
    together = getattr(detector, "detect_many", None)
    if together is None:
        yield from map(detector.detect, photos)
        return
    waiting: list[np.ndarray] = []
    for photo in photos:
        full = sum(one.size for one in [*waiting, photo]) > 3 * TOGETHER_PIXELS
        if waiting and full:
            yield from together(waiting)
            waiting = []
        waiting.append(photo)
    if waiting:
        yield from together(waiting)
