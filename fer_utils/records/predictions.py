"""What a network said of a split's images, in memory and as the npz file of a run record.

Conventions:

- labels are the most likely class of each image, whole numbers 0 .. K-1, in the split's order;
- the npz file holds all splits of a record one after another: `labels` packed to a few bits each,
  and `log_probabilities` of the splits that keep them; how many images each split has stands in
  the record's JSON file.
"""

from __future__ import annotations

import io
from dataclasses import dataclass

import numpy as np

from fer_utils.records import packing


@dataclass(frozen=True, eq=False)
class Predictions:
    """What a network said of the images of one split.

    Log-probabilities are rounded on construction to what a record keeps (see `packing`), so that
    a run that has just finished and the same run read from its record give the same figures. The
    labels are never rounded.
    """

    labels: np.ndarray  # uint8 (n,), the most likely class before any rounding
    log_probabilities: np.ndarray | None = None  # float32 (n, K), natural log, rows sum to 1

    def __post_init__(self) -> None:
        labels = np.asarray(self.labels)
        if labels.ndim != 1 or (len(labels) and not 0 <= labels.min() <= labels.max() <= 255):
            raise ValueError(f"expected labels 0 to 255 of shape (n,), got shape {labels.shape}")
        object.__setattr__(self, "labels", labels.astype(np.uint8))
        if self.log_probabilities is not None:
            given = np.asarray(self.log_probabilities, dtype=np.float64)
            _check_log_probabilities(given, self.labels)
            packed = packing.pack_log_probabilities(given, self.labels)
            kept = packing.unpack_log_probabilities(packed, self.labels, given.shape[1])
            object.__setattr__(self, "log_probabilities", kept)

    @classmethod
    def from_logits(cls, logits: np.ndarray, keep: str = "labels") -> Predictions:
        """From a network's last layer, float (n, K), before softmax.

        keep: "labels" keeps the most likely class alone, "probabilities" also how likely each is.
        Raises ValueError for NaN or infinite logits and for another `keep`.
        """
        if keep not in ("labels", "probabilities"):
            raise ValueError(f'keep={keep!r}: expected "labels" or "probabilities"')
        logits = np.asarray(logits, dtype=np.float64)
        if logits.ndim != 2:
            raise ValueError(f"expected logits of shape (n, K), got {logits.shape}")
        if not np.isfinite(logits).all():
            row = int(np.flatnonzero(~np.isfinite(logits).all(axis=1))[0])
            raise ValueError(f"logits of image {row} are not finite: {logits[row]}")
        labels = logits.argmax(axis=1)
        if keep == "labels":
            return cls(labels)
        shifted = logits - logits.max(axis=1, keepdims=True, initial=-np.inf)
        return cls(labels, shifted - np.log(np.exp(shifted).sum(axis=1, keepdims=True)))

    @classmethod
    def from_probabilities(cls, probabilities: np.ndarray, keep: str = "labels") -> Predictions:
        """From probabilities float (n, K), rows >= 0 that sum to 1 (an average of views, say)."""
        probabilities = np.asarray(probabilities, dtype=np.float64)
        sums = probabilities.sum(axis=-1)
        if not (probabilities >= 0).all() or not np.allclose(sums, 1, atol=1e-3):
            raise ValueError("expected rows of probabilities >= 0 that sum to 1; these are logits?")
        return cls.from_logits(np.log(np.maximum(probabilities, 1e-30)), keep)

    @property
    def probabilities(self) -> np.ndarray | None:
        """float64 (n, K), rows sum to 1; None where only labels are known.

        The label is the most likely class of each row, by a millionth where another one is as
        likely as it after rounding: so `argmax` never tells another accuracy than the labels.
        """
        if self.log_probabilities is None:
            return None
        likely = np.exp(self.log_probabilities.astype(np.float64))
        likely[np.arange(len(self)), self.labels] *= 1 + 1e-6
        return likely / likely.sum(axis=1, keepdims=True)

    def __len__(self) -> int:
        return len(self.labels)

    def __repr__(self) -> str:
        known = "labels only" if self.log_probabilities is None else "with probabilities"
        return f"Predictions of {len(self):,} images, {known}"

    def entry(self) -> dict:
        """What the JSON file says of these predictions."""
        return {"n": len(self), "probabilities": self.log_probabilities is not None}


def write_npz(predictions: dict[str, Predictions], classes: int) -> bytes:
    """The npz file of a record: labels of all splits in one array, log-probabilities in another."""
    for split, entry in predictions.items():
        known = entry.log_probabilities
        if known is not None and known.shape[1] != classes:
            raise ValueError(f"{split}: {known.shape[1]} log-probabilities for {classes} classes")
    if not predictions:
        raise ValueError("a record needs the predictions of one split at least")
    made = list(predictions.values())
    labels = np.concatenate([entry.labels for entry in made])
    arrays = {"labels": packing.pack_labels(labels, classes)}
    likely = [
        packing.pack_log_probabilities(entry.log_probabilities, entry.labels)
        for entry in made
        if entry.log_probabilities is not None
    ]
    if likely:
        arrays["log_probabilities"] = np.concatenate(likely, axis=1)
    buffer = io.BytesIO()
    np.savez_compressed(buffer, **arrays)
    return buffer.getvalue()


def read_npz(content: bytes, entries: dict[str, dict], classes: int) -> dict[str, Predictions]:
    """Predictions by split, from an npz file and the entries of its JSON file.

    Raises ValueError where they do not fit together.
    """
    with np.load(io.BytesIO(content), allow_pickle=False) as arrays:
        total = sum(entry["n"] for entry in entries.values())
        labels = packing.unpack_labels(arrays["labels"], total, classes)
        likely = arrays["log_probabilities"] if "log_probabilities" in arrays else None
    keeping = sum(entry["n"] for entry in entries.values() if entry["probabilities"])
    if keeping != (0 if likely is None else likely.shape[1]):
        raise ValueError(f"expected log-probabilities of {keeping} images")
    made, start, used = {}, 0, 0
    for split, entry in entries.items():
        own, log_probabilities = labels[start : start + entry["n"]], None
        if entry["probabilities"]:
            part = likely[:, used : used + entry["n"]]
            log_probabilities = packing.unpack_log_probabilities(part, own, classes)
            used += entry["n"]
        made[split] = Predictions(own, log_probabilities)
        start += entry["n"]
    return made


def _check_log_probabilities(values: np.ndarray, labels: np.ndarray) -> None:
    """Raise ValueError unless they are finite, (n, K), and the labels are their most likely."""
    if values.ndim != 2 or len(values) != len(labels):
        raise ValueError(f"expected log-probabilities ({len(labels)}, K), got {values.shape}")
    if np.isnan(values).any():
        row = int(np.flatnonzero(np.isnan(values).any(axis=1))[0])
        raise ValueError(f"log-probabilities of image {row} hold NaN: {values[row]}")
    if len(labels) and labels.max() >= values.shape[1]:
        raise ValueError(f"label {labels.max()} for {values.shape[1]} classes")
    own = values[np.arange(len(labels)), labels]
    off = np.flatnonzero(own < values.max(axis=1, initial=-np.inf) - 1e-4)
    if len(off):
        raise ValueError(
            f"label {labels[off[0]]} of image {off[0]} is not its most likely class, "
            f"log-probabilities {values[off[0]]}"
        )
