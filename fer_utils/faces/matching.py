"""Which found faces are which known ones: the basis of detection recall and false faces."""

from __future__ import annotations

from collections.abc import Sequence

from fer_utils.faces.face_box import FaceBox, intersection_over_union

LEAST_OVERLAP = 0.3  # detectors draw boxes of different shapes about the same face


def matches(
    known: Sequence[FaceBox], found: Sequence[FaceBox], least: float = LEAST_OVERLAP
) -> list[tuple[int, int]]:
    """(known, found) indices of boxes that overlap by `least` or more (intersection over union).

    Each box is taken once, the best overlaps first. Known faces in no pair were missed, found ones
    in no pair are false.
    """
    overlaps = [
        (intersection_over_union(a, b), i, j)
        for i, a in enumerate(known)
        for j, b in enumerate(found)
    ]
    pairs: list[tuple[int, int]] = []
    for overlap, i, j in sorted(overlaps, key=lambda one: (-one[0], one[1:])):
        if overlap >= least and all(i != k and j != m for k, m in pairs):
            pairs.append((i, j))
    return sorted(pairs)
