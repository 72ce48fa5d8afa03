"""Pictures of drawn faces, thirty bad files, and a detector that finds what it is told."""

from __future__ import annotations

import io
import struct
import zlib
from pathlib import Path

import cv2
import numpy as np
from PIL import Image

from fer_utils.data import drawn_faces
from fer_utils.faces.face_box import FaceBox


def scene(side: int = 96, at: tuple[int, int] = (40, 30), size: tuple[int, int] = (240, 200)):
    """A drawn face of `side` pixels on a wall as grey as its own, uint8 (H, W, 3); size as width,
    height. Haar finds it from 144 pixels."""
    face = drawn_faces.draw(size=side)
    wall = np.full((size[1], size[0], 3), round(float(face[:3].mean())), np.uint8)
    wall[at[1] : at[1] + side, at[0] : at[0] + side] = face[..., None]
    return wall


class Told:
    """A detector that finds the same boxes in every picture, as far as they are inside."""

    name = "told"

    def __init__(self, *boxes: FaceBox) -> None:
        self.boxes = boxes

    def detect(self, rgb: np.ndarray) -> list[FaceBox]:
        return [face for box in self.boxes if (face := box.clipped(rgb.shape[1], rgb.shape[0]))]


def encoded(picture: Image.Image, kind: str, **options: object) -> bytes:
    target = io.BytesIO()
    picture.save(target, kind, **options)
    return target.getvalue()


def png_header(width: int, height: int) -> bytes:
    """A PNG that says it is so large, and has a single byte of pixels."""

    def chunk(kind: bytes, content: bytes) -> bytes:
        checked = kind + content
        return struct.pack(">I", len(content)) + checked + struct.pack(">I", zlib.crc32(checked))

    head = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    body = chunk(b"IHDR", head) + chunk(b"IDAT", zlib.compress(b"\0")) + chunk(b"IEND", b"")
    return b"\x89PNG\r\n\x1a\n" + body


def large_jpeg(width: int, height: int) -> bytes:
    """A JPEG whose header says it is so large, with the pixels of a small one."""
    small = bytearray(encoded(Image.new("RGB", (64, 64), "red"), "JPEG"))
    at = small.index(b"\xff\xc0") + 5
    small[at : at + 4] = struct.pack(">HH", height, width)
    return bytes(small)


def bad_files(folder: Path) -> dict[str, bool]:
    """Thirty files that a folder of photos may hold by mistake; whether each gives a picture."""
    rgb = Image.fromarray(scene())
    grey = rgb.convert("L")
    jpeg, png = encoded(rgb, "JPEG"), encoded(rgb, "PNG")
    gif = encoded(rgb, "GIF", save_all=True, append_images=[rgb.rotate(90), rgb.rotate(180)])
    deep = Image.fromarray(np.asarray(grey).astype(np.uint16) * 257)
    palette = rgb.quantize(16)
    broken_exif = b"Exif\0\0MM\0*\0\0\0\x08\xff\xff\xff\xff"
    tiff = encoded(rgb, "TIFF", compression="tiff_lzw")
    flipped = bytearray(png)
    flipped[len(png) // 2] ^= 0xFF
    contents: dict[str, tuple[bytes, bool]] = {
        "zero.jpg": (b"", False),
        "zero.png": (b"", False),
        "text.jpg": (b"this is a text, not a photo\n" * 40, False),
        "page.png": (b"<html><body>404</body></html>", False),
        "archive.jpg": (b"PK\x03\x04" + bytes(200), False),
        "zeros.jpg": (bytes(5000), False),
        "marker.jpg": (b"\xff\xd8\xff", False),
        "half.jpg": (jpeg[: len(jpeg) // 2], False),
        "header.jpg": (jpeg[:100], False),
        "half.png": (png[: len(png) // 2], False),
        "header.png": (png[:30], False),
        "flipped.png": (bytes(flipped), False),
        "half.gif": (gif[:60], False),
        "half.tif": (tiff[: len(tiff) // 2], False),
        "half.webp": (encoded(rgb, "WEBP")[:60], False),
        "huge.png": (png_header(20_000, 20_000), False),
        "huge.jpg": (large_jpeg(20_000, 20_000), True),
        "huge.ppm": (b"P6\n20000 20000\n255\n\0\0\0", False),
        "beyond.png": (png_header(2**31 - 1, 2**31 - 1), False),
        "none.png": (png_header(0, 0), False),
        "broken_exif.jpg": (encoded(rgb, "JPEG", exif=broken_exif), True),
        "animated.gif": (gif, True),
        "deep.png": (encoded(deep, "PNG"), True),
        "deep.tif": (encoded(deep, "TIFF"), True),
        "float.tif": (encoded(Image.fromarray(np.asarray(grey, np.float32)), "TIFF"), True),
        "cmyk.jpg": (encoded(rgb.convert("CMYK"), "JPEG"), True),
        "palette.png": (encoded(palette, "PNG", transparency=0), True),
        "clear.png": (encoded(rgb.convert("RGBA"), "PNG"), True),
        "one_bit.png": (encoded(rgb.convert("1"), "PNG"), True),
        "dot.png": (encoded(Image.new("RGB", (1, 1), "white"), "PNG"), True),
    }
    folder.mkdir(parents=True, exist_ok=True)
    for name, (content, _) in contents.items():
        (folder / name).write_bytes(content)
    return {name: good for name, (_, good) in contents.items()}


def turned(rgb: np.ndarray, degrees: float) -> np.ndarray:
    """The picture turned clockwise about its middle, as large as it was, edges drawn out."""
    height, width = rgb.shape[:2]
    matrix = cv2.getRotationMatrix2D(((width - 1) / 2, (height - 1) / 2), -degrees, 1)
    return cv2.warpAffine(rgb, matrix, (width, height), borderMode=cv2.BORDER_REPLICATE)
