"""Reads a teacher's labelled class photos: what each person shows, and what is read in it."""

from __future__ import annotations

import os
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from fer_utils.data.dataset import FaceDataset
from fer_utils.faces import pictures
from fer_utils.faces.classroom import which_face
from fer_utils.faces.crop import GREY_SIZE, grey
from fer_utils.faces.expression_model import ExpressionModel
from fer_utils.faces.face_box import Detector, FaceBox
from fer_utils.faces.label_file import LabelledFace
from fer_utils.faces.read_photo import PhotoReading, read_photo

GREY = 128  # of a picture that could not be read


@dataclass(frozen=True, eq=False)
class ClassroomReading:
    """n labelled faces in the order given, and what came of each."""

    labelled: tuple[LabelledFace, ...]
    images: np.ndarray  # uint8 (n, 48, 48): the face, or where none was found what is there
    probabilities: np.ndarray  # float32 (n, K), NaN where no face was found
    reasons: tuple[str, ...]  # why not, empty where a face was found

    @property
    def people(self) -> dict[str, list[int]]:
        """Name -> numbers of the person's faces, in the order given."""
        found: dict[str, list[int]] = {}
        for number, face in enumerate(self.labelled):
            found.setdefault(face.person, []).append(number)
        return found

    @property
    def labels(self) -> list[str]:
        return [face.emotion for face in self.labelled]

    def dataset(self, classes: Sequence[str]) -> FaceDataset:
        """The faces that were found, for people to name as well. ValueError where there is none."""
        found = np.flatnonzero(self.read(classes) >= 0)
        if not len(found):
            raise ValueError("no labelled face was found: the reasons say why of each")
        labels = np.array([classes.index(self.labelled[i].emotion) for i in found], np.int64)
        split = np.full(len(found), "validation")
        return FaceDataset(self.images[found], labels, tuple(classes), split, "class_photos")

    def read(self, classes: Sequence[str]) -> np.ndarray:
        """The most likely class, int64 (n,), -1 where no face was found."""
        found = np.nan_to_num(self.probabilities, nan=-1.0)
        return np.where(found.max(1) < 0, -1, found.argmax(1)).astype(np.int64)


def read_classroom(
    labelled: Sequence[LabelledFace],
    folder: Path | str,
    detector: Detector,
    model: ExpressionModel,
    rejected: Collection[tuple[str, int]] = (),
) -> ClassroomReading:
    """Find and read every labelled face; a photo that can't be read, or a face that isn't found,
    gets its reason and stops no other.

    rejected: (photo, face) of finds that are no faces, a photo by its path from `folder`, such as
    `kim/sad.jpg`. One photo is in memory at a time.
    """
    images = np.full((len(labelled), GREY_SIZE, GREY_SIZE), GREY, np.uint8)
    probabilities = np.full((len(labelled), len(model.classes)), np.nan, np.float32)
    reasons = [""] * len(labelled)
    for photo in dict.fromkeys(face.photo for face in labelled):
        rows = [i for i, face in enumerate(labelled) if face.photo == photo]
        name = Path(os.path.relpath(photo, folder)).as_posix()
        reading = read_photo(name, photo.read_bytes(), detector, model, rejected)
        boxes = [face.scaled(reading.scale) for face in reading.faces]  # pixels of the file
        numbers = which_face([labelled[i] for i in rows], boxes, reading.rejected)
        for i, number in zip(rows, numbers, strict=True):
            if number is None:
                reasons[i] = reading.reason or f"{detector.name} finds no face there"
                images[i] = _instead(reading, labelled[i])
            else:
                images[i] = reading.crops[number]
                probabilities[i] = reading.probabilities[number]
    return ClassroomReading(tuple(labelled), images, probabilities, tuple(reasons))


def first_picture(labelled: Sequence[LabelledFace]) -> tuple[str, np.ndarray]:
    """Name and upright picture, uint8 (H, W, 3), of the first photo that can be read.

    Raises ValueError, with the reason of the last one, where none can.
    """
    reason = "no labelled face"
    for photo in dict.fromkeys(face.photo for face in labelled):
        try:
            return photo.name, pictures.read(photo).rgb
        except pictures.PictureError as error:
            reason = f"{photo}: {error}"
    raise ValueError(f"no photo can be read; {reason}")


def _instead(reading: PhotoReading, face: LabelledFace) -> np.ndarray:
    """What is in the labelled box, or the middle of a portrait, uint8 (48, 48)."""
    if reading.rgb is None:
        return np.full((GREY_SIZE, GREY_SIZE), GREY, np.uint8)
    height, width = reading.rgb.shape[:2]
    side = min(height, width)
    middle = FaceBox((width - side) / 2, (height - side) / 2, side, side, 1.0)
    return grey(reading.rgb, [face.box.scaled(1 / reading.scale) if face.box else middle])[0]
