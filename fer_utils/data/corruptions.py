"""FER2013-C: test pictures made worse by code, seven ways in five severities.

After ImageNet-C (Hendrycks & Dietterich, 2019), for grey faces of 48 pixels: the severities are
ours, from hardly to be noticed to hardly a face, and were fixed before any network had answered.
They are for testing only: who trains on them has no measure of robustness left.

Conventions: pictures uint8 (N, H, W) in and out; severity 1 to 5; what is random (noise, the side
to which a picture turns, where the patch lies) comes from the seed, the kind, the severity and the
picture's place in the array, and from nothing else.
"""

from __future__ import annotations

from collections.abc import Callable

import cv2
import numpy as np

SEVERITIES = (1, 2, 3, 4, 5)
STEPS = {  # what each severity means, from 1 to 5
    "blur": (0.6, 0.9, 1.3, 1.8, 2.5),  # standard deviation of the Gaussian, pixels
    "noise": (0.04, 0.08, 0.12, 0.18, 0.26),  # standard deviation, fraction of the range
    "jpeg": (40, 25, 15, 10, 5),  # quality
    "brightness": (0.1, 0.2, 0.3, 0.4, 0.5),  # added, fraction of the range, clipped
    "contrast": (0.6, 0.4, 0.3, 0.2, 0.1),  # factor about the picture's mean
    "rotation": (5.0, 10.0, 15.0, 22.5, 30.0),  # degrees, to either side
    "occlusion": (0.04, 0.08, 0.14, 0.22, 0.32),  # area of a grey square, fraction
}
GREY = 128


def corrupt(images: np.ndarray, kind: str, severity: int, seed: int = 0) -> np.ndarray:
    """The pictures after one corruption, uint8 (N, H, W); the input is not changed.

    Raises ValueError for an unknown kind or severity and for an array of another shape or dtype.
    """
    images = np.asarray(images)
    if kind not in STEPS or severity not in SEVERITIES:
        raise ValueError(
            f"corruption {kind!r} of severity {severity!r}: expected one of {', '.join(STEPS)} and "
            f"a severity of {SEVERITIES[0]} to {SEVERITIES[-1]}"
        )
    if images.ndim != 3 or images.dtype != np.uint8:
        raise ValueError(f"expected pictures uint8 (N, H, W), got {images.dtype} {images.shape}")
    rng = np.random.default_rng([seed, list(STEPS).index(kind), severity])
    strength = STEPS[kind][severity - 1]
    made = [_ONE[kind](image, strength, rng) for image in images]
    return np.array(made, np.uint8).reshape(images.shape)


def _rounded(values: np.ndarray) -> np.ndarray:
    return np.clip(np.rint(values), 0, 255).astype(np.uint8)


def _blur(image: np.ndarray, sigma: float, rng: np.random.Generator) -> np.ndarray:
    return cv2.GaussianBlur(image, (0, 0), sigma, borderType=cv2.BORDER_REPLICATE)


def _noise(image: np.ndarray, sigma: float, rng: np.random.Generator) -> np.ndarray:
    return _rounded(image + 255 * sigma * rng.standard_normal(image.shape))


def _jpeg(image: np.ndarray, quality: int, rng: np.random.Generator) -> np.ndarray:
    coded = cv2.imencode(".jpg", image, [cv2.IMWRITE_JPEG_QUALITY, quality])[1]
    return cv2.imdecode(coded, cv2.IMREAD_GRAYSCALE)


def _brightness(image: np.ndarray, added: float, rng: np.random.Generator) -> np.ndarray:
    return _rounded(image + 255 * added)


def _contrast(image: np.ndarray, factor: float, rng: np.random.Generator) -> np.ndarray:
    return _rounded((image - image.mean()) * factor + image.mean())


def _rotation(image: np.ndarray, degrees: float, rng: np.random.Generator) -> np.ndarray:
    height, width = image.shape
    angle = degrees if rng.random() < 0.5 else -degrees
    turn = cv2.getRotationMatrix2D(((width - 1) / 2, (height - 1) / 2), angle, 1.0)
    return cv2.warpAffine(image, turn, (width, height), borderMode=cv2.BORDER_REPLICATE)


def _occlusion(image: np.ndarray, area: float, rng: np.random.Generator) -> np.ndarray:
    height, width = image.shape
    tall, wide = (max(1, round(side * area**0.5)) for side in (height, width))
    top, left = rng.integers(height - tall + 1), rng.integers(width - wide + 1)
    covered = image.copy()
    covered[top : top + tall, left : left + wide] = GREY
    return covered


_ONE: dict[str, Callable[[np.ndarray, float, np.random.Generator], np.ndarray]] = {
    "blur": _blur,
    "noise": _noise,
    "jpeg": _jpeg,
    "brightness": _brightness,
    "contrast": _contrast,
    "rotation": _rotation,
    "occlusion": _occlusion,
}
