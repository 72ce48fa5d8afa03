"""The strokes that action units (AU) move: eyes, brows, nose, mouth and wrinkles.

Units and shapes as in `drawn_face_geometry`. What each AU does follows the Facial Action Coding
System of Ekman, Friesen and Hager (2002); how far it moves is tuned to read at 48x48.
"""

from __future__ import annotations

import numpy as np

from fer_utils.data.drawn_face_geometry import (
    CIRCLE,
    SIDES,
    Faces,
    Stroke,
    T,
    U,
    band,
    ellipse,
    join,
    line,
)


def eyes(f: Faces) -> list[Stroke]:
    """Sclera, iris, pupil and lids; the lid curves cut the iris exactly."""
    strokes = []
    for side in SIDES:
        strokes += _eye(f, side)
    return strokes


def _eye(f: Faces, side: int) -> list[Stroke]:
    au, skin = f.au, f.skin
    half = 0.165 * f.eye_size
    centre_x, centre_y = side * f.eye_x, f.eye_y + 0.012 * side * f.asymmetry
    tilt = 0.025 * f.eye_tilt - 0.035 * np.minimum(au[1], au[4]) * (1 - au[5])
    squeeze = 0.36 * au[7] + 0.22 * au[6] + 0.2 * au[9] + 0.12 * au[4]
    height = 0.078 * f.eye_opening * f.eye_size
    upper = height * (1 - 0.75 * squeeze).clip(0.3) + 0.065 * au[5]
    lower = 0.056 * f.eye_size * (1 - 0.85 * au[7] - 0.75 * au[6] - 0.4 * au[9]) + 0.018 * au[5]
    lower = np.maximum(lower, 0.022 - upper)

    def lids(u):
        base = centre_y - tilt * side * u
        inside = np.maximum(1 - u**2, 0)
        return base - upper * inside**0.75, base + lower * inside

    top, bottom = lids(U)
    x = centre_x + half * U

    def disc(radius, y, shade, shrink=0.0):
        px = centre_x + 0.03 * f.gaze + radius * CIRCLE[0]
        high, low = lids(((px - centre_x) / half).clip(-1, 1))
        return f.stroke(join(px, np.clip(y + radius * CIRCLE[1], high + shrink, low)), shade)

    white = np.minimum(150 + 0.42 * skin, 245)
    iris_y = centre_y - 0.012
    dark = np.minimum(skin * 0.3, 45)
    strokes = [
        f.stroke(band(x, top, bottom), white),
        disc(0.082, iris_y, 18 + 130 * f.iris_shade),
        disc(0.042, iris_y, 8.0),
    ]
    glint_x = centre_x + 0.03 * f.gaze - 0.03
    open_eye = upper > 0.045
    strokes.append(f.stroke(ellipse(glint_x, iris_y - 0.022, 0.02, 0.02), 240.0, open_eye))
    strokes.append(f.stroke(line(x, bottom, 0.018, 0.5), skin * 0.62))
    strokes.append(f.stroke(line(x, top - 0.006, 0.042, 0.6), dark))
    fold = top - 0.05 - 0.02 * (1 - au[4]) + 0.02 * au[5]
    strokes.append(f.crease(x, fold, 0.55 * f.eye_fold * (1 - 0.7 * au[5]), 0.016))
    bag = np.maximum(0.75 * np.maximum(au[6], 0.55 * au[7]), 0.5 * f.age)
    strokes.append(f.crease(x, bottom + 0.055 + 0.02 * (1 - U**2), bag, 0.024))
    return strokes


