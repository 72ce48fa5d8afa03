"""A made-up CK+ in its real layout, small enough for tests: drawn faces, and every trap."""

from __future__ import annotations

from pathlib import Path

import cv2
import numpy as np

from fer_utils.data import drawn_faces

# subject, session, frames, (height, width), {unit: intensity}, emotion number or None
SEQUENCES = (
    ("S005", "001", 3, (490, 640), {9: 3, 17: 0}, 3),
    ("S010", "002", 2, (480, 640), {1: 0, 2: 4, 25: 0, 27: 0}, 7),
    ("S010", "006", 2, (480, 640), {6: 4, 12: 5, 25: 0}, 5),
    ("S050", "001", 2, (480, 720), {4: 2, 11: 0}, None),  # an emotion folder that is empty
    ("S131", "003", 2, (490, 640), {4: 1, 15: 3, 17: 3}, None),  # no emotion folder at all
    ("S506", "004", 2, (480, 640), {14: 2}, 2),  # in colour; contempt
)
COLOUR = "S506"


def number(value: float) -> str:
    """As CK+'s files print numbers."""
    return f"   {value:.7e}"


def frame(height: int, width: int, units: dict[int, int], seed: int) -> np.ndarray:
    """A drawn face in the middle of a frame, uint8 (height, width)."""
    shown = {n: 1.0 for n in units if n in drawn_faces.ACTION_UNITS}
    face = drawn_faces.draw(shown, size=300, noise_seed=seed)
    image = np.full((height, width), 90, np.uint8)
    image[100:400, 180:480] = face
    return image


def write(root: Path, facs: str = "FACS", emotion: str = "Emotion") -> Path:
    """Write the tree below `root` and return it."""
    for k, (subject, session, frames, size, units, label) in enumerate(SEQUENCES):
        below = Path(subject) / session
        for kind in ("cohn-kanade-images", facs, "Landmarks"):
            (root / kind / below).mkdir(parents=True)
        for i in range(1, frames + 1):
            stem = f"{subject}_{session}_{i:08d}"
            image = frame(*size, units if i == frames else {}, k)
            if subject == COLOUR:
                image = cv2.cvtColor(image, cv2.COLOR_GRAY2BGR)
            cv2.imwrite(str(root / "cohn-kanade-images" / below / f"{stem}.png"), image)
            points = [(200 + 4 * j, 130 + 3 * j) for j in range(68)]
            text = "".join(f"{number(x)}{number(y)}\n" for x, y in points)
            (root / "Landmarks" / below / f"{stem}_landmarks.txt").write_text(text)
        lines = "".join(f"{number(n)}{number(level)}\n" for n, level in units.items())
        (root / facs / below / f"{stem}_facs.txt").write_text(lines)
        if label is not None or subject == "S050":
            (root / emotion / below).mkdir(parents=True)
        if label is not None:
            (root / emotion / below / f"{stem}_emotion.txt").write_text(number(label) + "\n")
    for clutter in ("", "S005", "S005/001"):
        (root / "cohn-kanade-images" / clutter / ".DS_Store").write_bytes(b"\0\0\0\1Bud1")
    for clutter in (f"{facs}/S005/001", f"{emotion}/S050/001"):
        (root / clutter / ".DS_Store").write_bytes(b"\0\0\0\1Bud1")
    return root
