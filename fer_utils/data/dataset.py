"""The one type every chapter learns from: pictures of faces with an emotion each.

Conventions, here and in the whole package:

- pictures are grey, uint8, 0 (black) to 255 (white), shape (N, H, W);
- labels are int64, an index into ``classes``; the order is that of ``fer2013.csv`` (`CLASSES`);
- ``split`` names for each picture the part of the data set it belongs to (`SPLITS`);
- the order of the pictures never changes: `part`, `take` and `with_classes` only leave some out.
"""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import cached_property

import numpy as np

CLASSES = ("angry", "disgust", "fear", "happy", "sad", "surprise", "neutral")
FIVE_CLASSES = ("angry", "happy", "sad", "surprise", "neutral")
THREE_CLASSES = ("happy", "sad", "neutral")
SPLITS = ("train", "public_test", "private_test")
TEST_SPLITS = ("public_test", "private_test")


@dataclass(frozen=True, eq=False)
class FaceDataset:
    """Pictures of faces, their emotions and the split each belongs to.

    Raises `ValueError` when the arrays do not fit together: wrong shape or dtype, lengths that
    differ, a label outside ``0 .. len(classes) - 1``.
    """

    images: np.ndarray  # uint8 (N, H, W), may be a read-only memory map
    labels: np.ndarray  # int64 (N,), index into classes
    classes: tuple[str, ...]
    split: np.ndarray  # (N,) str, one of SPLITS (or "validation")
    name: str  # "fer2013", "fer2013-csv", "drawn_faces", ...
    action_units: np.ndarray | None = None  # uint8 (N, A), 0 or 1
    action_unit_names: tuple[str, ...] = ()
    subject: np.ndarray | None = None  # int64 (N,), who is in the picture
    known_fingerprint: str | None = None  # a trusted value from the cache spares hashing

    def __post_init__(self) -> None:
        object.__setattr__(self, "classes", tuple(self.classes))
        object.__setattr__(self, "action_unit_names", tuple(self.action_unit_names))
        object.__setattr__(self, "split", np.asarray(self.split, dtype=np.str_))
        _check_images(self.images)
        _check_labels(self.labels, self.classes, len(self.images))
        _check_optional(self)

    def __len__(self) -> int:
        return len(self.images)

    def __repr__(self) -> str:
        height, width = self.images.shape[1:]
        parts = ", ".join(f"{split} {sum(n.values()):,}" for split, n in self.counts().items())
        return (
            f"FaceDataset {self.name!r}: {len(self):,} pictures {height}x{width}, "
            f"{len(self.classes)} classes ({parts})"
        )

    def _repr_html_(self) -> str:
        """A table of counts per class and split, shown by notebooks."""
        counts = self.counts()
        head = "".join(f"<th>{split}</th>" for split in counts)
        rows = "".join(
            f"<tr><td>{name}</td>"
            + "".join(f"<td>{counts[split][name]:,}</td>" for split in counts)
            + "</tr>"
            for name in self.classes
        )
        total = "".join(f"<th>{sum(n.values()):,}</th>" for n in counts.values())
        height, width = self.images.shape[1:]
        return (
            f"<p><b>{self.name}</b>: {len(self):,} pictures, {height}x{width} pixels, grey</p>"
            f"<table><thead><tr><th>class</th>{head}</tr></thead><tbody>{rows}"
            f"<tr><th>all</th>{total}</tr></tbody></table>"
        )

    @cached_property
    def fingerprint(self) -> str:
        """sha256 (hex) over pictures, labels and split: equal if and only if the data are."""
        if self.known_fingerprint is not None:
            return self.known_fingerprint
        return compute_fingerprint(self.images, self.labels, self.split)

    def part(self, split: str) -> FaceDataset:
        """The pictures of one split, in the same order; ``"test"`` is both test splits."""
        wanted = TEST_SPLITS if split == "test" else (split,)
        mask = np.isin(self.split, wanted)
        if not mask.any():
            there = ", ".join(self.counts()) or "none"
            raise ValueError(f"no split {split!r} in data set {self.name!r}; its splits: {there}")
        return self.take(np.flatnonzero(mask))

    def take(self, indices: np.ndarray | Sequence[int]) -> FaceDataset:
        """The pictures at these positions (integers, or a mask of N booleans), in that order."""
        indices = _as_indices(indices, len(self))
        if len(indices) == len(self) and np.array_equal(indices, np.arange(len(self))):
            return self
        return replace(
            self,
            images=np.asarray(self.images[_as_slice(indices)]),
            labels=self.labels[indices],
            split=self.split[indices],
            action_units=None if self.action_units is None else self.action_units[indices],
            subject=None if self.subject is None else self.subject[indices],
            known_fingerprint=None,
        )

    def with_classes(self, names: Sequence[str]) -> FaceDataset:
        """Only the pictures of these classes, labels renumbered in the order of ``names``."""
        names = tuple(names)
        if names == self.classes:
            return self
        labels = renumber(self.labels, self.classes, names)
        kept = self.take(np.flatnonzero(labels >= 0))
        return replace(
            kept,
            labels=labels[labels >= 0],
            classes=names,
            known_fingerprint=None,
        )

    def counts(self) -> dict[str, dict[str, int]]:
        """Pictures per split and class, ``{split: {class: n}}``, splits in the usual order."""
        present = np.unique(self.split)
        known = [split for split in SPLITS if split in present]
        others = [str(split) for split in present if split not in SPLITS]
        table = {}
        for split in known + others:
            numbers = np.bincount(self.labels[self.split == split], minlength=len(self.classes))
            table[split] = dict(zip(self.classes, numbers.tolist(), strict=True))
        return table