def brows(f: Faces) -> list[Stroke]:
    """Tapered brows, t from the inner (0) to the outer end (1)."""
    au, strokes = f.au, []
    shade = np.minimum(0.75 * f.hair_grey, 0.55 * f.skin)
    base_y = -0.395 - 0.03 * f.brow_height
    oblique = np.minimum(au[1], au[4])
    for side in SIDES:
        inner = (1 - T) ** 1.4
        x0 = 0.15 * f.eye_distance - 0.055 * au[4] - 0.01 * au[9]
        x1 = 0.605 * f.eye_distance
        outer = np.sin(0.25 + 1.9 * T) ** 2
        rise = 0.165 * au[1] * (1 - T) ** 0.7 + 0.11 * au[2] * outer
        fall = au[4] * (0.055 + 0.075 * inner) * (1 - 0.75 * oblique * inner**0.3)
        fall = fall + 0.05 * au[9] * inner + 0.015 * au[6] * T
        arch = (0.02 + 0.05 * f.brow_arch) * np.sin(2.6 * T**1.2) - 0.02 * T**3
        y = base_y - arch - rise + fall - 0.018 * side * f.asymmetry
        thick = 0.066 * f.brow_thickness * (1 - 0.7 * T**2.2) * (0.75 + 0.25 * np.sin(2.5 * T))
        brow = band(side * (x0 + (x1 - x0) * T), y - thick / 2, y + thick / 2)
        strokes.append(f.stroke(brow, shade))
    return strokes


def nose(f: Faces) -> list[Stroke]:
    """Wings, tip and nostrils, which AU 9 (and a little AU 10) raise and widen."""
    au, skin = f.au, f.skin
    lift = 0.06 * au[9] + 0.012 * au[10]
    wing = 0.135 * f.nose_width * (1 + 0.14 * au[9] + 0.06 * au[12])
    base = 0.235 * f.nose_length - lift
    strokes = []
    for side in SIDES:
        x = side * wing * np.sin(0.5 + 2.2 * T)
        y = base - 0.095 + 0.105 * T
        strokes.append(f.stroke(line(x, y, 0.026), skin * (0.62 - 0.14 * au[9]), depth=0.08))
        nostril = ellipse(side * wing * 0.5, base - 0.005, 0.036 * f.nose_width, 0.018)
        strokes.append(f.stroke(nostril, skin * 0.32, depth=0.1))
    tip = line(wing * 0.6 * U, base + 0.02 - 0.02 * U**2, 0.02)
    strokes.append(f.stroke(tip, skin * 0.68, depth=0.1))
    return strokes


class _Mouth:
    """The curves of the lips over x, all (n, 13)."""

    def __init__(self, f: Faces) -> None:
        au = f.au
        wide = 0.36 * au[12] + 0.42 * au[20] * (1 - 0.4 * au[27]) + 0.1 * au[14]
        narrow = 0.08 * au[23] + 0.2 * au[24] + 0.1 * au[17] + 0.16 * au[27] + 0.05 * au[15]
        self.half = 0.262 * f.mouth_width * (1 + wide - narrow)
        middle = 0.505 - 0.04 * au[17] - 0.04 * au[9] - 0.03 * au[10] + 0.025 * au[12]
        self.middle = middle - 0.01 * au[15] + 0.3 * f.jaw_drop * (1 - au[25])
        corner = 0.502 - 0.145 * au[12] + 0.095 * au[15] + 0.03 * au[20] - 0.012 * au[14]
        self.corner = corner + 0.35 * f.jaw_drop
        self.x = self.half * U + 0.012 * f.asymmetry
        y = self.middle + (self.corner - self.middle) * np.abs(U) ** 1.8
        self.line = y + 0.014 * f.asymmetry * U
        self._open(f)
        thin = (1 - 0.5 * au[23]) * (1 - 0.85 * au[24]) * (1 - 0.2 * au[12] - 0.3 * au[20])
        thin = thin * (1 - 0.25 * au[27]) * f.lip_fullness
        profile = np.maximum(1 - np.abs(U) ** 2.2, 0)
        bow = 1 - 0.28 * np.exp(-((U / 0.16) ** 2))
        self.top = self.upper - 0.062 * thin * profile * bow
        full = thin * (1 - 0.35 * au[15]) * (1 - 0.1 * au[17])
        self.bottom = self.lower + 0.088 * full * np.maximum(1 - U**2, 0) ** 0.8

    def _open(self, f: Faces) -> None:
        au = f.au
        parted = au[25] * (0.06 + 0.05 * au[12] + 0.05 * au[20])
        jaw = 0.15 * au[26] * au[25]
        sneer = 0.05 * np.maximum(au[10], 0.35 * au[9]) * (1 - np.maximum(au[17], au[24]))
        self.gap = np.maximum(parted + jaw, 0.36 * au[27]) + sneer
        square = 2.0 + 2.0 * au[20] + 0.8 * au[12]
        opening = self.gap * np.maximum(1 - np.abs(U) ** square, 0) ** 0.6
        share = 0.3 - 0.2 * au[12] + 0.1 * au[27] + 0.3 * au[10] * (1 - au[12])
        self.upper = self.line - share * opening
        self.lower = self.upper + opening


