"""What the chapters know of FER2013 without having it: the data card in ``results/data``.

``fer2013.json`` holds counts, moments and the figures of the audit; ``fer2013.npz`` holds what is
needed to score stored predictions: the label, split and leak of every picture, and what a
1-nearest-neighbour classifier answers on the test splits. No picture is in it. Whole numbers are
packed to as many bits as they need (`pack_bits`). The card belongs to the folder copy of FER2013,
whose fingerprint it carries.
"""

from __future__ import annotations

import hashlib
import io
import json
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from fer_utils.data.audit import Audit, audit
from fer_utils.data.bits import pack_bits, unpack_bits
from fer_utils.data.dataset import SPLITS, TEST_SPLITS, FaceDataset, renumber
from fer_utils.data.fetch import moments
from fer_utils.data.neighbours import nearest_neighbour
from fer_utils.data.splits import SPLIT_SEED, VALIDATION_FRACTION, stratified_holdout
from fer_utils.paths import atomic_write, results_dir

SCHEMA = 1
REMAKE = "`python -m fer_utils data card`, with FER2013 on this machine"
NEIGHBOUR_KINDS = ("with_leaks", "without_leaks")
_NO_LEAK, _NEAR_IDENTICAL, _IDENTICAL = 0, 1, 2


@dataclass(frozen=True, eq=False)
class DataCard:
    """The facts of one data set; arrays are in its order, N pictures."""

    name: str
    fingerprint: str
    classes: tuple[str, ...]
    counts: dict[str, dict[str, int]]  # {split: {class: n}}
    moments: dict[str, dict[str, float]]  # {"all" or class: {mean, std, std_within_picture}}
    audit: dict  # as Audit.figures()
    labels: np.ndarray  # int64 (N,)
    split: np.ndarray  # (N,) str
    leak: np.ndarray  # uint8 (N,): 2 identical to a Training picture, 1 near-identical, 0 neither
    nearest_neighbour: dict[str, np.ndarray]  # {kind: int64 labels (n,), both tests, card's order}

    def __repr__(self) -> str:
        return f"DataCard of {self.name!r}: {len(self.labels):,} pictures, {self.fingerprint[:12]}"

    def labels_of(self, split: str, classes: Sequence[str] | None = None) -> np.ndarray:
        """True labels of a split, int64 (n,), in the order of ``FaceDataset.part(split)``.

        split: one of `SPLITS`, "test" (both tests) or "validation" (as `validation_tenth`).
        classes: only pictures of these, labels renumbered in their order.
        """
        labels = renumber(self.labels[self._positions(split)], self.classes, self._names(classes))
        return labels[labels >= 0]

    def leak_free(
        self, split: str, classes: Sequence[str] | None = None, near: bool = False
    ) -> np.ndarray:
        """bool (n,), aligned with `labels_of`: test pictures that do not stand in Training.

        ``near``: near-identical ones count as standing there, too. A picture counts as standing
        in Training even if its copy there has a label outside ``classes``.
        """
        if split not in (*TEST_SPLITS, "test"):
            raise ValueError(
                f"expected a test split (test, {', '.join(TEST_SPLITS)}), got {split!r}"
            )
        at = self._positions(split)
        kept = renumber(self.labels[at], self.classes, self._names(classes)) >= 0
        return self.leak[at][kept] < (_NEAR_IDENTICAL if near else _IDENTICAL)

    def neighbour_labels(self, split: str, leaks: bool = True) -> np.ndarray:
        """What 1-nearest-neighbour answers on a test split, int64 (n,), aligned with `labels_of`.

        leaks: with all of Training, or without the Training pictures that are identical to a test
        picture.
        """
        wanted = (split,) if split in TEST_SPLITS else TEST_SPLITS if split == "test" else ()
        if not wanted:
            raise ValueError(
                f"expected a test split (test, {', '.join(TEST_SPLITS)}), got {split!r}"
            )
        answers = self.nearest_neighbour[NEIGHBOUR_KINDS[0 if leaks else 1]]
        return answers[np.isin(self.split[self._positions("test")], wanted)]

    def save(self, folder: str | Path | None = None) -> Path:
        """Write ``fer2013.npz``, then ``fer2013.json`` that names its hash; returns the latter."""
        if self.name != "fer2013":
            raise ValueError(
                f"the data card is that of the folder copy of FER2013, not of {self.name!r}"
            )
        path = card_path(folder)
        content = self._npz()
        atomic_write(path.with_suffix(".npz"), content)
        notes = {
            "schema": SCHEMA,
            "name": self.name,
            "fingerprint": self.fingerprint,
            "classes": list(self.classes),
            "pictures": len(self.labels),
            "npz_sha256": hashlib.sha256(content).hexdigest(),
            "counts": self.counts,
            "moments": self.moments,
            "audit": self.audit,
        }
        atomic_write(path, (json.dumps(notes, indent=1) + "\n").encode())
        return path

    def _positions(self, split: str) -> np.ndarray:
        if split == "validation":
            train = self._positions("train")
            return train[stratified_holdout(self.labels[train], VALIDATION_FRACTION, SPLIT_SEED)[1]]
        if split not in (*SPLITS, "test"):
            raise ValueError(f"expected {', '.join(SPLITS)}, test or validation; got {split!r}")
        return np.flatnonzero(np.isin(self.split, TEST_SPLITS if split == "test" else (split,)))

    def _names(self, classes: Sequence[str] | None) -> tuple[str, ...]:
        return self.classes if classes is None else tuple(classes)

    def _npz(self) -> bytes:
        splits = np.array([SPLITS.index(name) for name in self.split])
        buffer = io.BytesIO()
        np.savez_compressed(
            buffer,
            labels=pack_bits(self.labels, _bits(len(self.classes))),
            split=pack_bits(splits, 2),
            leak=pack_bits(self.leak, 2),
            **{
                kind: pack_bits(v, _bits(len(self.classes)))
                for kind, v in self.nearest_neighbour.items()
            },
        )
        return buffer.getvalue()


