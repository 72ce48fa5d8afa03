"""Reading FER2013 from its two public forms, without a cache: the image folder and the CSV.

The folder is that of the Kaggle set ``msambare/fer2013``::

    train/<class>/Training_<number>.jpg
    test/<class>/PublicTest_<number>.jpg, PrivateTest_<number>.jpg

Its pictures are sorted by split (train, public_test, private_test), then file number, then class.
The CSV has the columns ``emotion`` (0 to 6), ``pixels`` (2,304 numbers 0 to 255 with blanks
between) and ``Usage`` (Training, PublicTest, PrivateTest); its rows keep their order. Blanks
around column names are ignored, as in ``icml_face_data.csv``.

Both return pictures uint8 (N, 48, 48). Nothing is skipped or repaired: a damaged file or row is
a `ValueError` that names it.
"""

from __future__ import annotations

import csv
import os
import re
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import NamedTuple

import cv2
import numpy as np
from tqdm.auto import tqdm

from fer_utils.data.dataset import CLASSES, SPLITS, FaceDataset

SIZE = (48, 48)
FOLDERS = ("train", "test")
USAGES = {"Training": "train", "PublicTest": "public_test", "PrivateTest": "private_test"}
COLUMNS = ("emotion", "pixels", "Usage")

PICTURE_NAME = re.compile(r"(Training|PublicTest|PrivateTest)_(\d+)\.jpe?g", re.IGNORECASE)
_USAGE_BY_LOWER = {usage.lower(): usage for usage in USAGES}
_END_OF_JPEG = b"\xff\xd9"


class _Picture(NamedTuple):
    """One file of the folder; the order of the fields is the order of the pictures."""

    split: int  # index into SPLITS
    number: int  # as in the file name
    label: int  # index into CLASSES
    path: str


def is_clutter(name: str) -> bool:
    """Whether a file was left there by the operating system (.DS_Store, Thumbs.db, ...)."""
    return name.startswith(".") or name.lower() in ("thumbs.db", "desktop.ini", "__macosx")


def from_folder(path: str | Path) -> FaceDataset:
    """Read the image folder whole, with threads and a progress bar (a few seconds).

    Raises `FileNotFoundError` for a missing ``train``, ``test`` or class folder, and `ValueError`
    naming the file for an unexpected name, a truncated or damaged JPEG, a colour picture or one
    that is not 48x48.
    """
    pictures = sorted(_list_pictures(Path(path)))
    images = np.empty((len(pictures), *SIZE), dtype=np.uint8)

    def read_block(start: int) -> int:
        block = pictures[start : start + 256]
        for i, picture in enumerate(block, start):
            images[i] = read_picture(picture.path)
        return len(block)

    starts = range(0, len(pictures), 256)
    with (
        ThreadPoolExecutor(min(16, 4 * (os.cpu_count() or 1))) as pool,
        _bar(len(pictures), "pictures", "reading FER2013") as bar,
    ):
        for n in pool.map(read_block, starts):
            bar.update(n)
    labels = np.array([picture.label for picture in pictures], dtype=np.int64)
    split = np.array(SPLITS)[[picture.split for picture in pictures]]
    return FaceDataset(images, labels, CLASSES, split, "fer2013")


def read_picture(path: str | Path) -> np.ndarray:
    """One grey 48x48 JPEG as uint8 (48, 48); `ValueError` naming the file for anything else."""
    with open(path, "rb") as file:
        content = file.read()
    if not content:
        raise ValueError(f"{path}: the file is empty; fetch this copy of FER2013 again")
    if not content.rstrip(b"\0").endswith(_END_OF_JPEG):
        raise ValueError(
            f"{path}: no JPEG, or cut short (it does not end with the marker FF D9, "
            f"{len(content)} bytes); fetch this copy of FER2013 again"
        )
    image = cv2.imdecode(np.frombuffer(content, np.uint8), cv2.IMREAD_UNCHANGED)
    if image is None:
        raise ValueError(
            f"{path}: damaged JPEG that OpenCV cannot decode; fetch this copy of FER2013 again"
        )
    if image.ndim != 2:
        raise ValueError(f"{path}: expected a grey picture, got {image.shape[2]} colour channels")
    if image.shape != SIZE:
        height, width = image.shape
        raise ValueError(f"{path}: expected 48x48 pixels, got {width}x{height} (width x height)")
    return image


def from_csv(path: str | Path) -> FaceDataset:
    """Read ``fer2013.csv`` (or ``icml_face_data.csv``) whole.

    Raises `ValueError` naming the row, counted from 1 without the header, and the line of the
    file for a wrong number of pixels, a pixel that is no whole number 0 to 255, an emotion
    outside 0 to 6 or an unknown Usage; and for missing columns or no rows at all.
    """
    path = Path(path)
    pixels, labels, split = [], [], []
    with (
        path.open(newline="", encoding="utf-8-sig") as file,
        _bar(path.stat().st_size, "B", f"reading {path.name}", unit_scale=True) as bar,
    ):
        for where, emotion, text, usage in _csv_rows(path, file):
            pixels.append(_parse_pixels(text, where))
            labels.append(_parse_emotion(emotion, where))
            split.append(_parse_usage(usage, where))
            bar.update(len(text))
    if not pixels:
        raise ValueError(f"{path}: no rows under the header; fetch this copy of FER2013 again")
    images = np.frombuffer(b"".join(pixels), np.uint8).reshape(-1, *SIZE)
    return FaceDataset(
        images, np.array(labels, dtype=np.int64), CLASSES, np.array(split), "fer2013-csv"
    )


