"""From a photo to the expressions in it: read, detect, crop, probabilities; and what is kept of it.

`read_photo` does it for one picture file's bytes and changes nothing anywhere; the command and the
chapters call it. `rows` and `files` turn its answer into table rows and picture files.

The columns of a row, in this order (`COLUMNS` and the classes between `label` and `reason`):

- `photo`: name of the photo; `face`: 1, 2, ... from left to right, empty where there is none;
- `box`: left, top, width, height in pixels of the upright photo; `score`: 0 to 1, how sure the
  detector is (MTCNN and Haar do not compare);
- `landmarks`: x and y of left eye, right eye, nose, left and right corner of the mouth, in pixels,
  empty where the detector gives none;
- `label`: the likeliest expression; then a probability, 0 to 1, for each class;
- `reason`: why there is no reading, or what is special about the photo.
"""

from __future__ import annotations

import io
from collections.abc import Collection
from dataclasses import dataclass, field

import numpy as np
from PIL import Image

from fer_utils.faces import annotate, crop, pictures
from fer_utils.faces.expression_model import ExpressionModel
from fer_utils.faces.face_box import Detector, FaceBox

COLUMNS = ("photo", "face", "box", "score", "landmarks", "label", "reason")
NO_FACE = "no face found"
REJECTED = "rejected by hand"


@dataclass(frozen=True)
class PhotoReading:
    """One photo and what its faces express. Arrays have a row for each face, from left to right."""

    photo: str
    classes: tuple[str, ...]
    rgb: np.ndarray | None = field(default=None, repr=False)  # uint8 (H, W, 3); None: no picture
    scale: float = 1.0  # pixels of the file a pixel of `rgb` stands for, along a side
    faces: tuple[FaceBox, ...] = ()  # in pixels of `rgb`
    crops: np.ndarray = field(default_factory=lambda: np.zeros((0, 48, 48), np.uint8), repr=False)
    probabilities: np.ndarray = field(default_factory=lambda: np.zeros((0, 7), np.float32))
    rejected: tuple[bool, ...] = ()  # faces that a reader of the photo called none
    reason: str = ""  # why there is no picture or face, or what is special

    @property
    def labels(self) -> list[str]:
        """The likeliest class of each face."""
        return [self.classes[k] for k in self.probabilities.argmax(axis=1)]


def read_photo(
    photo: str,
    content: bytes,
    detector: Detector,
    model: ExpressionModel,
    rejected: Collection[tuple[str, int]] = (),
) -> PhotoReading:
    """The faces in a picture file's content and what they express.

    Never raises for a bad photo: its `reason` says what is wrong. rejected: (photo, face) of finds
    that are no faces; they keep their number.
    """
    try:
        picture = pictures.read(content)
    except pictures.PictureError as error:
        return PhotoReading(photo, model.classes, reason=str(error))
    faces = sorted(detector.detect(picture.rgb), key=lambda face: (face.x, face.y))
    crops = crop.grey(picture.rgb, faces, margin=crop.MARGINS.get(detector.name, 1.0))
    return PhotoReading(
        photo,
        model.classes,
        picture.rgb,
        picture.scale,
        tuple(faces),
        crops,
        model.probabilities(crops),
        tuple((photo, number) in rejected for number in range(1, len(faces) + 1)),
        "; ".join(text for text in ("" if faces else NO_FACE, picture.note) if text),
    )


def rows(reading: PhotoReading) -> list[dict]:
    """A row for each face, or one that says why there is none; plain numbers, lists and texts."""
    if not reading.faces:
        empty = dict.fromkeys((*COLUMNS[:-1], *reading.classes))
        return [empty | {"photo": reading.photo, "reason": reading.reason}]
    return [_row(reading, number) for number in range(len(reading.faces))]


def _row(reading: PhotoReading, i: int) -> dict:
    face = reading.faces[i].scaled(reading.scale)
    points = face.landmarks and [[round(x, 1), round(y, 1)] for x, y in face.landmarks]
    reasons = (REJECTED if reading.rejected[i] else "", reading.reason)
    read = None if reading.rejected[i] else reading.probabilities[i].tolist()
    return {
        "photo": reading.photo,
        "face": i + 1,
        "box": [round(side, 1) for side in (face.x, face.y, face.w, face.h)],
        "score": round(face.score, 4),
        "landmarks": points,
        "label": read and reading.labels[i],
        **{name: read and round(read[k], 4) for k, name in enumerate(reading.classes)},
        "reason": "; ".join(text for text in reasons if text),
    }


def files(reading: PhotoReading, blur: bool = False) -> dict[str, bytes]:
    """Picture files to keep, by their path: the annotated photo (JPEG) and its crops (PNG).

    With `blur` every find is hidden, also rejected ones, and no crop is kept. A photo without faces
    is kept as it is, one that is no picture not at all.
    """
    if reading.rgb is None:
        return {}
    kept = [i for i, no in enumerate(reading.rejected) if not no]
    drawn = annotate.faces(
        annotate.blurred(reading.rgb, reading.faces) if blur else reading.rgb,
        [reading.faces[i] for i in kept],
        [reading.labels[i] for i in kept],
        [float(reading.probabilities[i].max()) for i in kept],
    )
    found = {annotated_name(reading.photo): _encoded(drawn, "JPEG", quality=92)}
    for i in () if blur else kept:
        found[crop_name(reading.photo, i + 1)] = _encoded(reading.crops[i], "PNG")
    return found


def annotated_name(photo: str) -> str:
    """Where the annotated photo is kept, below the folder of results."""
    return f"annotated/{photo}{'' if photo.lower().endswith(('.jpg', '.jpeg')) else '.jpg'}"


def crop_name(photo: str, face: int) -> str:
    """Where a face's crop is kept; faces are numbered from 1."""
    return f"crops/{photo}-{face}.png"


def _encoded(picture: np.ndarray, kind: str, **options: int) -> bytes:
    target = io.BytesIO()
    Image.fromarray(picture).save(target, kind, **options)
    return target.getvalue()
