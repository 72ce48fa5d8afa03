"""Test-time augmentation: one picture seen in several ways, the answers averaged.

Conventions: pictures are uint8 (N, H, W); a view is the same pictures moved or mirrored, nothing is
drawn at random. The averaging is that of probabilities, not of logits, over the views
(Krizhevsky et al., 2012, who average ten crops; Simonyan & Zisserman, 2015, mirrored ones).

- "plain": the picture as it is;
- "mirrored": it and its mirror image;
- "ten": it and its four shifts by `SHIFT` pixels towards the corners, each with its mirror image.
  What comes in from outside repeats the border, as in `augment`: a shift keeps the size that the
  network was built for, where a crop would not.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator

import numpy as np

SHIFT = 2  # pixels: about what augmentation by 0.08 of 48 pixels moves a picture on average
OFFSETS = ((0, 0), (-SHIFT, -SHIFT), (-SHIFT, SHIFT), (SHIFT, -SHIFT), (SHIFT, SHIFT))
VIEWS = {"plain": 1, "mirrored": 2, "ten": 10}  # how many pictures each stands for


def views_of(images: np.ndarray, kind: str) -> Iterator[np.ndarray]:
    """Every view of pictures uint8 (N, H, W), each of the same shape and dtype.

    Raises ValueError for an unknown kind and for an array of another shape.
    """
    images = np.asarray(images)
    if kind not in VIEWS:
        raise ValueError(f"views {kind!r}: expected one of {', '.join(VIEWS)}")
    if images.ndim != 3:
        raise ValueError(f"expected pictures (N, H, W), got shape {images.shape}")
    for down, right in OFFSETS if kind == "ten" else OFFSETS[:1]:
        moved = shifted(images, down, right)
        yield moved
        if kind != "plain":
            yield moved[:, :, ::-1]


def shifted(images: np.ndarray, down: int, right: int) -> np.ndarray:
    """Pictures (N, H, W) moved by whole pixels, the border repeated."""
    height, width = images.shape[1:]
    rows = np.clip(np.arange(height) - down, 0, height - 1)
    columns = np.clip(np.arange(width) - right, 0, width - 1)
    return images[:, rows[:, None], columns]


def mean_probabilities(
    probabilities: Callable[[np.ndarray], np.ndarray], images: np.ndarray, kind: str
) -> np.ndarray:
    """Mean over the views of what `probabilities` says of them, float64 (N, K).

    probabilities: from pictures uint8 (N, H, W) to (N, K), rows summing to 1.
    """
    total = 0.0
    for view in views_of(images, kind):
        total = total + np.asarray(probabilities(view), np.float64)
    return total / VIEWS[kind]


def softmax(logits: np.ndarray) -> np.ndarray:
    """Probabilities float64 (N, K) of logits (N, K)."""
    likely = np.exp(np.float64(logits) - np.max(logits, axis=1, keepdims=True))
    return likely / likely.sum(axis=1, keepdims=True)
