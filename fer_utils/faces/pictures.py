"""Reading any picture file as an upright RGB picture, or saying why it cannot be.

Cameras store a turn beside the pixels (EXIF orientation): it is applied here, once, so that
everything after sees people upright. A file whose picture would need too much memory is refused by
its header; a large JPEG is decoded at a half, a quarter or an eighth of its size instead.
"""

from __future__ import annotations

import io
import struct
import warnings
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from PIL import Image, UnidentifiedImageError

MOST_PIXELS = 50_000_000  # decoded: 150 MB as RGB
FORMATS = ("JPEG", "PNG", "GIF", "BMP", "TIFF", "WEBP", "PPM")
SUFFIXES = tuple(".jpg .jpeg .jfif .png .gif .bmp .tif .tiff .webp .ppm .pgm".split())
UNREAD = (".heic", ".heif", ".hif", ".avif", ".jxl", ".jp2", ".psd")  # not of `FORMATS`
RAW = (".dng", ".cr2", ".cr3", ".nef", ".nrw", ".arw", ".orf", ".rw2", ".raf", ".pef", ".srw")
ORIENTATION = 0x0112  # the EXIF tag
DAMAGED = (OSError, SyntaxError, ValueError, EOFError, IndexError, KeyError, TypeError)
DAMAGED += (struct.error, OverflowError)  # all that Pillow's decoders raise on bad files


class PictureError(ValueError):
    """A file that gives no picture, and why."""


@dataclass(frozen=True)
class Picture:
    """A picture as it is looked at."""

    rgb: np.ndarray  # uint8 (H, W, 3), upright
    scale: float = 1.0  # sides of the file's picture over those of `rgb`
    note: str = ""  # what was left out, such as "the first frame of several"


def read(source: Path | str | bytes) -> Picture:
    """The picture in a file of one of `FORMATS`, or its content, whatever its size and depth.

    16-bit grey becomes 8-bit, CMYK and palettes RGB, transparent pixels white; of an animation the
    first frame is taken. Raises FileNotFoundError, or PictureError with the reason.
    """
    if not isinstance(source, bytes):
        if not Path(source).is_file():
            raise FileNotFoundError(f"no picture at {source}")
        source = Path(source).read_bytes()
    if not source:
        raise PictureError("the file is empty: 0 bytes")
    try:
        with warnings.catch_warnings(), _no_pixel_limit():
            warnings.simplefilter("ignore")  # Pillow's, of odd metadata
            Image.init()
            with Image.open(io.BytesIO(source), formats=FORMATS) as image:
                return _decoded(image)
    except PictureError:
        raise
    except UnidentifiedImageError as error:
        known = ", ".join(FORMATS)
        raise PictureError(f"not a picture of a known format ({known}); convert it") from error
    except DAMAGED as error:
        raise PictureError(f"damaged or cut off: {error}") from error


def find(paths: Sequence[Path], leave_out: Sequence[Path] = ()) -> list[Path]:
    """Files named, and those in folders named whose suffix is a picture's, sorted, none twice.

    Pictures that cannot be read (`UNREAD`, `RAW`) are among them, so that somebody says so.
    leave_out: folders whose pictures are passed over. Raises FileNotFoundError for a path that is
    not there, and for a folder without pictures.
    """
    found: list[Path] = []
    known = (*SUFFIXES, *UNREAD, *RAW)
    for path in paths:
        if path.is_dir():
            inside = [p for p in sorted(path.rglob("*")) if p.suffix.lower() in known]
            inside = [p for p in inside if p.is_file() and not _below(p, leave_out)]
            if not inside:
                raise FileNotFoundError(f"no pictures in {path}: expected {', '.join(SUFFIXES)}")
            found += inside
        elif path.is_file():
            found.append(path)
        else:
            raise FileNotFoundError(f"no photo and no folder at {path}")
    return list(dict.fromkeys(found))


def _below(path: Path, folders: Sequence[Path]) -> bool:
    return any(path.resolve().is_relative_to(folder.resolve()) for folder in folders)


@contextmanager
def _no_pixel_limit() -> Iterator[None]:
    """Pillow refuses large pictures when opening them; the header is judged here instead."""
    before, Image.MAX_IMAGE_PIXELS = Image.MAX_IMAGE_PIXELS, None
    try:
        yield
    finally:
        Image.MAX_IMAGE_PIXELS = before


def _decoded(image: Image.Image) -> Picture:
    notes = []
    full = image.size
    if full[0] * full[1] > MOST_PIXELS:
        _decode_smaller(image)
        notes.append(f"read at {image.width} x {image.height} of {full[0]} x {full[1]} pixels")
    if getattr(image, "is_animated", False):
        image.seek(0)
        notes.append("the first frame of several")
    image.load()  # before the EXIF data, which a PNG may hold after its pixels
    try:
        orientation = image.getexif().get(ORIENTATION, 1)
    except DAMAGED:
        orientation = 1
        notes.append("its EXIF data is damaged: taken as upright")
    rgb = upright(_rgb(image), orientation)
    return Picture(rgb, max(full) / max(rgb.shape[:2]), "; ".join(notes))


def _decode_smaller(image: Image.Image) -> None:
    """Let a JPEG be decoded within `MOST_PIXELS`; PictureError for what must be decoded whole."""
    width, height = image.size
    sequential = image.format in ("JPEG", "MPO") and not image.info.get("progressive")
    parts = [k for k in (2, 4, 8) if -(-width // k) * -(-height // k) <= MOST_PIXELS]
    if sequential and parts:
        image.draft(image.mode, (width // parts[0], height // parts[0]))
        if image.width * image.height <= MOST_PIXELS:
            return
    raise PictureError(
        f"{width} x {height} pixels are more than the {MOST_PIXELS:,} that are decoded: "
        "scale it down, or save it as a sequential JPEG"
    )


def _rgb(image: Image.Image) -> np.ndarray:
    """Its pixels, uint8 (H, W, 3), as stored."""
    if image.mode.startswith("I;16"):
        grey = np.asarray(image).astype(np.uint16) >> 8
    elif image.mode in ("I", "F"):  # depth unknown: by its own range where it is more than 8 bits
        values = np.nan_to_num(np.asarray(image, np.float64))
        low, high = min(0.0, values.min()), max(255.0, values.max())
        grey = (values - low) * (255 / (high - low))
    else:
        if "transparency" in image.info or image.mode in ("RGBA", "LA", "PA", "RGBa", "La"):
            image = image.convert("RGBA")
            paper = Image.new("RGBA", image.size, "white")
            image = Image.alpha_composite(paper, image)
        return np.array(image.convert("RGB"))
    return np.repeat(grey.astype(np.uint8)[..., None], 3, axis=2)


def upright(rgb: np.ndarray, orientation: int) -> np.ndarray:
    """Pixels as stored, turned or mirrored as the EXIF orientation 1 to 8 says; others are 1."""
    if orientation in (5, 6, 7, 8):
        rgb = rgb.transpose(1, 0, 2)
    if orientation in (2, 3, 6, 7):
        rgb = rgb[:, ::-1]
    if orientation in (3, 4, 7, 8):
        rgb = rgb[::-1]
    return np.ascontiguousarray(rgb)
