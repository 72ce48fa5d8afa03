"""The table of a video: CSV, a row for each frame and face; and its timelines, read back from it.

| column | meaning |
|---|---|
| `frame` | number of the frame, from 0; frames without a face have no row |
| `time` | seconds since the first frame |
| `face` | number of the face, from 1; the same person keeps it while in sight |
| `x`, `y`, `w`, `h` | its box in pixels of the upright frame |
| `detected` | 1 where the detector found it in this frame, 0 where it was carried along |
| `score` | how sure the detector was when it last found it, 0 to 1 |
| `label` | class of the highest smoothed probability, the one that is shown |
| `angry` ... `neutral` | smoothed probabilities, 0 to 1 |
| `raw_angry` ... | probabilities of this frame alone |
"""

from __future__ import annotations

import csv
from collections import Counter, defaultdict
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from fer_utils.faces.video import ReadFrame

FIXED = ("frame", "time", "face", "x", "y", "w", "h", "detected", "score", "label")


class TableWriter:
    """Appends rows; made by `writing`."""

    def __init__(self, file, classes: Sequence[str]) -> None:
        self.classes = tuple(classes)
        self._rows = csv.writer(file, lineterminator="\n")
        self._rows.writerow([*FIXED, *self.classes, *(f"raw_{name}" for name in self.classes)])

    def add(self, read: ReadFrame) -> None:
        """A row for each face of the frame."""
        for face, raw, smooth in zip(read.faces, read.raw, read.smooth, strict=True):
            box = face.box
            self._rows.writerow(
                [
                    read.frame.index,
                    f"{read.frame.time:.4f}",
                    face.id,
                    *(f"{side:.1f}" for side in (box.x, box.y, box.w, box.h)),
                    int(face.detected),
                    f"{box.score:.3f}",
                    self.classes[int(np.argmax(smooth))],
                    *(f"{value:.4f}" for value in (*smooth, *raw)),
                ]
            )


@contextmanager
def writing(path: Path, classes: Sequence[str]) -> Iterator[TableWriter]:
    """A writer of the table at `path`."""
    with path.open("w", newline="", encoding="utf-8") as file:
        yield TableWriter(file, classes)


@dataclass(frozen=True)
class Timeline:
    """One face's smoothed probabilities over time: means over B stretches of equal length."""

    face: int
    times: np.ndarray  # float (B,): mean time of the frames in a stretch, seconds
    probabilities: np.ndarray  # float (B, K)
    classes: tuple[str, ...]


def timelines(path: Path | str, faces: int = 4, parts: int = 600) -> list[Timeline]:
    """The `faces` that were longest in sight, by number, from a table read twice, row by row.

    The result's size does not depend on the length of the video.

    Raises ValueError for a table without rows.
    """
    counts: Counter[int] = Counter()
    end = 0.0
    for row in _rows(path):
        counts[int(row["face"])] += 1
        end = max(end, float(row["time"]))
    if not counts:
        raise ValueError(f"{path} has no rows: no face was found in this video")
    classes = _classes(path)
    chosen = sorted(face for face, _ in counts.most_common(faces))
    sums = {face: np.zeros((parts, 2 + len(classes))) for face in chosen}  # rows, time, classes
    for row in _rows(path):
        if (face := int(row["face"])) in sums:
            part = min(int(float(row["time"]) / (end or 1) * parts), parts - 1)
            sums[face][part] += [1, float(row["time"]), *(float(row[name]) for name in classes)]
    filled = {face: total[total[:, 0] > 0] for face, total in sums.items()}
    means = {face: total[:, 1:] / total[:, :1] for face, total in filled.items()}
    return [Timeline(face, mean[:, 0], mean[:, 1:], classes) for face, mean in means.items()]


def note(path: Path | str) -> str:
    """A caption: how many rows, how many faces."""
    counts = Counter(row["face"] for row in _rows(path))
    faces = f"{len(counts)} face{'' if len(counts) == 1 else 's'}"
    return (
        f"n = {sum(counts.values()):,} readings of {faces}; up to four are shown, "
        "those longest in sight. Smoothed probabilities."
    )


def finding(path: Path | str) -> str:
    """A title: what the face longest in sight was read as most often.

    Raises ValueError for a table without rows.
    """
    shown = labels(path)
    if not shown:
        raise ValueError(f"{path} has no rows: no face was found in this video")
    face, counts = max(shown.items(), key=lambda one: one[1].total())
    label, most = counts.most_common(1)[0]
    return f"Face {face} is read as {label} in {most / counts.total():.0%} of its frames"


def labels(path: Path | str) -> dict[int, Counter[str]]:
    """{face: how often each label was shown}."""
    found: dict[int, Counter[str]] = defaultdict(Counter)
    for row in _rows(path):
        found[int(row["face"])][row["label"]] += 1
    return dict(found)


def _rows(path: Path | str) -> Iterator[dict[str, str]]:
    with Path(path).open(newline="", encoding="utf-8") as file:
        yield from csv.DictReader(file)


def _classes(path: Path | str) -> tuple[str, ...]:
    with Path(path).open(newline="", encoding="utf-8") as file:
        columns = next(csv.reader(file))
    return tuple(name for name in columns if f"raw_{name}" in columns)
