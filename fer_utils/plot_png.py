"""A figure as a small PNG that looks the same: pages of many pictures stay light.

Three ways, the first that fits: one grey channel where the figure has no colour (lossless, and the
smallest for photos of faces); 256 colours, where they move no area visibly; all colours else, as
for smooth colour maps, where a palette would show as bands. The palette is that of the median cut
(Heckbert, "Color image quantization for frame buffer display", SIGGRAPH 1982) or of maximum
coverage, whichever moves areas less, refined by k-means.
"""

from __future__ import annotations

import io

import numpy as np
from PIL import Image

COLOURS = 256
PALETTES = (Image.Quantize.MEDIANCUT, Image.Quantize.MAXCOVERAGE)
AREA = 8  # pixels; the side of a square whose mean colour is compared
VISIBLE = 5.0  # levels of 255 that such a mean may move; at 6 a colour bar shows bands


def compact_png(png: bytes) -> bytes:
    """The same picture as a smaller PNG, opaque; one with transparency is returned as it came."""
    picture = Image.open(io.BytesIO(png))
    if picture.convert("RGBA").getextrema()[3][0] < 255:
        return png
    whole = picture.convert("RGB")
    pixels = np.asarray(whole)  # (H, W, 3)
    if (pixels == pixels[:, :, :1]).all():
        return _encoded(whole.getchannel(0))
    shift, few = min(
        (_with_palette(whole, pixels, method) for method in PALETTES), key=lambda pair: pair[0]
    )
    if shift <= VISIBLE:
        return min(_encoded(few), _encoded(whole), key=len)
    return _encoded(whole)


def largest_shift(one: np.ndarray, other: np.ndarray) -> float:
    """How far the mean colour of a square of 8 x 8 pixels moves at most, in levels of 255.

    Both pictures uint8 (H, W, 3); squares at the right and lower edge may be smaller.
    """
    difference = one.astype(float) - other
    for axis in (0, 1):
        starts = np.arange(0, one.shape[axis], AREA)
        sizes = np.diff([*starts, one.shape[axis]])
        sums = np.add.reduceat(difference, starts, axis=axis)
        difference = sums / np.expand_dims(sizes, [a for a in range(3) if a != axis])
    return float(np.abs(difference).max())


def _with_palette(
    whole: Image.Image, pixels: np.ndarray, method: Image.Quantize
) -> tuple[float, Image.Image]:
    """The picture in few colours, and how far that moves an area of it."""
    few = whole.quantize(COLOURS, method, kmeans=2, dither=Image.Dither.NONE)
    return largest_shift(pixels, np.asarray(few.convert("RGB"))), few


def _encoded(picture: Image.Image) -> bytes:
    target = io.BytesIO()
    picture.save(target, "PNG", optimize=True)
    return target.getvalue()
