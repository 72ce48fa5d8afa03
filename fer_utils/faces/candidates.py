"""`Candidates`, boxes that may be faces, of several photos as arrays; and thinning them out.

A box is (left, top, right, bottom) in pixels of its photo.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np


@dataclass(frozen=True)
class Candidates:
    """What a network takes for faces, of several photos."""

    photo: np.ndarray  # int64 (N,), index of the photo
    boxes: np.ndarray  # float64 (N, 4): left, top, right, bottom
    scores: np.ndarray  # float64 (N,), 0 to 1
    landmarks: np.ndarray | None = None  # float64 (N, 5, 2): x and y in pixels; from O-Net alone

    def __len__(self) -> int:
        return len(self.scores)

    def take(self, chosen: np.ndarray) -> Candidates:
        """Some of them, by mask or indices."""
        landmarks = None if self.landmarks is None else self.landmarks[chosen]
        return Candidates(self.photo[chosen], self.boxes[chosen], self.scores[chosen], landmarks)

    def suppressed(self, overlap: float, of_smaller: bool = False) -> Candidates:
        """Without those that share more than `overlap` with a surer one of the same photo."""
        found = [np.zeros(0, np.int64)]
        for photo in np.unique(self.photo):
            own = np.flatnonzero(self.photo == photo)
            found.append(own[suppress(self.boxes[own], self.scores[own], overlap, of_smaller)])
        return self.take(np.concatenate(found))

    def squared(self) -> Candidates:
        """Boxes made square about their middles, as long as their longer sides."""
        return Candidates(self.photo, squares(self.boxes), self.scores, self.landmarks)


def squares(boxes: np.ndarray, size: float = 1.0) -> np.ndarray:
    """Squares (N, 4) about the middles of the boxes, `size` times as long as their longer sides."""
    middle = (boxes[:, :2] + boxes[:, 2:]) / 2
    half = (boxes[:, 2:] - boxes[:, :2]).max(axis=1, keepdims=True) * size / 2
    return np.hstack([middle - half, middle + half])


def suppress(
    boxes: np.ndarray, scores: np.ndarray, overlap: float, of_smaller: bool = False
) -> np.ndarray:
    """Greedy non-maximum suppression: indices int64 of the boxes (N, 4) kept, surest first.

    A box goes when it shares more than `overlap` with a surer one that stays: of the area that
    both cover, or of the smaller one's.
    """
    alive = np.argsort(-scores, kind="stable")
    left, top, right, bottom = boxes.T
    area = (right - left) * (bottom - top)
    kept = []
    while len(alive):
        one, rest = alive[0], alive[1:]
        kept.append(one)
        width = np.minimum(right[rest], right[one]) - np.maximum(left[rest], left[one])
        height = np.minimum(bottom[rest], bottom[one]) - np.maximum(top[rest], top[one])
        shared = np.maximum(width, 0) * np.maximum(height, 0)
        both = np.minimum(area[rest], area[one]) if of_smaller else area[rest] + area[one] - shared
        alive = rest[shared <= overlap * both]
    return np.array(kept, np.int64)


def joined(parts: Sequence[Candidates]) -> Candidates:
    """Candidates without landmarks as one; none at all where there are no parts."""
    if not parts:
        return Candidates(np.zeros(0, np.int64), np.zeros((0, 4)), np.zeros(0))
    photo, boxes, scores = zip(*((p.photo, p.boxes, p.scores) for p in parts), strict=True)
    return Candidates(np.concatenate(photo), np.concatenate(boxes), np.concatenate(scores))
