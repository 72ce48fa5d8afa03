"""The strokes of a drawn face: head, hair, shading and glasses, and the tools all strokes share.

Face units: the picture spans -1..1 in x (right) and y (down); the eyes are at about (+-0.37,
-0.16), the mouth at (0, 0.5), the chin at (0, 0.96). Depth z points to the viewer. n faces are
computed at once: every parameter is a float32 column (n, 1), curves are (n, P, 2). A stroke is
always a filled polygon; thin lines are tapered bands.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache

import numpy as np

U = np.linspace(-1, 1, 13, dtype=np.float32)[None]  # along a curve from left to right
T = np.linspace(0, 1, 9, dtype=np.float32)[None]  # along a short curve
ANGLE = np.linspace(0, 2 * np.pi, 18, endpoint=False, dtype=np.float32)[None]
CIRCLE = np.cos(ANGLE), np.sin(ANGLE)
SIDES = (-1, 1)  # picture left, picture right


@dataclass(frozen=True)
class Stroke:
    """One filled polygon in each of n faces; what all faces share may have a first axis of 1."""

    points: np.ndarray  # float32 (n, P, 2), face units
    shade: np.ndarray | float  # (n, 1), grey 0..255
    shown: np.ndarray | bool  # bool (n, 1), faces that have it
    soft: bool = False  # drawn below the blur: skin shading
    depth: float = 0.0  # what stands out from the skin, face units


class Faces:
    """The parameters of n faces as columns (n, 1): `au[number]`, identity fields, `skin` grey."""

    def __init__(self, au: dict[int, np.ndarray], identity: dict, pose: dict) -> None:
        self.__dict__.update(identity)
        self.__dict__.update(pose)
        self.au = au
        self.skin = 82 + 122 * self.skin_shade
        self.hair_grey = 14 + 200 * self.hair_shade
        hairy = self.beard * np.minimum(self.hair_grey, 0.8 * self.skin)
        self.jaw_skin = hairy + (1 - self.beard) * self.skin  # where a beard would grow
        self.jaw_drop = np.maximum(0.08 * au[26], 0.21 * au[27])
        self.half_width = 0.765 * self.face_width
        self.chin = 0.96 * self.face_length
        self.eye_x, self.eye_y = 0.37 * self.eye_distance, -0.16 + 0 * self.skin

    def stroke(self, points, shade, shown=True, soft=False, depth=0.0) -> Stroke:
        """A stroke with `shade` in grey levels; shown in all faces unless told."""
        return Stroke(points, shade, shown, soft, depth)

    def crease(self, x, y, strength, width=0.022, base=None) -> Stroke:
        """A tapered line along (x, y), darker than `base` (the skin) by `strength` 0..1."""
        shade = (self.skin if base is None else base) * (1 - 0.52 * np.minimum(strength, 1))
        return self.stroke(line(x, y, width), shade, strength > 0.06)


def join(x, y) -> np.ndarray:
    """Points (n, P, 2) from x and y of shapes that broadcast to (n, P)."""
    out = np.empty((*np.broadcast_shapes(np.shape(x), np.shape(y)), 2), np.float32)
    out[..., 0], out[..., 1] = x, y
    return out


def band(x, upper, lower) -> np.ndarray:
    """The polygon between two curves over the same x."""
    x, upper, lower = np.broadcast_arrays(x, upper, lower)
    return join(np.concatenate([x, x[:, ::-1]], 1), np.concatenate([upper, lower[:, ::-1]], 1))


def line(x, y, width, taper: float = 0.85) -> np.ndarray:
    """The polygon of a line along (x, y), `width` at its middle, thinner to its ends."""
    x, y = np.broadcast_arrays(x, y)
    dx, dy = _direction(x), _direction(y)
    half = 0.5 * width * (1 - taper * _along(x.shape[1])) / np.maximum(np.hypot(dx, dy), 1e-6)
    nx, ny = -dy * half, dx * half
    return join(
        np.concatenate([x + nx, (x - nx)[:, ::-1]], 1),
        np.concatenate([y + ny, (y - ny)[:, ::-1]], 1),
    )


def _direction(values) -> np.ndarray:
    """Differences across the neighbours of each point, of any length: only direction is used."""
    out = np.empty(values.shape, np.float32)
    out[:, 1:-1] = values[:, 2:] - values[:, :-2]
    out[:, 0], out[:, -1] = values[:, 1] - values[:, 0], values[:, -1] - values[:, -2]
    return out


@cache
def _along(points: int) -> np.ndarray:
    """Squared distance from the middle of a line, 1 at its ends."""
    return np.linspace(-1, 1, points, dtype=np.float32) ** 2


def ellipse(x, y, rx, ry) -> np.ndarray:
    """The polygon of an ellipse about (x, y)."""
    return join(x + rx * CIRCLE[0], y + ry * CIRCLE[1])


def outline(f: Faces, grow=0.0, n: int = 40) -> np.ndarray:
    """The contour of the head, the jaw lowered as far as AU 26 and 27 say."""
    angle = np.linspace(0, 2 * np.pi, n, endpoint=False, dtype=np.float32)[None]
    sine, cosine = np.sin(angle), -np.cos(angle)  # from the top clockwise
    low = np.maximum(cosine, 0)
    power = np.where(cosine > 0, 0.92 - 0.34 * f.jaw, 0.85)
    x = np.sign(sine) * np.abs(sine) ** power * (1 - (0.24 - 0.12 * f.jaw) * low**1.5)
    height = np.where(cosine > 0, f.chin + f.jaw_drop, 1.12)
    y = np.sign(cosine) * np.abs(cosine) ** 0.95 * height
    return join(x * (f.half_width + grow), y * (1 + grow))


def head(f: Faces) -> list[Stroke]:
    """Neck, ears and the skin with its soft shading."""
    skin, s = f.skin, f.stroke
    strokes = [
        s(
            band(0.5 * U * f.half_width / 0.8 * 1.1, 0.5 + 0 * U, 1.7 + 0 * U),
            skin * 0.5,
            soft=True,
        ),
        s(
            band(1.5 * U, 1.16 + 0.25 * U**2, 1.9 + 0 * U),
            30 + 190 * ((f.age * 7.3) % 1),
            soft=True,
        ),
    ]
    for side in SIDES:
        ear = ellipse(side * (f.half_width + 0.03), -0.02, 0.09, 0.2)
        strokes.append(s(ear, skin * 0.8, soft=True))
    strokes.append(s(outline(f), skin * 0.80, soft=True))
    strokes.append(s(outline(f, -0.09), skin * 0.97, soft=True))
    strokes.append(s(ellipse(0, -0.62, 0.46 * f.face_width, 0.2), skin * 1.06, soft=True))
    light = np.cos(np.deg2rad(f.light_direction)) * f.light_strength * 2
    raised = np.maximum(f.au[6], 0.7 * f.au[12])
    for side in SIDES:
        x, y = side * f.eye_x, f.eye_y
        strokes.append(s(ellipse(x, y - 0.06, 0.22, 0.13), skin * 0.84, soft=True))
        cheek = ellipse(x * 1.12, 0.22 - 0.06 * raised, 0.19, 0.12 + 0.03 * raised)
        strokes.append(s(cheek, skin * (1.04 + 0.1 * raised), soft=True))
        hollow = band(side * (0.5 + 0.13 * T), 0.42 - 0.1 * T, 0.75 - 0.45 * T)
        strokes.append(s(hollow, skin * (0.9 - 0.08 * raised), soft=True))
        flank = band(side * (0.05 + 0.075 * T), -0.22 + 0.25 * T, 0.16 + 0.06 * T)
        strokes.append(s(flank, skin * (0.88 + 0.08 * side * light), soft=True))
    strokes.append(s(ellipse(0, 0.0, 0.035, 0.19), skin * 1.07, soft=True, depth=0.12))
    strokes.append(s(ellipse(0, 0.26 * f.nose_length, 0.14, 0.03), skin * 0.72, soft=True))
    boss = 0.81 + f.jaw_drop - 0.03 * f.au[17]
    strokes.append(s(ellipse(0, boss - 0.09, 0.2, 0.045), skin * 0.84, soft=True))
    chin = ellipse(0, boss, 0.13 + 0.03 * f.au[17], 0.07 + 0.02 * f.au[17])
    strokes.append(s(chin, skin * (1.04 + 0.06 * f.au[17]), soft=True))
    return strokes


def beard(f: Faces) -> list[Stroke]:
    """Beard and moustache, the more of the hair's shade the fuller."""
    drop, shade = f.jaw_drop, np.minimum(f.hair_grey, f.skin * 0.8)
    x = f.half_width * U
    rim = (f.chin + drop + 0.02) * np.maximum(1 - np.abs(U) ** (2.6 + f.jaw), 0) ** 0.6
    inner = 0.6 + 0.45 * drop - 0.62 * np.abs(U) ** 2.3
    full = f.stroke(
        band(x, np.minimum(inner, rim), rim), f.jaw_skin * 0.96, f.beard > 0.05, soft=True
    )
    lift = 0.04 * f.au[10] + 0.03 * f.au[9]
    reach = 0.27 * f.mouth_width * (1 + 0.25 * f.au[12] + 0.25 * f.au[20])
    end = 0.49 - 0.07 * f.au[12] + 0.05 * f.au[15]
    middle = 0.345 - lift
    upper = middle + (end - middle) * U**2
    lower = middle + 0.085 + (end + 0.03 - middle - 0.085) * U**2
    grey = shade * f.moustache + f.skin * 0.9 * (1 - f.moustache)
    return [full, f.stroke(band(reach * U, upper, lower), grey, f.moustache > 0.05, soft=True)]


