"""`follow`: where boxes have moved from one frame to the next, without detecting anything.

Median flow (Kalal, Mikolajczyk and Matas, "Forward-backward error", 2010): a grid of points in each
box is followed by Lucas and Kanade's sparse optical flow (1981), there and back again. Points that
do not return to where they started are dropped, and the box moves and grows by the medians of the
rest.
"""

from __future__ import annotations

from collections.abc import Sequence

import cv2
import numpy as np

from fer_utils.faces.face_box import FaceBox

SIDE = 7  # points along a side of the grid
INNER = 0.7  # share of the box's width and height that the grid covers: the rest may be background
RETURN_WITHIN = 1.0  # pixels that a good point may miss its start by
ENOUGH = SIDE * SIDE // 4  # good points that a box needs
LUCAS_KANADE = {"winSize": (15, 15), "maxLevel": 3}
PAIRS = np.triu_indices(SIDE * SIDE, 1)


def follow(
    before: np.ndarray, now: np.ndarray, boxes: Sequence[FaceBox]
) -> list[tuple[float, float, float] | None]:
    """For each box (shift in x, shift in y, growth) from frame `before` to frame `now`.

    Both frames are grey uint8 (H, W). Shifts of the centre are in pixels, growth is a factor. None
    for a box that was lost: too few of its points came back.
    """
    if not boxes:
        return []
    start = np.concatenate([_grid(box) for box in boxes]).astype(np.float32)
    there, seen, _ = cv2.calcOpticalFlowPyrLK(before, now, start, None, **LUCAS_KANADE)
    back, seen_back, _ = cv2.calcOpticalFlowPyrLK(now, before, there, None, **LUCAS_KANADE)
    missed_by = np.linalg.norm(back - start, axis=1)
    good = (seen & seen_back).ravel().astype(bool) & (missed_by < RETURN_WITHIN)
    good &= ((there >= 0) & (there < now.shape[::-1])).all(axis=1)
    parts = (array.reshape(len(boxes), SIDE * SIDE, -1) for array in (start, there, good))
    return [_motion(*one) for one in zip(*parts, strict=True)]


def _grid(box: FaceBox) -> np.ndarray:
    """Points (SIDE * SIDE, 2) in the inner part of the box."""
    x, y = box.centre
    steps = np.linspace(-INNER / 2, INNER / 2, SIDE)
    across, down = np.meshgrid(x + steps * box.w, y + steps * box.h)
    return np.stack([across.ravel(), down.ravel()], axis=1)


def _motion(
    start: np.ndarray, there: np.ndarray, good: np.ndarray
) -> tuple[float, float, float] | None:
    good = good.ravel()
    if good.sum() < ENOUGH:
        return None
    first, second = (index[good[PAIRS[0]] & good[PAIRS[1]]] for index in PAIRS)
    lengths = [np.linalg.norm(points[first] - points[second], axis=1) for points in (start, there)]
    shift = np.median((there - start)[good], axis=0)
    return float(shift[0]), float(shift[1]), float(np.median(lengths[1] / lengths[0]))