def renumber(labels: np.ndarray, classes: Sequence[str], names: Sequence[str]) -> np.ndarray:
    """Labels of ``classes`` as labels of ``names``, -1 where a class is not among them.

    labels: int (N,), index into ``classes``. Returns int64 (N,), index into ``names`` or -1.
    """
    unknown = [name for name in names if name not in classes]
    if unknown or not names or len(set(names)) != len(names):
        raise ValueError(
            f"expected distinct class names out of {', '.join(classes)}; got {tuple(names)}"
        )
    new = np.array([names.index(name) if name in names else -1 for name in classes], dtype=np.int64)
    return new[np.asarray(labels)]


def compute_fingerprint(images: np.ndarray, labels: np.ndarray, split: np.ndarray) -> str:
    """sha256 (hex) over shape and bytes of the pictures, the labels (int64) and the splits."""
    digest = hashlib.sha256()
    digest.update(repr(tuple(images.shape)).encode())
    for start in range(0, len(images), 4096):
        digest.update(np.ascontiguousarray(images[start : start + 4096]))
    digest.update(np.ascontiguousarray(labels, dtype="<i8"))
    digest.update("\n".join(split.tolist()).encode())
    return digest.hexdigest()


def _as_indices(indices, length: int) -> np.ndarray:
    indices = np.asarray(indices)
    if indices.dtype == bool:
        if indices.shape != (length,):
            raise ValueError(f"expected a mask of shape ({length},), got {indices.shape}")
        return np.flatnonzero(indices)
    if indices.size == 0:
        return np.zeros(0, dtype=np.int64)
    if indices.ndim != 1 or not np.issubdtype(indices.dtype, np.integer):
        raise ValueError(
            f"expected whole numbers or a mask, shape (n,); got {indices.dtype} {indices.shape}"
        )
    if indices.min() < -length or indices.max() >= length:
        raise IndexError(
            f"index {indices.min()} to {indices.max()} outside a data set of {length} pictures"
        )
    return indices.astype(np.int64) % length


def _as_slice(indices: np.ndarray) -> np.ndarray | slice:
    """A slice where the indices are a run without gaps: no copy of a memory map then."""
    if len(indices) and np.array_equal(indices, np.arange(indices[0], indices[0] + len(indices))):
        return slice(int(indices[0]), int(indices[0]) + len(indices))
    return indices


def _check_images(images) -> None:
    if not isinstance(images, np.ndarray) or images.dtype != np.uint8 or images.ndim != 3:
        got = f"{images.dtype} {images.shape}" if isinstance(images, np.ndarray) else type(images)
        raise ValueError(
            f"expected images uint8 (N, height, width), got {got}; "
            "divide nothing and pass the raw grey pixels"
        )


def _check_labels(labels, classes: tuple[str, ...], n: int) -> None:
    if not isinstance(labels, np.ndarray) or labels.dtype != np.int64 or labels.shape != (n,):
        got = f"{labels.dtype} {labels.shape}" if isinstance(labels, np.ndarray) else type(labels)
        raise ValueError(f"expected labels int64 ({n},), one per picture; got {got}")
    bad = np.flatnonzero((labels < 0) | (labels >= len(classes)))
    if len(bad):
        raise ValueError(
            f"label {labels[bad[0]]} of picture {bad[0]} is outside 0 to {len(classes) - 1} "
            f"({len(classes)} classes: {', '.join(classes)})"
        )


def _check_optional(data: FaceDataset) -> None:
    n = len(data.images)
    if data.split.shape != (n,):
        raise ValueError(f"expected split of shape ({n},), got {data.split.shape}")
    if data.subject is not None and data.subject.shape != (n,):
        raise ValueError(f"expected subject of shape ({n},), got {data.subject.shape}")
    units = (n, len(data.action_unit_names))
    if data.action_units is not None and data.action_units.shape != units:
        raise ValueError(
            f"expected action_units of shape {units} (one column per name), "
            f"got {data.action_units.shape}"
        )