def make_card(dataset: FaceDataset, checked: Audit | None = None) -> DataCard:
    """The card of a data set with all three splits: audits it, and classifies by 1-NN (20 s).

    checked: the data set's audit where it is known already.
    """
    found = checked or audit(dataset)
    train, test = dataset.part("train"), dataset.part("test")
    leak = np.where(found.in_train, _IDENTICAL, np.where(found.near_in_train, _NEAR_IDENTICAL, 0))
    copies = copied_to_test(found)
    neighbours = {
        kind: train.labels[nearest_neighbour(train.images, test.images, exclude)]
        for kind, exclude in zip(NEIGHBOUR_KINDS, (None, copies), strict=True)
    }
    by_class = {
        name: dataset.images[dataset.labels == label] for label, name in enumerate(dataset.classes)
    }
    return DataCard(
        name=dataset.name,
        fingerprint=dataset.fingerprint,
        classes=dataset.classes,
        counts=dataset.counts(),
        moments={
            name: {key: round(value, 4) for key, value in moments(images).items()}
            for name, images in {"all": dataset.images, **by_class}.items()
        },
        audit=found.figures(),
        labels=dataset.labels,
        split=dataset.split,
        leak=leak.astype(np.uint8),
        nearest_neighbour=neighbours,
    )


def copied_to_test(found: Audit) -> np.ndarray:
    """bool, in the order of ``part("train")``: Training pictures identical to a test picture."""
    split = found.dataset.split
    copied = np.zeros(len(split), dtype=bool)
    for group in found.groups:
        if np.isin(split[group], TEST_SPLITS).any():
            copied[group[split[group] == "train"]] = True
    return copied[split == "train"]


def load_card(folder: str | Path | None = None) -> DataCard:
    """The card in ``results/data`` (or ``folder``).

    Raises `FileNotFoundError` when it is not there and `ValueError` when it is damaged, of another
    schema, or its two files do not belong together.
    """
    path = card_path(folder)
    for file in (path, path.with_suffix(".npz")):
        if not file.is_file():
            raise FileNotFoundError(
                f"{file}: the data card of FER2013 is missing; {REMAKE} makes it"
            )
    content = path.with_suffix(".npz").read_bytes()
    try:
        notes = json.loads(path.read_text(encoding="utf-8"))
        schema, expected = notes["schema"], notes["npz_sha256"]
    except (ValueError, KeyError, TypeError) as error:
        raise ValueError(f"{path}: not a data card or cut short ({error}); {REMAKE}") from error
    if schema != SCHEMA:
        raise ValueError(f"{path}: schema {schema}, this version of fer_utils reads {SCHEMA}")
    if hashlib.sha256(content).hexdigest() != expected:
        raise ValueError(
            f"{path.with_suffix('.npz')}: does not belong to {path.name} (another hash); {REMAKE}"
        )
    return _from_notes(notes, content)


def _from_notes(notes: dict, content: bytes) -> DataCard:
    classes, n = tuple(notes["classes"]), notes["pictures"]
    with np.load(io.BytesIO(content), allow_pickle=False) as arrays:
        split = np.array(SPLITS)[unpack_bits(arrays["split"], n, 2)]
        n_test = int(np.isin(split, TEST_SPLITS).sum())
        return DataCard(
            labels=unpack_bits(arrays["labels"], n, _bits(len(classes))).astype(np.int64),
            split=split,
            leak=unpack_bits(arrays["leak"], n, 2),
            nearest_neighbour={
                kind: unpack_bits(arrays[kind], n_test, _bits(len(classes))).astype(np.int64)
                for kind in NEIGHBOUR_KINDS
            },
            classes=classes,
            **{key: notes[key] for key in ("name", "fingerprint", "counts", "moments", "audit")},
        )


def _bits(classes: int) -> int:
    return max(1, (classes - 1).bit_length())


def card_path(folder: str | Path | None = None) -> Path:
    """The JSON file of the data card."""
    return (Path(folder) if folder else results_dir() / "data") / "fer2013.json"
