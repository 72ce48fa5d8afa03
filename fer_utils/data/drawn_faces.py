"""Drawn faces: parametric portraits with facial action units (AU), deterministic by seed.

No photo is used: a face is about a hundred filled polygons, moved by one slider in 0..1 per AU of
the Facial Action Coding System, by who is drawn (`Identity`) and by how it is seen (`Pose`).
`draw` draws one face, `dataset` a labelled `FaceDataset` with the AUs of each face. The same call
gives the same bytes on the same versions of NumPy and OpenCV.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np

from fer_utils.data.dataset import CLASSES, SPLITS, FaceDataset
from fer_utils.data.drawn_face_expressions import (
    ABSENT_UP_TO,
    ACTION_UNIT_NAMES,
    ACTION_UNITS,
    FREQUENCIES,
    OCCASIONAL,
    PRESENT_FROM,
    intensities,
    present,
    sample_action_units,
)
from fer_utils.data.drawn_face_geometry import Faces
from fer_utils.data.drawn_face_identity import (
    HAIR_STYLES,
    Identity,
    Pose,
    columns,
    sample_identity,
    sample_pose,
)
from fer_utils.data.drawn_face_render import Painter, fill_and_reduce, render
from fer_utils.data.fer2013 import PUBLISHED_COUNTS

__all__ = [
    "ABSENT_UP_TO",
    "ACTION_UNITS",
    "ACTION_UNIT_NAMES",
    "FREQUENCIES",
    "HAIR_STYLES",
    "OCCASIONAL",
    "PRESENT_FROM",
    "Identity",
    "Pose",
    "dataset",
    "draw",
    "draw_many",
    "present",
    "sample_action_units",
    "sample_identity",
    "sample_pose",
]

FACES_PER_SUBJECT = 4
_CHUNK = 128  # faces whose geometry is computed at once


def draw(
    action_units: Mapping[int, float] | None = None,
    identity: Identity | None = None,
    pose: Pose | None = None,
    size: int = 48,
    noise_seed: int | None = None,
) -> np.ndarray:
    """One face, uint8 (size, size).

    Args:
        action_units: intensity in 0..1 by AU number; AUs not named are 0.
        identity: who; an average face by default.
        pose: from where and in what light; frontal by default.
        size: side of the picture in pixels, at least 16.
        noise_seed: seed of the camera noise, as strong as `pose.noise`; no noise if None.

    Raises:
        ValueError: an AU that is not drawn, an intensity outside 0..1, a size below 16.
    """
    rng = None if noise_seed is None else np.random.default_rng(noise_seed)
    return draw_many([action_units or {}], [identity or Identity()], [pose or Pose()], size, [rng])[
        0
    ]


def draw_many(
    action_units: Sequence[Mapping[int, float]],
    identities: Sequence[Identity],
    poses: Sequence[Pose],
    size: int = 48,
    noise: Sequence[np.random.Generator | None] | None = None,
    paint: Painter = fill_and_reduce,
) -> np.ndarray:
    """n faces, uint8 (n, size, size): as by `draw`, several times faster than one by one.

    `noise` gives each face the generator of its camera noise, None for no noise; `paint` fills
    the polygons of one face (see `drawn_face_render`).
    """
    if size < 16:
        raise ValueError(f"size is {size}: a face needs at least 16 pixels a side")
    n = len(action_units)
    noise = [None] * n if noise is None else list(noise)
    if not len(identities) == len(poses) == len(noise) == n:
        raise ValueError(
            f"{n} sets of action units, {len(identities)} identities, {len(poses)} poses and "
            f"{len(noise)} noise generators: give as many of each"
        )
    out = np.empty((n, size, size), np.uint8)
    for start in range(0, n, _CHUNK):
        part = slice(start, start + _CHUNK)
        values = np.array([intensities(units) for units in action_units[part]], np.float32)
        au = {number: values[:, k : k + 1] for k, number in enumerate(ACTION_UNITS)}
        faces = Faces(au, columns(identities[part]), columns(poses[part]))
        out[part] = render(faces, size, noise[part], paint)
    return out


def dataset(
    n: int = 2000,
    seed: int = 0,
    size: int = 48,
    classes: Sequence[str] = CLASSES,
    subjects: int | None = None,
    frequencies: str = "balanced",
) -> FaceDataset:
    """n drawn faces with emotions, AUs and subjects, named "drawn_faces".

    Rows are sorted by split: about 80% train, 10% public_test, 10% private_test of each class.
    No subject is in two splits. `action_units` is uint8 (n, 18) with names "AU1", "AU2", ...

    Args:
        n: number of faces.
        seed: every seed gives other people with other faces.
        size: side of the pictures in pixels.
        classes: emotions to draw; labels follow this order.
        subjects: number of different people, 3 to n; one per four faces by default.
        frequencies: "balanced" (as many of each class) or "fer2013" (FER2013's proportions).

    Raises:
        ValueError: an unknown emotion, frequencies or number of subjects.
    """
    classes = tuple(classes)
    _check(n, classes, frequencies)
    weights = [PUBLISHED_COUNTS["train"][c] if frequencies == "fer2013" else 1 for c in classes]
    labels, split = _labels_and_splits(_shares(n, weights), np.random.default_rng([seed, 2]))
    subject = _assign_subjects(
        split, max(3, n // FACES_PER_SUBJECT) if subjects is None else subjects
    )
    people = [
        sample_identity(np.random.default_rng([seed, 0, k])) for k in range(subject.max() + 1)
    ]
    rngs = [np.random.default_rng([seed, 1, k]) for k in range(n)]
    units = [sample_action_units(classes[k], rng) for k, rng in zip(labels, rngs, strict=True)]
    poses = [sample_pose(rng) for rng in rngs]
    images = draw_many(units, [people[k] for k in subject], poses, size, rngs)
    return FaceDataset(
        images=images,
        labels=labels,
        classes=classes,
        split=split,
        name="drawn_faces",
        action_units=np.stack([present(u) for u in units]),
        action_unit_names=ACTION_UNIT_NAMES,
        subject=subject,
    )


def _check(n: int, classes: tuple[str, ...], frequencies: str) -> None:
    if unknown := [name for name in classes if name not in FREQUENCIES]:
        raise ValueError(f"unknown emotion {unknown[0]!r}: expected some of {CLASSES}")
    if not classes or len(set(classes)) < len(classes):
        raise ValueError(f"classes {classes}: expected at least one emotion, none twice")
    if n < 3 * len(classes):
        raise ValueError(
            f"n is {n}: {len(classes)} classes in three splits need {3 * len(classes)}"
        )
    if frequencies not in ("balanced", "fer2013"):
        raise ValueError(f'frequencies is {frequencies!r}: expected "balanced" or "fer2013"')


def _shares(n: int, weights: Sequence[float]) -> np.ndarray:
    """n split in proportion to the weights, the largest remainders rounded up; int64 (K,)."""
    exact = n * np.asarray(weights, float) / np.sum(weights)
    counts = np.floor(exact).astype(np.int64)
    counts[np.argsort(counts - exact, kind="stable")[: n - counts.sum()]] += 1
    return counts


def _labels_and_splits(counts: np.ndarray, rng: np.random.Generator) -> tuple:
    """Labels int64 (n,), shuffled within each split, and splits (n,), one split after another."""
    tests = np.where(counts >= 3, np.maximum(1, np.rint(counts / 10).astype(np.int64)), 0)
    parts = [np.repeat(np.arange(len(counts)), k) for k in (counts - 2 * tests, tests, tests)]
    labels = np.concatenate([rng.permutation(part) for part in parts]).astype(np.int64)
    return labels, np.repeat(SPLITS, [len(part) for part in parts])


def _assign_subjects(split: np.ndarray, subjects: int) -> np.ndarray:
    """Subject of each face, int64 (n,): each split has its own people, used equally often."""
    sizes = [int((split == name).sum()) for name in SPLITS]
    if not 3 <= subjects <= len(split):
        raise ValueError(f"subjects is {subjects}: expected 3 (one a split) to n = {len(split)}")
    tests = [max(1, subjects * size // len(split)) for size in sizes[1:]]
    people = [subjects - sum(tests), *tests]
    first = np.cumsum([0, *people[:-1]])
    return np.concatenate(
        [start + np.arange(size) % k for start, size, k in zip(first, sizes, people, strict=True)]
    ).astype(np.int64)
