"""What a detector found, missed and made up in one picture whose faces are known.

A pair needs an intersection over union of 0.3 at least. Boxes of faces have no sharp truth: hair
and chin belong to them or not, and 0.5, usual for objects, would count such taste as a miss.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from fer_utils.faces.face_box import FaceBox
from fer_utils.faces.matching import LEAST_OVERLAP, matches


@dataclass(frozen=True, eq=False)
class DetectionScore:
    """What became of the true and of the found boxes of one picture."""

    of_true: np.ndarray  # int64 (true boxes,): number of the found box, -1 where it was missed
    false: tuple[int, ...]  # numbers of found boxes that are no true face, or one found twice

    @property
    def hits(self) -> int:
        """True boxes that were found."""
        return int((self.of_true >= 0).sum())


def score(
    true: Sequence[FaceBox], found: Sequence[FaceBox], least: float = LEAST_OVERLAP
) -> DetectionScore:
    """Pair each true box with at most one found box and the other way round, as `matches` does."""
    of_true = np.full(len(true), -1, np.int64)
    for i, j in matches(true, found, least):
        of_true[i] = j
    taken = set(of_true.tolist())
    return DetectionScore(of_true, tuple(j for j in range(len(found)) if j not in taken))
