"""Many faces on one picture, and the probabilities of one face as bars; uint8 RGB (H, W, 3)."""

from __future__ import annotations

from collections.abc import Sequence

import cv2
import numpy as np
from PIL import Image, ImageDraw, ImageFont

from fer_utils.faces.annotate import INK, LEAST_LETTERS, PAPER, emotion_colour


def contact_sheet(
    crops: Sequence[np.ndarray],
    titles: Sequence[str],
    columns: int = 8,
    size: int = 96,
) -> np.ndarray:
    """Crops, grey (H, W) or RGB (H, W, 3), side by side at `size` pixels, each with its title.

    Raises ValueError for no crop, and for titles of another number.
    """
    if not len(crops) or len(crops) != len(titles) or columns < 1:
        raise ValueError(
            f"{len(crops)} crops, {len(titles)} titles, {columns} columns: expected at least one "
            "crop and as many titles"
        )
    font = ImageFont.load_default(max(LEAST_LETTERS, size // 8))
    pad, text = max(2, size // 16), max(LEAST_LETTERS, size // 8) + 6
    columns = min(columns, len(crops))
    rows = -(-len(crops) // columns)
    sheet = Image.new(
        "RGB", (columns * (size + pad) + pad, rows * (size + text + pad) + pad), PAPER
    )
    pen = ImageDraw.Draw(sheet)
    for i, (crop, title) in enumerate(zip(crops, titles, strict=True)):
        x, y = pad + i % columns * (size + pad), pad + i // columns * (size + text + pad)
        resized = cv2.resize(np.asarray(crop), (size, size), interpolation=cv2.INTER_LINEAR)
        sheet.paste(Image.fromarray(resized).convert("RGB"), (x, y))
        while title and pen.textlength(title, font=font) > size:
            title = title[:-1]
        pen.text((x, y + size + 2), title, font=font, fill=INK)
    return np.array(sheet)


def bars(
    probabilities: Sequence[float], classes: Sequence[str], width: int = 240, height: int = 168
) -> np.ndarray:
    """The probabilities of one face as horizontal bars, 0 to 100%, a row each with its name.

    Raises ValueError for other than one probability in 0..1 a class.
    """
    shares = np.asarray(probabilities, float)
    if (
        shares.shape != (len(classes),)
        or not len(classes)
        or (shares < 0).any()
        or (shares > 1).any()
    ):
        raise ValueError(f"expected {len(classes)} probabilities in 0..1, got {shares}")
    row = height / len(classes)
    font = ImageFont.load_default(max(LEAST_LETTERS, int(row * 0.55)))
    picture = Image.new("RGB", (width, height), PAPER)
    pen = ImageDraw.Draw(picture)
    names = max(pen.textlength(name, font=font) for name in classes) + 8
    room = max(1, width - names - pen.textlength("100%", font=font) - 8)
    for i, (name, share) in enumerate(zip(classes, shares, strict=True)):
        middle = (i + 0.5) * row
        pen.text((4, middle), name, font=font, fill=INK, anchor="lm")
        end = names + room * share
        pen.rectangle(
            (names, middle - row * 0.35, end, middle + row * 0.35), fill=emotion_colour(name)
        )
        pen.text((end + 4, middle), f"{share:.0%}", font=font, fill=INK, anchor="lm")
    return np.array(picture)