def mouth(f: Faces) -> list[Stroke]:
    """Lips, the dark inside, teeth and tongue."""
    au, m = f.au, _Mouth(f)
    lip = f.skin * (0.5 + 0.38 * f.lip_shade)
    dark = np.minimum(0.28 * f.skin, 34)
    opened = m.gap > 0.02
    height = m.lower - m.upper
    tooth = np.maximum(0.07 + 0.02 * au[12], 0.2 * au[20] * (1 - au[27])) * (1 - 0.4 * au[27])
    tooth = tooth * (1 - 0.9 * au[27] * np.abs(U))
    teeth = band(m.x * 0.93, m.upper, m.upper + np.minimum(height * 0.92, tooth))
    tongue = ellipse(0.0, m.lower[:, 6:7] - 0.06, 0.55 * m.half, 0.055)
    strokes = [
        f.stroke(band(m.x, m.upper, m.lower), dark, opened),
        f.stroke(tongue, 50 + 0.3 * f.skin, m.gap > 0.2),
        f.stroke(teeth, np.minimum(170 + 0.3 * f.skin, 235), opened & (m.gap > 0.03)),
        f.stroke(band(m.x, m.top, m.upper), lip * 0.84),
        f.stroke(band(m.x, m.lower, m.bottom), lip * 1.04),
    ]
    middle = slice(4, 9)
    shine = line(m.x[:, middle], (0.5 * (m.lower + m.bottom))[:, middle], 0.024)
    strokes.append(f.stroke(shine, np.minimum(lip * 1.2, 245), (m.bottom - m.lower)[:, 6:7] > 0.05))
    seam = dark + 0.16 * f.skin * (1 - np.maximum(au[24], au[23]))
    width = 0.026 + 0.012 * au[24] + 0.006 * au[23]
    strokes.append(f.stroke(line(m.x, m.upper, width, 0.7), seam, ~opened))
    edge = line(m.x[:, 3:10], m.bottom[:, 3:10] + 0.012, 0.022)
    strokes.append(f.stroke(edge, f.jaw_skin * 0.74, m.gap < 0.25))
    return strokes + _around_mouth(f, m)


