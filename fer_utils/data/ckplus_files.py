"""The files of CK+, the extended Cohn-Kanade data set (Lucey et al., 2010): names and labels.

Its archives unpack side by side to

    cohn-kanade-images/S005/001/S005_001_00000001.png ...   frames, from neutral to the peak
    FACS/S005/001/S005_001_00000011_facs.txt                (or FACS_labels)
    Emotion/S005/001/S005_001_00000011_emotion.txt          (or Emotion_labels)
    Landmarks/S005/001/S005_001_00000001_landmarks.txt      68 points (x, y) of each frame

Numbers are written like "   1.2000000e+01", also whole ones. The FACS file belongs to the last
frame and has a line for each action unit that is present: its number and its intensity, 1 to 5,
or 0 where nobody scored how strong it is. The emotion file holds one number, 0 to 7; where there is
none, or an empty folder, the sequence has no emotion. Frames are 640x490, 640x480 or 720x480 (width
x height), grey or colour.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from fer_utils.data.readers import is_clutter

EMOTIONS = ("neutral", "angry", "contempt", "disgust", "fear", "happy", "sad", "surprise")
"""By the number in an emotion file, 0 to 7, in the names of this course."""

IMAGES = "cohn-kanade-images"
FOLDERS = {"FACS": ("FACS", "FACS_labels"), "emotion": ("Emotion", "Emotion_labels")}
POINTS = 68

_SUBJECT = re.compile(r"S(\d{3})")
_SESSION = re.compile(r"\d{3}")
_FRAME = re.compile(r"S\d{3}_\d{3}_(\d{8})\.png", re.IGNORECASE)


@dataclass(frozen=True)
class Sequence:
    """One filmed expression; paths are of this machine."""

    subject: int
    session: int
    frames: tuple[Path, ...]  # in order of time: the first neutral, the last the peak
    units: dict[int, int]  # action unit: intensity 1 to 5, 0 present but not scored
    emotion: str | None  # of EMOTIONS; None where unlabelled
    landmarks: dict[int, Path]  # by index into `frames`


def read_sequences(path: Path) -> Iterator[Sequence]:
    """Every sequence below ``cohn-kanade-images``, sorted by subject and session.

    Clutter such as ``.DS_Store`` is passed over; anything else that does not fit is an error.
    """
    facs, emotions = (_label_folder(path, kind) for kind in FOLDERS)
    for subject in _folders(path / IMAGES, _SUBJECT, "S005"):
        for session in _folders(subject, _SESSION, "001"):
            below = Path(subject.name) / session.name
            frames = tuple(_frames(session))
            yield Sequence(
                subject=int(subject.name[1:]),
                session=int(session.name),
                frames=frames,
                units=_read_units(facs / below, frames[-1]),
                emotion=_read_emotion(emotions / below, frames[-1]),
                landmarks=_landmarks(path / "Landmarks" / below, frames),
            )


def read_landmarks(path: Path) -> np.ndarray:
    """The points of a frame, float64 (68, 2), x and y in pixels."""
    points = _numbers(path, 2)
    if points.shape != (POINTS, 2):
        raise ValueError(f"{path}: {len(points)} points; expected {POINTS}, one (x, y) a line")
    return points


def _label_folder(path: Path, kind: str) -> Path:
    names = FOLDERS[kind]
    for name in names:
        if (path / name).is_dir():
            return path / name
    raise FileNotFoundError(
        f"{path}: no folder {' or '.join(names)}; unpack the archive of {kind} labels of CK+ there"
    )


def _folders(path: Path, pattern: re.Pattern, example: str) -> list[Path]:
    found = sorted(entry for entry in path.iterdir() if not is_clutter(entry.name))
    for entry in found:
        if not entry.is_dir() or not pattern.fullmatch(entry.name):
            raise ValueError(f"{entry}: unexpected; expected folders such as {example!r}")
    return found


def _frames(session: Path) -> list[Path]:
    found = sorted(entry for entry in session.iterdir() if not is_clutter(entry.name))
    for entry in found:
        if not _FRAME.fullmatch(entry.name):
            raise ValueError(f"{entry}: unexpected; expected frames such as S005_001_00000001.png")
    if not found:
        raise ValueError(f"{session}: no frames; unpack the archive of images again")
    return found


def _label_file(folder: Path, peak: Path, ending: str) -> Path | None:
    """The label file of a sequence; it must be that of its last frame."""
    wanted = folder / f"{peak.stem}_{ending}.txt"
    names = [e.name for e in folder.iterdir() if not is_clutter(e.name)] if folder.is_dir() else []
    if not names:
        return None
    if names != [wanted.name]:
        raise ValueError(f"{folder}: holds {sorted(names)}; expected {wanted.name} alone")
    return wanted


def _read_units(folder: Path, peak: Path) -> dict[int, int]:
    path = _label_file(folder, peak, "facs")
    if path is None:
        raise FileNotFoundError(f"{folder}: no FACS file of {peak.name}; unpack the archive again")
    units = {}
    for number, intensity in _numbers(path, 2).tolist():
        if number % 1 or number < 1 or intensity not in range(6):
            raise ValueError(
                f"{path}: action unit {number:g} with intensity {intensity:g}; expected a whole "
                "number from 1 and an intensity 0 (not scored) to 5"
            )
        units[int(number)] = max(int(intensity), units.get(int(number), 0))
    return units


def _read_emotion(folder: Path, peak: Path) -> str | None:
    path = _label_file(folder, peak, "emotion")
    if path is None:
        return None
    numbers = _numbers(path, 1)
    if len(numbers) != 1 or numbers[0, 0] not in range(len(EMOTIONS)):
        raise ValueError(f"{path}: expected one number 0 to 7, got {numbers.ravel().tolist()}")
    return EMOTIONS[int(numbers[0, 0])]


def _landmarks(folder: Path, frames: tuple[Path, ...]) -> dict[int, Path]:
    """Landmark files by the index of their frame; a frame, or the whole folder, may have none."""
    paths = {i: folder / f"{frame.stem}_landmarks.txt" for i, frame in enumerate(frames)}
    return {i: path for i, path in paths.items() if path.is_file()}


def _numbers(path: Path, columns: int) -> np.ndarray:
    """The numbers of a text file, float64 (lines, columns); blank lines count nothing."""
    rows = [
        line.split() for line in path.read_text(encoding="ascii", errors="replace").splitlines()
    ]
    rows = [row for row in rows if row]
    try:
        values = np.array([[float(word) for word in row] for row in rows])
    except ValueError as error:
        raise ValueError(f"{path}: {error}; expected {columns} numbers a line") from error
    if not len(rows):
        return np.zeros((0, columns))
    if values.ndim != 2 or values.shape[1] != columns or not np.isfinite(values).all():
        raise ValueError(f"{path}: expected {columns} finite numbers a line")
    return values
