"""From parameters to pixels: strokes are projected, filled, averaged down and lit.

Filling is OpenCV's antialiased `fillPoly` with 4 bits of sub-pixel position on a canvas
`SUPERSAMPLING` times as large, whose pixels are then averaged. Shading below the features is
blurred, so that skin is smooth and lines are crisp.
"""

from __future__ import annotations

from collections.abc import Callable

import cv2
import numpy as np

from fer_utils.data import drawn_face_features as features
from fer_utils.data import drawn_face_geometry as geometry
from fer_utils.data.drawn_face_geometry import Faces, Stroke

SUPERSAMPLING = 4
SUBPIXEL_BITS = 4
# Soft polygons, sharp polygons, grey of the background, size -> unlit picture (size, size).
Painter = Callable[[list, list, float, int], np.ndarray]
_PIVOT = 0.3  # depth of the axis that the head turns about, face units


def strokes(faces: Faces) -> list[Stroke]:
    """All strokes in painting order; the soft ones are painted, and blurred, before the rest."""
    return [
        *geometry.hair_behind(faces),
        *geometry.head(faces),
        *geometry.beard(faces),
        *features.nose(faces),
        *features.wrinkles(faces),
        *features.eyes(faces),
        *features.mouth(faces),
        *geometry.hair(faces),
        *features.brows(faces),
        *geometry.glasses(faces),
    ]


def project(points: np.ndarray, depth: np.ndarray, faces: Faces) -> np.ndarray:
    """Turn (yaw), tip (roll), scale and shift points (n, P, 2) of the face into the picture.

    The face is half an ellipsoid, features lie on it and noses and glasses `depth` (P,) above it.
    """
    x, y = points[..., 0], points[..., 1]
    z = 0.55 * np.maximum(0, 1 - (x / 0.86) ** 2 - (y / 1.3) ** 2) + depth - _PIVOT
    yaw, roll = np.deg2rad(faces.yaw), np.deg2rad(faces.roll)
    x = x * (0.35 + 0.65 * np.cos(yaw)) + z * np.sin(yaw)
    cosine, sine = faces.scale * np.cos(roll), faces.scale * np.sin(roll)
    out = np.empty(points.shape, np.float32)
    out[..., 0] = x * cosine - y * sine + 2 * faces.shift_x
    out[..., 1] = x * sine + y * cosine + 2 * faces.shift_y
    return out


def fill_and_reduce(soft: list, sharp: list, background: float, size: int) -> np.ndarray:
    """One unlit face, uint8 (size, size): soft polygons, blur, sharp polygons, averaged down."""
    side = size * SUPERSAMPLING
    canvas = np.full((side, side), background, np.uint8)
    for points, grey in soft:
        cv2.fillPoly(canvas, [points], grey, cv2.LINE_AA, SUBPIXEL_BITS)
    canvas = cv2.blur(canvas, (side // 18 | 1,) * 2)
    for points, grey in sharp:
        cv2.fillPoly(canvas, [points], grey, cv2.LINE_AA, SUBPIXEL_BITS)
    return cv2.resize(canvas, (size, size), interpolation=cv2.INTER_AREA)


def render(
    faces: Faces,
    size: int,
    noise: list[np.random.Generator | None],
    paint: Painter = fill_and_reduce,
) -> np.ndarray:
    """Pictures uint8 (n, size, size); face k takes its noise from `noise[k]`, none where None.

    `paint` makes the unlit picture of one face (a benchmark passes its peer).
    """
    painted = strokes(faces)
    n, ends = len(faces.skin), np.cumsum([stroke.points.shape[1] for stroke in painted])
    points = np.empty((n, ends[-1], 2), np.float32)
    depth = np.empty(ends[-1], np.float32)
    shade, shown = np.empty((n, len(painted))), np.empty((n, len(painted)), bool)
    for j, (stroke, end) in enumerate(zip(painted, ends, strict=True)):
        place = slice(end - stroke.points.shape[1], end)
        points[:, place], depth[place] = stroke.points, stroke.depth
        shade[:, j : j + 1], shown[:, j : j + 1] = stroke.shade, stroke.shown
    points = (project(points, depth, faces) + 1) * (size * SUPERSAMPLING / 2 * 2**SUBPIXEL_BITS)
    parts = np.split(np.rint(points).astype(np.int32), ends[:-1], axis=1)
    soft = [j for j, stroke in enumerate(painted) if stroke.soft]
    sharp = [j for j, stroke in enumerate(painted) if not stroke.soft]
    out = np.empty((n, size, size), np.float32)
    for k in range(n):
        grey, there = shade[k].tolist(), shown[k].tolist()
        layers = ([(parts[j][k], grey[j]) for j in layer if there[j]] for layer in (soft, sharp))
        out[k] = paint(*layers, 255 * float(faces.background[k, 0]), size)
    return _light(out, faces, noise)


def _light(pictures: np.ndarray, faces: Faces, noise: list) -> np.ndarray:
    """Lighting gradient, contrast about mid-grey, brightness, noise; uint8 like `pictures`."""
    size = pictures.shape[-1]
    axis = (np.arange(size, dtype=np.float32) + 0.5) / size * 2 - 1
    angle = np.deg2rad(faces.light_direction)[..., None]
    strength = faces.light_strength[..., None]
    gain = 1 + strength * (np.cos(angle) * axis + np.sin(angle) * axis[:, None])
    shifted = (pictures * gain - 128) * faces.contrast[..., None]
    shifted += 128 + 255 * faces.brightness[..., None]
    for k, rng in enumerate(noise):
        if rng is not None:
            grain = rng.standard_normal((size, size), dtype=np.float32)
            shifted[k] += faces.noise[k] * grain
    return np.clip(np.rint(shifted), 0, 255).astype(np.uint8)
