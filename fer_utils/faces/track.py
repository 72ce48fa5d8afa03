"""`Tracker`: which face of this frame is which face of the frame before.

Tracking by detection, after SORT (Bewley et al., 2016): faces are detected now and then; between,
optical flow carries their boxes along; a new detection belongs to the carried box that it overlaps,
all pairs matched at once by the Hungarian method (Kuhn, 1955). All of it happens in a small copy of
the frame.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import cv2
import numpy as np
from scipy.optimize import linear_sum_assignment

from fer_utils.faces.face_box import Detector, FaceBox, intersection_over_union
from fer_utils.faces.optical_flow import follow

SAME_FACE = 0.3  # overlap from which a detection can be the face of a box
ONE_TOO_MANY = 0.5  # overlap from which two tracks are of one face
STEADINESS = 0.5  # share of the carried box in the new one; detections alone would tremble
FOUND_AGAIN = 2  # detections that make a face of a box: single ones are mostly false


@dataclass(frozen=True)
class TrackedFace:
    """A face in one frame."""

    id: int  # 1, 2, ... in order of appearance; the same face keeps it
    box: FaceBox  # pixels of the frame, clipped to it
    detected: bool  # in this very frame, not only carried along


@dataclass
class _Track:
    """A face over time, in pixels of the small copy."""

    box: FaceBox
    id: int = 0  # 0 until it is confirmed
    found: int = 1  # detections
    missed: int = 0  # detections in a row without it
    lost: bool = False  # by the optical flow, in this frame
    detected: bool = True


class Tracker:
    """Call `update` with one frame after another.

    A detection takes place every `every` seconds, and out of turn while a box waits to be found a
    second time (only then it counts as a face, but for the first detection of all) or when the
    flow loses one. A face ends when detections in a row miss it more than `patience` times, or as
    soon as flow and detector both lose it. One that comes back later has a new id.

    Args:
        detector: finds faces in the small copy.
        every: seconds between detections; 0 detects in every frame.
        patience: detections that may miss a face in a row.
        short_side: of the small copy, pixels. A Haar cascade knows faces from 24 pixels on: at 240
            those of a tenth of the frame's shorter side. 0 takes frames as they are.
    """

    def __init__(
        self, detector: Detector, every: float = 0.2, patience: int = 2, short_side: int = 240
    ) -> None:
        self.detector = detector
        self.every = every
        self.patience = patience
        self.short_side = short_side
        self.detections = 0  # so far
        self.seen: list[FaceBox] = []  # every box of the last frame, also what is no face yet
        self._tracks: list[_Track] = []
        self._ids = 0
        self._before: np.ndarray | None = None  # the last frame's small copy, grey
        self._detected_at = -np.inf

    def update(self, rgb: np.ndarray, time: float) -> list[TrackedFace]:
        """The faces of a frame uint8 (H, W, 3) at `time` in seconds, in order of their ids."""
        height, width = rgb.shape[:2]
        scale = min(1.0, self.short_side / min(height, width)) if self.short_side else 1.0
        size = max(1, round(width * scale)), max(1, round(height * scale))
        small = rgb if scale == 1 else cv2.resize(rgb, size, interpolation=cv2.INTER_AREA)
        grey = cv2.cvtColor(small, cv2.COLOR_RGB2GRAY)
        self._carry(grey)
        if self._is_due(time):
            self._detect(small, time)
        self._tracks = _without_doubles(self._tracks, size)
        self._before = grey
        found = [
            TrackedFace(track.id, box, track.detected)
            for track in self._tracks
            if (box := track.box.scaled(width / size[0]).clipped(width, height))
        ]
        self.seen = [face.box for face in found]
        return sorted((face for face in found if face.id), key=lambda face: face.id)

    def _carry(self, grey: np.ndarray) -> None:
        """Move the boxes by optical flow; a lost one stays where it was."""
        if self._before is None or self._before.shape != grey.shape:
            return
        motions = follow(self._before, grey, [track.box for track in self._tracks])
        for track, motion in zip(self._tracks, motions, strict=True):
            track.lost, track.detected = motion is None, False
            if motion is not None:
                track.box = moved(track.box, *motion)

    def _is_due(self, time: float) -> bool:
        waiting = any(track.lost or not track.id for track in self._tracks)
        # half a millisecond: times of frames are rounded
        return waiting or time - self._detected_at >= self.every - 5e-4

    def _detect(self, small: np.ndarray, time: float) -> None:
        first, self._detected_at = self.detections == 0, time
        self.detections += 1
        found = self.detector.detect(small)
        pairs = match([track.box for track in self._tracks], found)
        for i, track in enumerate(self._tracks):
            track.missed += 1
            if i in pairs:
                track.box = between(track.box, found[pairs[i]], STEADINESS * (not track.lost))
                track.missed, track.lost, track.detected = 0, False, True
                track.found += 1
        new = [_Track(box) for j, box in enumerate(found) if j not in pairs.values()]
        kept = [
            track
            for track in self._tracks
            if not track.missed or (track.id and not track.lost and track.missed <= self.patience)
        ]
        self._tracks = kept + new
        for track in self._tracks:
            if not track.id and (first or track.found >= FOUND_AGAIN):
                self._ids += 1
                track.id = self._ids


def match(boxes: Sequence[FaceBox], found: Sequence[FaceBox]) -> dict[int, int]:
    """{index of a box: index of its detection}: one to one, with the largest sum of overlaps.

    Pairs that overlap (intersection over union) by less than `SAME_FACE` are none.
    """
    if not boxes or not found:
        return {}
    overlap = np.array([[intersection_over_union(a, b) for b in found] for a in boxes])
    overlap[overlap < SAME_FACE] = 0
    rows, columns = linear_sum_assignment(overlap, maximize=True)
    return {int(i): int(j) for i, j in zip(rows, columns, strict=True) if overlap[i, j] > 0}


def moved(box: FaceBox, across: float, down: float, growth: float) -> FaceBox:
    """The box with its centre moved, in pixels, and all of it `growth` times as large."""
    x, y = box.centre
    w, h = box.w * growth, box.h * growth
    marks = box.landmarks
    if marks is not None:
        marks = tuple(
            (x + across + growth * (px - x), y + down + growth * (py - y)) for px, py in marks
        )
    return FaceBox(x + across - w / 2, y + down - h / 2, w, h, box.score, marks)


def between(carried: FaceBox, found: FaceBox, share: float) -> FaceBox:
    """`share` of the carried box, the rest of the detected one, landmarks too; the new score."""
    sides = (
        share * getattr(carried, side) + (1 - share) * getattr(found, side)
        for side in ("x", "y", "w", "h")
    )
    marks = found.landmarks
    if marks is not None and carried.landmarks is not None:
        marks = share * np.array(carried.landmarks) + (1 - share) * np.array(marks)
        marks = tuple(map(tuple, marks.tolist()))
    return FaceBox(*sides, found.score, marks)


def _without_doubles(tracks: Sequence[_Track], size: tuple[int, int]) -> list[_Track]:
    """Tracks in the picture, older ones first, without those that lie on an older one."""
    kept: list[_Track] = []
    for track in sorted(tracks, key=lambda one: one.id or np.inf):
        x, y = track.box.centre
        inside = 0 <= x < size[0] and 0 <= y < size[1]
        overlaps = (intersection_over_union(track.box, other.box) for other in kept)
        if inside and all(overlap < ONE_TOO_MANY for overlap in overlaps):
            kept.append(track)
    return kept