def hair_behind(f: Faces) -> list[Stroke]:
    """Long hair behind head and neck."""
    length, width = f.hair[:, 6:7], f.hair[:, 7:8]
    down = -0.9 + (length + 0.9) * T
    x = f.half_width * np.minimum(0.75 + T, 1) + width * np.sin(2.4 * T) ** 0.5
    both = join(np.concatenate([x, -x[:, ::-1]], 1), np.concatenate([down, down[:, ::-1]], 1))
    return [f.stroke(both, f.hair_grey * 0.8, length > 0, soft=True)]


def hair(f: Faces) -> list[Stroke]:
    """The cap of hair over the forehead, and long hair in front of the ears."""
    line_y, temple, square, slant, volume, bumps, length, width = (
        f.hair[:, k : k + 1] for k in range(8)
    )
    side = np.where(f.asymmetry < 0, -1, 1)
    v = np.linspace(-1, 1, 29, dtype=np.float32)[None]
    y = line_y + (temple - line_y) * np.abs(v) ** square + side * slant * v * (1 - v**2) * 2.2
    locks = np.sin(9 * v + 60 * f.face_width) + 0.6 * np.sin(21 * v + 80 * f.face_length)
    y = y + 0.016 * locks * (1 - v**6)  # not a cap's edge
    phi = np.linspace(1.75, -1.75, 25, dtype=np.float32)[None]
    grow = 1 + volume + bumps * np.cos(phi * 17)
    ox, oy = (
        f.half_width * 1.03 * np.sin(phi) * grow,
        temple - 0.05 + (-1.2 - temple) * np.cos(phi).clip(0) * (1 + volume),
    )
    inner = f.half_width * 0.97 * v
    x = np.concatenate([np.broadcast_to(inner, y.shape), ox], 1)
    hairy = line_y > -1.2
    strokes = [f.stroke(join(x, np.concatenate([y, oy], 1)), f.hair_grey, hairy)]
    sheen = line(0.55 * U * f.half_width, line_y - 0.2 + 0.12 * U**2, 0.08)
    bright = np.minimum(f.hair_grey * 1.08 + 14, 245)
    strokes.append(f.stroke(sheen, bright, hairy))
    for k in (-0.5, -0.2, 0.15, 0.45):  # a few strands from the crown to the hairline
        x = f.half_width * k * (0.4 + 0.6 * T) + 0.1 * side
        strand = line(x, -1.12 + (line_y + 1.02 + 0.1 * k**2) * T, 0.025)
        strokes.append(f.stroke(strand, bright if k < 0 else 0.82 * f.hair_grey, hairy))
    for s in SIDES:
        down = -0.55 + (length + 0.55) * T
        edge = f.half_width * (1.0 - 0.12 * np.sin(2.6 * T))
        outer = f.half_width * 1.03 + width * np.sin(2.4 * T) ** 0.5
        sheet = join(
            s * np.concatenate([edge, outer[:, ::-1]], 1),
            np.concatenate([down, (down - 0.08 * T**4)[:, ::-1]], 1),
        )
        strokes.append(f.stroke(sheet, f.hair_grey, length > 0))
        for k in (0.3, 0.65):
            strand = line(s * (edge + k * (outer - edge)), down * 0.93, 0.03)
            strokes.append(f.stroke(strand, bright if k < 0.5 else 0.8 * f.hair_grey, length > 0))
    return strokes


