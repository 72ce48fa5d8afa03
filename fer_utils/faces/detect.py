"""Detectors by name.

`get("mtcnn")` finds most and needs TensorFlow; `get("haar")` is quick and needs OpenCV alone.
"""

from __future__ import annotations

from fer_utils.faces.face_box import Detector

DETECTORS = ("mtcnn", "haar")


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