def _bar(total: int, unit: str, description: str, **options) -> tqdm:
    """A progress bar in a notebook or a terminal, gone when done; none in a log file."""
    return tqdm(total=total, unit=unit, desc=description, leave=False, disable=None, **options)


def _list_pictures(root: Path) -> Iterator[_Picture]:
    for folder in FOLDERS:
        if not (root / folder).is_dir():
            raise FileNotFoundError(
                f"{root}: no folder {folder!r}; expected the Kaggle layout "
                "train/<class>/Training_N.jpg and test/<class>/PublicTest_N.jpg"
            )
        for entry in os.scandir(root / folder):
            if entry.name not in CLASSES and not is_clutter(entry.name):
                raise ValueError(
                    f"{entry.path}: unexpected; expected the class folders {', '.join(CLASSES)}"
                )
        for label, name in enumerate(CLASSES):
            yield from _list_class(root / folder / name, folder, label)


def _list_class(path: Path, folder: str, label: int) -> Iterator[_Picture]:
    if not path.is_dir():
        raise FileNotFoundError(f"{path}: class folder is missing; expected {', '.join(CLASSES)}")
    empty = True
    for entry in os.scandir(path):
        if is_clutter(entry.name):
            continue
        match = PICTURE_NAME.fullmatch(entry.name)
        split = USAGES[_USAGE_BY_LOWER[match[1].lower()]] if match else ""
        if not match or (split == "train") != (folder == "train"):
            pattern = "Training_N.jpg" if folder == "train" else "PublicTest_N.jpg or PrivateTest_N"
            raise ValueError(f"{entry.path}: unexpected file; expected {pattern} in {folder}/")
        empty = False
        yield _Picture(SPLITS.index(split), int(match[2]), label, entry.path)
    if empty:
        raise ValueError(f"{path}: class folder is empty; fetch this copy of FER2013 again")


def _csv_rows(path: Path, file) -> Iterator[tuple[str, str, str, str]]:
    """(where, emotion, pixels, usage) of each row, as text; ``where`` names file, row, line."""
    reader = csv.reader(file)
    try:
        header = [name.strip() for name in next(reader, [])]
        missing = [name for name in COLUMNS if name not in header]
        if missing:
            raise ValueError(
                f"{path}: no column {', '.join(missing)} in the header {header}; "
                f"expected {','.join(COLUMNS)}"
            )
        columns = [header.index(name) for name in COLUMNS]
        number = 0
        for row in reader:
            if not row:
                continue
            number += 1
            where = f"{path}, row {number} (line {reader.line_num})"
            if len(row) != len(header):
                raise ValueError(f"{where}: expected {len(header)} fields, got {len(row)}")
            yield where, *(row[column] for column in columns)
    except (csv.Error, UnicodeDecodeError) as error:
        raise ValueError(f"{path}, line {reader.line_num + 1}: not a CSV file ({error})") from error


def _parse_pixels(text: str, where: str) -> bytes:
    try:
        values = np.fromstring(text, dtype=np.int64, sep=" ")  # int64: uint8 would wrap 256 to 0
    except ValueError:
        values = np.zeros(0, dtype=np.int64)
    whole = "".join(text.rsplit(maxsplit=1)[-1:]).isdecimal()  # older NumPy reads "1.5" as 1
    if whole and len(values) == SIZE[0] * SIZE[1] and values.min() >= 0 and values.max() <= 255:
        return values.astype(np.uint8).tobytes()
    words = text.split()
    if len(words) != SIZE[0] * SIZE[1]:
        raise ValueError(f"{where}: expected {SIZE[0] * SIZE[1]} pixels, got {len(words)}")
    wrong = [word for word in words if not (word.isdecimal() and int(word) <= 255)]
    raise ValueError(
        f"{where}: expected pixels that are whole numbers 0 to 255, with blanks between; "
        f"got {(wrong[0] if wrong else text[:20])!r}"
    )


def _parse_emotion(text: str, where: str) -> int:
    text = text.strip()
    if text.isdecimal() and int(text) < len(CLASSES):
        return int(text)
    raise ValueError(
        f"{where}: expected an emotion 0 to {len(CLASSES) - 1} ({', '.join(CLASSES)}), got {text!r}"
    )


def _parse_usage(text: str, where: str) -> str:
    if text.strip() in USAGES:
        return USAGES[text.strip()]
    raise ValueError(f"{where}: expected a Usage out of {', '.join(USAGES)}, got {text!r}")
