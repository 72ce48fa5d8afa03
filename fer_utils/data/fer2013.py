"""FER2013: where it is on this machine, and reading it.

A copy is the Kaggle image folder (``train/<class>/...``, ``test/<class>/...``) or the original
``fer2013.csv``; `fer_utils.data.readers` says how each is read. The pictures of the two differ by
JPEG loss: recorded runs are tied to the folder copy (``name == "fer2013"``), the CSV is called
``"fer2013-csv"``. `load` keeps what it read in a cache: the second call takes a fraction of a
second and shares its memory with other processes.
"""

from __future__ import annotations

import os
from pathlib import Path

from fer_utils.data.cache import cached, file_signature, folder_signature
from fer_utils.data.dataset import CLASSES, FaceDataset
from fer_utils.data.readers import FOLDERS, from_csv, from_folder
from fer_utils.paths import cache_dir

__all__ = ["PUBLISHED_COUNTS", "find", "from_csv", "from_folder", "load", "load_or_draw"]

CSV_NAMES = ("fer2013.csv", "icml_face_data.csv")

PUBLISHED_COUNTS = {
    split: dict(zip(CLASSES, numbers, strict=True))
    for split, numbers in {
        "train": (3995, 436, 4097, 7215, 4830, 3171, 4965),
        "public_test": (467, 56, 496, 895, 653, 415, 607),
        "private_test": (491, 55, 528, 879, 594, 416, 626),
    }.items()
}
"""Pictures per split and class of the published data set: 28,709, 3,589 and 3,589."""


def find(data_dir: str | Path | None = None) -> Path | None:
    """The folder or CSV file of FER2013 on this machine, None when there is none.

    Looked for in this order: ``data_dir``; the environment variable ``FER2013_DIR``; the folder
    ``fer2013`` in the cache folder, where ``data fetch`` puts it. Either of the first two, when
    given, must be a copy: `FileNotFoundError` otherwise. A folder with ``fer2013.csv`` in it and
    no image folders counts as that file.
    """
    for value, origin in ((data_dir, "data_dir"), (os.environ.get("FER2013_DIR"), "FER2013_DIR")):
        if value is not None and str(value).strip():
            return _must_be_copy(Path(value).expanduser(), origin)
    default = cache_dir() / "fer2013"
    if not default.is_dir() or not any(default.iterdir()):
        return None
    return _must_be_copy(default, "the cache folder")


def load(data_dir: str | Path | None = None, reread: bool = False) -> FaceDataset:
    """FER2013 as `find` finds it, read once and cached; ``reread`` reads and caches it anew.

    Raises `FileNotFoundError` when there is no copy, and what `from_folder` and `from_csv` raise
    when it is damaged.
    """
    path = find(data_dir)
    if path is None:
        raise FileNotFoundError(
            "FER2013 is not on this machine. Fetch it with "
            "`python -m fer_utils data fetch fer2013`, or name a copy that you have: set the "
            "environment variable FER2013_DIR, or pass data_dir, to the image folder "
            "(train/<class>/, test/<class>/) or to fer2013.csv."
        )
    folder = path.is_dir()
    return cached(
        "fer2013" if folder else "fer2013-csv",
        folder_signature(path) if folder else file_signature(path),
        path.resolve(),
        lambda: read(path),
        reread,
    )


def read(path: Path) -> FaceDataset:
    """The copy at ``path``, image folder or CSV, uncached."""
    return from_folder(path) if path.is_dir() else from_csv(path)


def load_or_draw(
    data_dir: str | Path | None = None, n: int = 7000, seed: int = 0, size: int = 48
) -> FaceDataset:
    """FER2013 if it is on this machine, else ``n`` drawn faces: pictures for any reader.

    ``seed`` and ``size`` (pixels a side) matter for drawn faces only. The data set's ``name``
    says which it is. A wrong ``data_dir`` is an error, not a reason to draw.
    """
    if find(data_dir) is not None:
        return load(data_dir)
    from fer_utils.data import drawn_faces

    return drawn_faces.dataset(n=n, seed=seed, size=size)


def as_copy(path: Path) -> Path | None:
    """The image folder or CSV file that ``path`` is or holds; None when it is neither."""
    if path.is_dir():
        if all((path / folder).is_dir() for folder in FOLDERS):
            return path
        return next((path / name for name in CSV_NAMES if (path / name).is_file()), None)
    return path if path.is_file() and path.suffix.lower() == ".csv" else None


def _must_be_copy(path: Path, origin: str) -> Path:
    copy = as_copy(path)
    if copy is not None:
        return copy
    if not path.exists():
        raise FileNotFoundError(f"{origin} names {path}, which does not exist")
    found = sorted(entry.name for entry in path.iterdir())[:6] if path.is_dir() else "a file"
    raise FileNotFoundError(
        f"{origin} names {path}, which is no copy of FER2013: expected folders train and test "
        f"with a folder per class, or a file fer2013.csv; found {found}"
    )