def _around_mouth(f: Faces, m: _Mouth) -> list[Stroke]:
    """Folds beside the mouth (12, 9, 10, 14, 15, 20), pressed lips (23, 24), the chin (17)."""
    au, strokes = f.au, []
    fold = np.maximum.reduce(
        [0.75 * au[12], 0.85 * au[9], 0.75 * au[10], 0.4 * au[20], 0.4 * f.age]
    )
    for side in SIDES:
        wing = 0.15 * f.nose_width
        end = m.half + 0.06 + 0.02 * au[12]
        bow = (0.035 + 0.02 * au[12] + 0.03 * au[9]) * np.sin(np.pi * T)
        x = side * (wing + (end - wing) * T + bow)
        y0 = 0.14 - 0.05 * au[9] - 0.02 * au[10]
        strokes.append(f.crease(x, y0 + (m.corner + 0.03 - y0) * T, fold, 0.03))
        cx = side * (m.half + 0.045)
        dimple = cx + side * 0.025 * np.sin(np.pi * T)
        strokes.append(f.crease(dimple, m.corner - 0.09 + 0.17 * T, 1.2 * au[14], 0.05, f.jaw_skin))
        x = side * (m.half + 0.02 + 0.05 * T)
        strokes.append(f.crease(x, m.corner + 0.02 + 0.15 * T, 0.9 * au[15], 0.03, f.jaw_skin))
        x = side * (m.half + 0.08 + 0.05 * np.sin(np.pi * T))
        strokes.append(f.crease(x, m.corner - 0.06 + 0.2 * T, 0.7 * au[20], 0.026, f.jaw_skin))
        for k in (0.25, 0.6):
            x = side * m.half * (k + 0.06 * T)
            strokes.append(f.crease(x, m.middle - 0.12 + 0.07 * T, 0.55 * au[23], 0.02, f.jaw_skin))
            strokes.append(f.crease(x, m.middle + 0.06 + 0.06 * T, 0.55 * au[23], 0.02, f.jaw_skin))
    for sign, away in ((-1, 0.07), (1, 0.085)):
        y = m.middle + sign * (away - 0.03 * U**2)
        strokes.append(f.crease(m.half * 0.95 * U, y, 0.75 * au[24], 0.03, f.jaw_skin))
    boss = m.middle + 0.185
    arc = boss + 0.05 * U**2
    strokes.append(f.crease(0.19 * U, arc, 0.95 * au[17], 0.034, f.jaw_skin))
    for x, y in ((-0.09, 0.09), (0.0, 0.075), (0.09, 0.09), (-0.045, 0.14), (0.045, 0.14)):
        strokes.append(
            f.stroke(ellipse(x, boss + y, 0.018, 0.014), f.jaw_skin * 0.8, au[17] > 0.25)
        )
    return strokes


def wrinkles(f: Faces) -> list[Stroke]:
    """Forehead (1, 2, age), between the brows (4), bridge of the nose (9), crow's feet (6)."""
    au, strokes = f.au, []
    for k, y in enumerate((-0.60, -0.68, -0.76)):
        both = np.maximum(np.maximum(au[1], au[2]) * (0.75 - 0.1 * k), 0.35 * f.age)
        reach = 0.2 + 0.22 * np.minimum(1, au[2] + f.age)
        wave = y - 0.03 * np.minimum(au[1], 1 - 0.8 * au[2]) * (1 - U**2) * 2 + 0.02 * U**2
        strokes.append(f.crease(reach * U, wave - 0.03 * au[2], both, 0.018))
    frown = np.maximum(au[4] * (1 - 0.3 * au[1]), 0.3 * f.age)
    for side in SIDES:
        x = side * (0.045 + 0.012 * np.sin(np.pi * T))
        strokes.append(f.crease(x, -0.47 + 0.03 * au[4] + 0.17 * T, frown, 0.026))
        for k in range(3):
            slope = (k - 1) * 0.07
            x = side * (f.eye_x + 0.195 + 0.1 * T)
            strokes.append(
                f.crease(
                    x, f.eye_y + 0.01 + slope * (0.5 + T), np.maximum(0.9 * au[6], 0.4 * f.age)
                )
            )
        x = side * (f.eye_x - 0.19 + 0.36 * T)
        y = f.eye_y + 0.17 + 0.05 * np.sin(np.pi * T) - 0.03 * au[6]
        strokes.append(f.crease(x, y, 0.6 * au[6], 0.03))
        x = side * (0.06 + 0.075 * T)
        strokes.append(f.crease(x, -0.05 + 0.1 * T, 0.85 * au[9], 0.03))
    for k in range(3):
        y = -0.2 + 0.065 * k + 0.02 * U**2
        strokes.append(f.crease((0.07 + 0.015 * k) * U, y, 0.95 * au[9], 0.026))
    return strokes
