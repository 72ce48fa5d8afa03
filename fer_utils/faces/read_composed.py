"""Reads composed class photos from end to end, and the same faces before they were pasted."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any

import cv2
import numpy as np

from fer_utils.data.dataset import FaceDataset
from fer_utils.experiments.environment import hardware
from fer_utils.faces import crop
from fer_utils.faces.compose import ClassPhoto, compose_many
from fer_utils.faces.detection_score import score
from fer_utils.faces.expression_model import DEFAULT, ExpressionModel
from fer_utils.faces.face_box import Detector, FaceBox
from fer_utils.records import composed_photos
from fer_utils.records.composed_photos import ComposedPhotos, Framing
from fer_utils.records.model_answers import model_hash
from fer_utils.training.full_run import check_is_folder_copy

PHOTOS = {"smoke": 2, "recorded": 2, "full": 60}  # recorded: where there is no record
SETTINGS = {"pupils": 24, "face": 80, "turn": 15.0}
MARGINS = (0.7, 0.8, 0.9, 1.0, 1.1, 1.2, 1.4)  # as `crop.grey` takes them
# (picture, boxes, framing) -> faces uint8 (N, 48, 48)
Cut = Callable[[np.ndarray, Sequence[FaceBox], Framing], np.ndarray]


def measured(profile: str, faces: FaceDataset, detector: Detector, seed: int = 0) -> ComposedPhotos:
    """The chapter's measurement with the package's model, in three profiles.

    "recorded" returns the record of the full run on FER2013, and where there is none reads two
    photos of `faces`; "smoke" reads two photos; "full" reads 60 photos of FER2013's PrivateTest,
    some minutes on two cores, and saves the record. faces: the whole data set.

    Raises ValueError for another profile, for a stale record, and in "full" for anything but the
    folder copy of FER2013.
    """
    if profile not in PHOTOS:
        raise ValueError(f"profile={profile!r}: expected one of {', '.join(PHOTOS)}")
    model_name = model_hash(DEFAULT)
    if profile == "full":
        check_is_folder_copy(faces)
    elif profile == "recorded":
        usual = framings(detector)[0]
        record = composed_photos.load("fer2013", detector.name, model=model_name, usual=usual)
        if record is not None:
            return record
    settings = {"photos": PHOTOS[profile], "seed": seed, **SETTINGS}
    described = {
        "dataset": faces.name,
        "fingerprint": faces.fingerprint,
        "model": model_name,
        "settings": settings,
    }
    photos, model = compose_many(faces.part("private_test"), **settings), ExpressionModel.default()
    found = read_photos(photos, detector, model, cut, framings(detector), described)
    if profile == "full":
        found.save()
    return found


def framings(detector: Detector) -> list[Framing]:
    """The package's own framing first, then every margin of `MARGINS`, aligned and not."""
    usual = Framing(crop.MARGINS[detector.name], True)
    margins = dict.fromkeys((usual.margin, *MARGINS))
    both = [Framing(margin, aligned) for margin in margins for aligned in (True, False)]
    return list(dict.fromkeys([usual, *both]))


def cut(rgb: np.ndarray, boxes: Sequence[FaceBox], framing: Framing) -> np.ndarray:
    """Grey faces uint8 (N, 48, 48) in that framing."""
    return crop.grey(rgb, boxes, margin=framing.margin, aligned=framing.aligned)


def read_photos(
    photos: Iterable[ClassPhoto],
    detector: Detector | None,
    model: ExpressionModel,
    cut_out: Cut,
    wanted: Sequence[Framing],
    described: Mapping[str, Any],
) -> ComposedPhotos:
    """Find, cut out and read the faces of each photo in every framing, the first being the usual.

    detector: None takes the true boxes, as if each was found. `described` are the fields of the
    record that say what was read: dataset, fingerprint, model, settings. One photo is in memory at
    a time. Raises ValueError for no photo.
    """
    labels, turns, alone, false = [], [], [], 0
    reads: dict[Framing, list[np.ndarray]] = {framing: [] for framing in wanted}
    for photo in photos:
        boxes = list(photo.boxes) if detector is None else detector.detect(photo.rgb)
        matched = score(photo.boxes, boxes)
        false += len(matched.false)
        labels.append(photo.labels)
        turns.append(np.rint(photo.turns).astype(np.int64))
        alone.append(classes_of(model, as_network(photo.images, model)))
        here = matched.of_true >= 0
        chosen = [boxes[i] for i in matched.of_true[here]]
        for framing in wanted:
            read = np.full(len(photo.labels), -1, np.int64)
            if chosen:
                read[here] = classes_of(model, cut_out(photo.rgb, chosen, framing))
            reads[framing].append(read)
    if not labels:
        raise ValueError("no photo to read: compose one at least")
    return ComposedPhotos(
        **described,
        detector=detector.name if detector else "none",
        classes=model.classes,
        labels=np.concatenate(labels),
        turns=np.concatenate(turns),
        alone=np.concatenate(alone),
        framings={framing: np.concatenate(parts) for framing, parts in reads.items()},
        usual=wanted[0],
        false_faces=false,
        hardware=hardware(),
    )


def classes_of(model: ExpressionModel, faces: np.ndarray) -> np.ndarray:
    """The most likely class of each face, int64 (N,)."""
    return model.probabilities(faces).argmax(1).astype(np.int64)


def as_network(images: np.ndarray, model: ExpressionModel) -> np.ndarray:
    """Grey faces (N, h, w) scaled to what the model takes, where they are of another size."""
    height, width = model.spec.input_shape[:2]
    if images.shape[1:] == (height, width):
        return images
    return np.stack(
        [cv2.resize(one, (width, height), interpolation=cv2.INTER_AREA) for one in images]
    )