def glasses(f: Faces) -> list[Stroke]:
    """Round-cornered frames: each lens a ring of two polygons' difference drawn as a band."""
    strokes, shown = [], f.glasses > 0
    shade = f.skin * (1 - f.glasses) + 22 * f.glasses
    angle = np.linspace(0, 2 * np.pi, 25, dtype=np.float32)[None]
    cx, cy = np.cos(angle), np.sin(angle)
    cx, cy = np.sign(cx) * np.abs(cx) ** 0.7, np.sign(cy) * np.abs(cy) ** 0.7
    for s in SIDES:
        x, y = s * f.eye_x * 1.03 + 0.225 * cx, f.eye_y + 0.02 + 0.16 * cy
        ring = line(x, y, 0.022 + 0.02 * (f.glasses > 0.85), taper=0.0)
        strokes.append(f.stroke(ring, shade, shown, depth=0.05))
        arm_x = s * (f.eye_x * 1.03 + 0.225 + (f.half_width - f.eye_x * 1.03 - 0.22) * T)
        strokes.append(f.stroke(line(arm_x, f.eye_y + 0 * T, 0.026, 0.0), shade, shown))
    bridge = (f.eye_x * 1.03 - 0.225) * U
    arch = line(bridge, f.eye_y - 0.02 * (1 - U**2), 0.028, 0.0)
    strokes.append(f.stroke(arch, shade, shown, depth=0.12))
    return strokes
