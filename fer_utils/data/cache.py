"""Reading a data set once: later it is one memory-mapped uint8 array.

A cache is a folder ``<cache_dir>/arrays/<name>-<signature>`` with

- ``images.npy``: uint8 (N, H, W), opened with ``mmap_mode="r"``;
- ``rows.npy``: uint8 (2, N), the label and the number of the split of each picture;
- ``cache.json``: classes, splits, fingerprint, and the size in bytes of both arrays.

The signature is a hash of what is quick to see of the source (names, sizes and times of change),
so a source that changed is read again; a single picture overwritten in place, in a large folder,
may go unseen, which ``reread`` cures. The folder is written under another name and renamed, so
it is there whole or not at all; one that is damaged nevertheless is built again.
"""

from __future__ import annotations

import hashlib
import json
import os
import shutil
import time
import uuid
import warnings
from collections.abc import Callable
from pathlib import Path

import numpy as np

from fer_utils.data.dataset import FaceDataset
from fer_utils.data.readers import FOLDERS, is_clutter
from fer_utils.paths import cache_dir

SCHEMA = 1
LOOKED_AT = 256  # pictures of each class folder whose size and time tell of a change, at least
ABANDONED_AFTER = 3600.0  # seconds: a folder being written for longer belongs to a dead process


def folder_signature(path: str | Path) -> str:
    """Hash (hex) over what is quick to see of an image folder, without opening a picture.

    That is every file name below train/ and test/, when each class folder last changed, and size
    and time of change of some 256 to 511 pictures of each, evenly spaced (of all, where there are
    fewer). Asking for all 35,887 takes five times as long, minutes on some network disks.
    """
    digest = hashlib.sha256(b"folder")
    for folder in FOLDERS:
        for name in sorted(os.listdir(os.path.join(path, folder))):
            place = os.path.join(path, folder, name)
            if is_clutter(name) or not os.path.isdir(place):
                continue
            pictures = sorted(entry for entry in os.listdir(place) if not is_clutter(entry))
            looked_at = pictures[:: max(1, len(pictures) // LOOKED_AT)]
            seen = [os.stat(os.path.join(place, picture)) for picture in looked_at]
            facts = [os.stat(place).st_mtime_ns, *((s.st_size, s.st_mtime_ns) for s in seen)]
            digest.update(repr((folder, name, pictures, facts)).encode())
    return digest.hexdigest()


def file_signature(path: str | Path) -> str:
    """Hash (hex) over the path, size and time of change of one file."""
    path = Path(path).resolve()
    stat = path.stat()
    return hashlib.sha256(f"file {path} {stat.st_size} {stat.st_mtime_ns}".encode()).hexdigest()


def cached(
    name: str,
    signature: str,
    source: str | Path,
    read: Callable[[], FaceDataset],
    reread: bool = False,
) -> FaceDataset:
    """The data set with this signature, from the cache or else from ``read()``, then cached.

    ``source`` is where it is read from; older caches of the same source are removed. ``reread``
    takes nothing from the cache, and writes it anew. When the
    cache cannot be written (a full or read-only disk) the data set is returned all the same,
    with a warning.
    """
    place = cache_dir() / "arrays" / f"{name}-{signature[:16]}"
    kept = None if reread else _open(place, name, signature)
    if kept is not None:
        return kept
    dataset = read()
    try:
        _write(place, dataset, signature, str(source))
    except OSError as error:
        warnings.warn(
            f"FER2013 was read but not kept for next time: {error}. "
            "Set FER_UTILS_CACHE to a folder that can be written.",
            stacklevel=3,
        )
        return dataset
    return _open(place, name, signature) or dataset


def _open(place: Path, name: str, signature: str) -> FaceDataset | None:
    """The cached data set; None when it is not there, damaged or of another schema."""
    try:
        notes = json.loads((place / "cache.json").read_text(encoding="utf-8"))
        if (notes["schema"], notes["signature"]) != (SCHEMA, signature):
            return None
        if any((place / file).stat().st_size != size for file, size in notes["bytes"].items()):
            return None
        images = np.load(place / "images.npy", mmap_mode="r")
        labels, split = np.load(place / "rows.npy")
        return FaceDataset(
            images=images,
            labels=labels.astype(np.int64),
            classes=tuple(notes["classes"]),
            split=np.array(notes["splits"])[split],
            name=name,
            known_fingerprint=notes["fingerprint"],
        )
    except (OSError, ValueError, KeyError, IndexError, TypeError, EOFError):
        return None  # whatever is wrong with a cache, reading the source again cures it


def _write(place: Path, dataset: FaceDataset, signature: str, source: str) -> None:
    place.parent.mkdir(parents=True, exist_ok=True)
    temporary = place.parent / f".building-{uuid.uuid4().hex}"
    temporary.mkdir()
    try:
        splits, split = np.unique(dataset.split, return_inverse=True)
        np.save(temporary / "images.npy", dataset.images)
        np.save(temporary / "rows.npy", np.stack([dataset.labels, split]).astype(np.uint8))
        notes = {
            "schema": SCHEMA,
            "signature": signature,
            "source": source,
            "classes": list(dataset.classes),
            "splits": splits.tolist(),
            "fingerprint": dataset.fingerprint,
            "bytes": {f: (temporary / f).stat().st_size for f in ("images.npy", "rows.npy")},
        }
        (temporary / "cache.json").write_text(json.dumps(notes, indent=1), encoding="utf-8")
        _remove_older(place, source)
        os.replace(temporary, place)
    finally:
        shutil.rmtree(temporary, ignore_errors=True)


def _remove_older(place: Path, source: str) -> None:
    """Remove what stands at ``place``, older caches of the same source and what a kill left."""
    shutil.rmtree(place, ignore_errors=True)
    for building in place.parent.glob(".building-*"):
        if time.time() - building.stat().st_mtime > ABANDONED_AFTER:
            shutil.rmtree(building, ignore_errors=True)
    for other in place.parent.glob("[!.]*/cache.json"):
        try:
            older = json.loads(other.read_text(encoding="utf-8")).get("source") == source
        except (OSError, ValueError, AttributeError):
            older = False  # being removed by another process, or damaged: not ours to judge
        if older:
            shutil.rmtree(other.parent, ignore_errors=True)
