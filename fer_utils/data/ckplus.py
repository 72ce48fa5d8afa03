"""CK+, the extended Cohn-Kanade data set (Lucey et al., 2010), as a `FaceDataset`.

CK+ needs a signed agreement, so nothing here downloads it; `ckplus_files` says how its folders
look. Its frames are 640x490, 640x480 or 720x480 pixels (width x height), grey or colour.
"""

from __future__ import annotations

import os
from pathlib import Path

import cv2
import numpy as np

from fer_utils.data.ckplus_files import EMOTIONS, IMAGES, Sequence, read_landmarks, read_sequences
from fer_utils.data.dataset import FaceDataset
from fer_utils.data.facs import RMIT_UNITS, UNLABELLED, unit_name

SIZES = ((490, 640), (480, 640), (480, 720))  # height, width
MARGIN = 0.25  # of the landmarks' longer side, added at each edge
SEQUENCES, SUBJECTS = 593, 123  # all of it; Lucey et al. (2010), as what follows
EMOTION_COUNTS = {  # of sequences whose emotion is labelled
    **{"angry": 45, "contempt": 18, "disgust": 59, "fear": 25, "happy": 69},
    **{"sad": 28, "surprise": 83},
}
# Shares of the 210 adults who were filmed, 18 to 50 years old.
PEOPLE = {"Euro-American": 0.81, "Afro-American": 0.13, "other groups": 0.06, "women": 0.69}
AGREEMENT = "CK+ needs a signed agreement (University of Pittsburgh, Cohn-Kanade database)"


def find(data_dir: str | Path | None = None) -> Path | None:
    """The folder of CK+ that `data_dir` or the environment variable CKPLUS_DIR names, else None.

    `FileNotFoundError` when the folder named is no copy of CK+.
    """
    for value, origin in ((data_dir, "data_dir"), (os.environ.get("CKPLUS_DIR"), "CKPLUS_DIR")):
        if value is not None and str(value).strip():
            path = Path(value).expanduser()
            if not (path / IMAGES).is_dir():
                raise FileNotFoundError(
                    f"{origin} names {path}, which has no folder {IMAGES!r}: unpack the archives "
                    "of CK+ side by side and name the folder that holds them"
                )
            return path
    return None


def load(
    data_dir: str | Path | None = None,
    size: int | tuple[int, int] = 64,
    *,
    neutral: bool = False,
    crop: bool = True,
) -> FaceDataset:
    """The peak frame of every sequence, named "ckplus", all in split "train".

    Classes are `EMOTIONS` without neutral, and `facs.UNLABELLED`; `neutral` adds the first frame of
    every sequence, of class neutral and without action units. `facs.grouped` makes three emotions
    of them, `subject_splits` the splits. `action_units` has every unit that occurs or that the RMIT
    report reads; `subject` is the number in the folder's name.

    Args:
        data_dir: folder of CK+; else CKPLUS_DIR.
        size: height and width, or the side, of the pictures in pixels.
        neutral: also the first frames.
        crop: cut the face out by its landmarks, or, where a frame has none, a square in the middle;
            else the whole frame is scaled to `size`.

    Raises:
        FileNotFoundError: no CK+ here, or files of it missing.
        ValueError: a file that is not as described above, named.
    """
    path = find(data_dir)
    if path is None:
        raise FileNotFoundError(
            f"CK+ is not on this machine. {AGREEMENT}. When you have it, set the environment "
            "variable CKPLUS_DIR, or pass data_dir, to the folder that holds cohn-kanade-images, "
            "FACS, Emotion and Landmarks"
        )
    return dataset(list(read_sequences(path)), size, neutral=neutral, crop=crop)


def dataset(
    sequences: list[Sequence],
    size: int | tuple[int, int] = 64,
    *,
    neutral: bool = False,
    crop: bool = True,
) -> FaceDataset:
    """The pictures of these sequences as `load` gives them; all peaks first, then neutral frames.

    Raises `ValueError` for no sequence at all and for a picture that cannot be read.
    """
    if not sequences:
        raise ValueError("no sequence of CK+ to make a data set of")
    height, width = (size, size) if isinstance(size, int) else size
    occur = {number for sequence in sequences for number in sequence.units}
    numbers = sorted(occur | set(RMIT_UNITS))
    classes = ((EMOTIONS[0],) if neutral else ()) + (*EMOTIONS[1:], UNLABELLED)
    chosen = [(s, len(s.frames) - 1, s.emotion or UNLABELLED, s.units) for s in sequences]
    if neutral:
        chosen += [(s, 0, EMOTIONS[0], {}) for s in sequences]
    images = [picture(s, frame, (height, width), crop) for s, frame, _, _ in chosen]
    return FaceDataset(
        images=np.stack(images),
        labels=np.array([classes.index(emotion) for _, _, emotion, _ in chosen], np.int64),
        classes=classes,
        split=np.full(len(chosen), "train"),
        name="ckplus",
        action_units=np.array([[n in units for n in numbers] for *_, units in chosen], np.uint8),
        action_unit_names=tuple(map(unit_name, numbers)),
        subject=np.array([s.subject for s, *_ in chosen], np.int64),
    )


def picture(sequence: Sequence, frame: int, size: tuple[int, int], crop: bool = True) -> np.ndarray:
    """One frame in grey, uint8 of `size` (height, width); see `load` for `crop`."""
    path = sequence.frames[frame]
    image = cv2.imread(str(path), cv2.IMREAD_GRAYSCALE)
    if image is None:
        raise ValueError(f"{path}: OpenCV cannot decode this picture; unpack the archive again")
    if image.shape not in SIZES:
        raise ValueError(
            f"{path}: {image.shape[1]}x{image.shape[0]} pixels (width x height); frames of CK+ are "
            + ", ".join(f"{width}x{height}" for height, width in SIZES)
        )
    if crop:
        points = sequence.landmarks.get(frame)
        box = _square(*image.shape) if points is None else _around(read_landmarks(points))
        image = _cut(image, *box)
    return cv2.resize(image, size[::-1], interpolation=cv2.INTER_AREA)


def _square(height: int, width: int) -> tuple[float, float, float]:
    """Centre and side of the square in the middle of a frame."""
    return width / 2, height / 2, min(height, width)


def _around(points: np.ndarray) -> tuple[float, float, float]:
    """Centre and side of the square around landmarks, `MARGIN` wider at each edge."""
    low, high = points.min(0), points.max(0)
    x, y = (low + high) / 2
    return float(x), float(y), float((high - low).max() * (1 + 2 * MARGIN))


def _cut(image: np.ndarray, x: float, y: float, side: float) -> np.ndarray:
    """A square of whole pixels; what lies outside the frame repeats its border."""
    side = max(1, round(side))
    left, top = round(x - side / 2), round(y - side / 2)
    height, width = image.shape
    rows = np.clip(np.arange(top, top + side), 0, height - 1)
    columns = np.clip(np.arange(left, left + side), 0, width - 1)
    return np.ascontiguousarray(image[np.ix_(rows, columns)])
