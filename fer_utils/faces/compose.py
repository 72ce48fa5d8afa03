"""Class photos put together from single faces, so that every box and every label is known.

A real class photo comes without a truth to count against, and with people in it who may not want
to be counted. Here the faces of a data set are scaled up, turned and pasted into drawn heads, in
rows, before a drawn wall. Data sets of faces are cut tightly, so hair, neck and shoulders are
drawn around each in the greys of its own border. The photos are black and white, as FER2013 is,
so that nothing but scale, turn and surroundings changes.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import cv2
import numpy as np

from fer_utils.data.dataset import FaceDataset
from fer_utils.faces.face_box import FaceBox

# Where a detector sees the face in a crop of FER2013: left, top, width, height as shares of the
# crop's side. The median of MTCNN's boxes over some of them, enlarged.
FACE_IN_CROP = (0.115, 0.01, 0.77, 1.0)
ACROSS, DOWN = 1.8, 1.65  # from one head to the next and from one row to the next, in faces
EDGE, FACE_EDGE = 0.16, 0.1  # of half a face: where the drawn head fades, and the face into it
JITTER = 0.08  # how far a head is off its place, in faces
PATCH = 1.6  # side of the square that a head is drawn in, in faces


@dataclass(frozen=True, eq=False)
class ClassPhoto:
    """A composed photo and the truth about it; faces row by row, the back row first."""

    rgb: np.ndarray  # uint8 (H, W, 3)
    boxes: tuple[FaceBox, ...]  # score 1, no landmarks
    labels: np.ndarray  # int64 (n,)
    images: np.ndarray  # uint8 (n, h, w), the faces before they were pasted
    turns: np.ndarray  # float (n,), degrees, positive clockwise


def compose(
    images: np.ndarray,
    labels: np.ndarray,
    seed: int = 0,
    face: int = 80,
    turn: float = 15.0,
) -> ClassPhoto:
    """One photo of all these faces; the same bytes for the same seed.

    images: uint8 (n, h, w). labels: int (n,). face: pixels that a side of an image gets, varied
    by 15% either way. turn: standard deviation of the heads' turns in the plane, degrees, cut at
    twice that. Raises ValueError for no face, another dtype or shape, lengths that differ, a face
    under 12 pixels.
    """
    images, labels = np.asarray(images), np.asarray(labels, np.int64)
    if images.ndim != 3 or images.dtype != np.uint8 or not len(images):
        raise ValueError(f"expected faces uint8 (n, h, w), got {images.dtype} {images.shape}")
    if labels.shape != (len(images),):
        raise ValueError(f"expected {len(images)} labels, one a face, got shape {labels.shape}")
    if face < 12:
        raise ValueError(f"face is {face}: a face needs at least 12 pixels")
    rng = np.random.default_rng(seed)
    places, width, height = _places(len(images), face, rng)
    sides = face * rng.uniform(0.85, 1.15, len(images))
    turns = np.clip(rng.normal(0, turn, len(images)), -2 * turn, 2 * turn)
    scene = _wall(width, height, face, rng)
    boxes = []
    for image, place, side, degrees in zip(images, places, sides, turns, strict=True):
        _body(scene, image, place, side, rng)
        _head(scene, image, place, side, degrees)
        left, top, across, down = (side * share for share in FACE_IN_CROP)
        corner = place - side / 2 + (left, top)
        boxes.append(FaceBox(*corner.tolist(), across, down, 1.0).clipped(width, height))
    grain = rng.normal(0, 1.5, scene.shape).astype(np.float32)
    grey = np.clip(np.rint(scene + grain), 0, 255).astype(np.uint8)
    return ClassPhoto(np.repeat(grey[..., None], 3, 2), tuple(boxes), labels, images, turns)


def compose_many(
    faces: FaceDataset, photos: int, pupils: int = 24, seed: int = 0, **options
) -> Iterator[ClassPhoto]:
    """Photos of `pupils` faces each, drawn at random, no face twice; `options` as in `compose`.

    Raises ValueError where the data set has too few faces.
    """
    if photos < 1 or pupils < 1 or photos * pupils > len(faces):
        raise ValueError(
            f"{photos} photos of {pupils} faces: expected at least one of each, and "
            f"{faces.name!r} has {len(faces)} faces"
        )
    chosen = np.random.default_rng([seed, photos]).permutation(len(faces))[: photos * pupils]
    for number, rows in enumerate(chosen.reshape(photos, pupils)):
        part = faces.take(rows)
        yield compose(part.images, part.labels, seed=seed * 1000 + number, **options)


def _places(n: int, face: int, rng: np.random.Generator) -> tuple[np.ndarray, int, int]:
    """Centres (n, 2) of the heads in pixels, rows staggered, and the picture's width, height."""
    rows = max(1, round(np.sqrt(n / 2.7)))
    across = -(-n // rows)
    row, column = np.divmod(np.arange(n), across)
    x = (column + 0.9 + 0.5 * (row % 2)) * ACROSS
    y = 1.3 + row * DOWN
    places = np.stack([x, y], 1) + rng.uniform(-JITTER, JITTER, (n, 2))
    width = (across + 0.8 + 0.5 * (rows > 1)) * ACROSS
    return places * face, round(width * face), round((1.3 + (rows - 1) * DOWN + 1.9) * face)


def _wall(width: int, height: int, face: int, rng: np.random.Generator) -> np.ndarray:
    """A panelled wall in the light of a window, float32 (height, width)."""
    x, y = np.meshgrid(np.linspace(-1, 1, width), np.linspace(0, 1, height))
    scene = (150 + 35 * np.exp(-((x - rng.uniform(-0.6, 0.6)) ** 2)) - 40 * y).astype(np.float32)
    for board in range(0, width, round(2.2 * face)):  # panels of the wall
        cv2.line(scene, (board, 0), (board, height), 118, max(1, face // 30), cv2.LINE_AA)
    cv2.line(scene, (0, height // 2), (width, height // 2), 118, max(1, face // 30), cv2.LINE_AA)
    return cv2.GaussianBlur(scene, (0, 0), 1.0)


def _body(
    scene: np.ndarray, image: np.ndarray, place: np.ndarray, side: float, rng: np.random.Generator
) -> None:
    """Neck in the grey of the chin, shoulders and chest down to the lower edge, and a collar."""
    height, width = image.shape
    chin = image[-max(1, height // 12) :, width // 3 : width - width // 3]
    skin, cloth = 0.88 * float(np.median(chin)), float(rng.uniform(35, 215))
    _fill(scene, [(-0.24, 0), (-0.27, 0.85), (0.27, 0.85), (0.24, 0)], place, side, skin)
    outline = [(-0.24, 0.68), (-0.6, 0.76), (-0.88, 0.92), (-1, 1.4), (-1, 9)]
    outline += [(-u, v) for u, v in reversed(outline)]
    _fill(scene, [(0.86 * u, v) for u, v in outline], place, side, cloth)
    _fill(scene, [(-0.21, 0.66), (0, 0.98), (0.21, 0.66)], place, side, skin)


def _fill(scene: np.ndarray, outline: list, place: np.ndarray, side: float, grey: float) -> None:
    """A polygon given in faces from the middle of one; OpenCV takes 4 bits below the pixel."""
    points = np.rint((np.array(outline) * side + place) * 16).astype(np.int32)
    cv2.fillPoly(scene, [points[:, None]], grey, cv2.LINE_AA, 4)


def _head(
    scene: np.ndarray, image: np.ndarray, place: np.ndarray, side: float, degrees: float
) -> None:
    """Hair and face, turned about the face's middle, painted into the scene."""
    size = int(np.ceil(PATCH * side)) | 1
    left, top = np.floor(place - size / 2).astype(int)
    x0, y0 = max(left, 0), max(top, 0)
    x1, y1 = min(left + size, scene.shape[1]), min(top + size, scene.shape[0])
    there = scene[y0:y1, x0:x1]
    for layer, weight in _layers(image, size, place - (left, top), side, degrees):
        inside = (slice(y0 - top, y1 - top), slice(x0 - left, x1 - left))
        there += weight[inside] * (layer[inside] - there)


def _layers(
    image: np.ndarray, size: int, centre: np.ndarray, side: float, degrees: float
) -> Iterator[tuple[np.ndarray, np.ndarray]]:
    """Greys and their opacity 0..1, float32 (size, size) each: hair, surroundings, face."""
    grey = image.astype(np.float32)
    if side < max(grey.shape):  # averaged down first, as a camera would
        grey = cv2.resize(grey, (round(side), round(side)), interpolation=cv2.INTER_AREA)
    hair = np.median(grey[: max(1, len(grey) // 12)])
    angle = np.deg2rad(degrees)
    turned = np.array([[np.cos(angle), -np.sin(angle)], [np.sin(angle), np.cos(angle)]])
    rows, columns = np.indices((size, size))
    offsets = np.stack([columns, rows], -1) + 0.5 - centre
    u, v = np.moveaxis(offsets @ turned, -1, 0) * 2 / side  # -1 to 1 over the image
    hair_there = np.hypot(u / 1.2, (v + 0.12) / 1.36)
    yield np.full((size, size), hair, np.float32), _fade(hair_there, EDGE)
    shape = np.array(grey.shape[::-1])
    at = np.stack([(u + 1) * shape[0] / 2 - 0.5, (v + 1) * shape[1] / 2 - 0.5]).astype(np.float32)
    face = cv2.remap(grey, *at, cv2.INTER_LINEAR, borderMode=cv2.BORDER_REPLICATE)
    soft = cv2.GaussianBlur(face, (0, 0), side / 12)  # continues the image beyond its border
    yield soft, _fade(np.hypot(u / 1.35, v / 1.38), EDGE)
    yield face, _fade((u**8 + v**8) ** (1 / 8), FACE_EDGE)


def _fade(radius: np.ndarray, edge: float) -> np.ndarray:
    """1 inside, 0 from radius 1 on, and a smooth edge of that width; float32."""
    share = np.clip((1 - radius) / edge, 0, 1)
    return (share * share * (3 - 2 * share)).astype(np.float32)
