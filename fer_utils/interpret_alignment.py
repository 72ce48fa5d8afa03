"""Faces brought to the same place of the picture, so that their maps can be averaged.

A face is registered to a template, the mean of many faces: wanted is the motion under which the two
correlate most (ECC, Evangelidis & Psarakis 2008; OpenCV's `findTransformECC`), first Euclidean
(turned and shifted), from there affine (stretched and sheared too). Two things help it on pictures
that nobody posed for:

- it compares local contrast, not grey values, so that lamps on one side do not count;
- it climbs from a start and finds what is near, so it starts where the middle of the template fits
  best, by normalised cross-correlation.

Conventions. Pictures are (N, H, W). A motion is float32 (2, 3) and takes a place (x, y, 1) of the
template to the place (x, y) of the face that belongs there, in pixels.
"""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np

AROUND = 6.0  # pixels, the deviation of the blur that says what is around a pixel
QUIET = 5.0  # grey levels: contrast well below it is noise
REACH = 8  # pixels: no face stands further from its place
TURN = 25.0  # degrees: no face is turned further
STRETCH = 1.35  # no face is larger or smaller, in any direction, by more than this
CRITERIA = (cv2.TERM_CRITERIA_EPS | cv2.TERM_CRITERIA_COUNT, 50, 1e-3)
BLUR = 5  # pixels a side: the window of the blur under which ECC compares


@dataclass(frozen=True)
class Alignment:
    """How N faces lie to a template. motions: float32 (N, 2, 3). found: bool (N,), whether the face
    was registered; one that was not keeps its place."""

    motions: np.ndarray
    found: np.ndarray

    @property
    def areas(self) -> np.ndarray:
        """Pixels of the face that one pixel of the template stands for, (N,): an aligned map times
        its area adds up to what the map adds up to, what lies outside aside."""
        return np.abs(np.linalg.det(self.motions[:, :, :2]))

    def align(self, pictures: np.ndarray, edge: bool = False) -> np.ndarray:
        """The faces, or maps over them, as they lie in the template, float32 (N, H, W).

        What lies outside of a picture is 0; with `edge`, it is as the picture's nearest pixel.
        ValueError for not one picture a face.
        """
        return self._moved(pictures, cv2.WARP_INVERSE_MAP, edge)

    def back(self, maps: np.ndarray) -> np.ndarray:
        """Maps in the template's place, one a face, as they lie over the faces; the inverse of
        `align`, and 0 where the template says nothing."""
        return self._moved(maps, 0, edge=False)

    def _moved(self, pictures: np.ndarray, direction: int, edge: bool) -> np.ndarray:
        if len(pictures) != len(self.motions):
            raise ValueError(f"{len(pictures)} pictures for the motions of {len(self.motions)}")
        size = pictures.shape[2], pictures.shape[1]
        how = {
            "flags": cv2.INTER_LINEAR | direction,
            "borderMode": cv2.BORDER_REPLICATE if edge else cv2.BORDER_CONSTANT,
        }
        return np.stack(
            [
                cv2.warpAffine(one.astype(np.float32), motion, size, **how)
                for one, motion in zip(pictures, self.motions, strict=True)
            ]
        )


def local_contrast(picture: np.ndarray) -> np.ndarray:
    """Each pixel minus the mean around it, divided by the deviation around it, float32 (H, W)."""
    grey = picture.astype(np.float32)
    detail = grey - cv2.GaussianBlur(grey, (0, 0), AROUND)
    around = np.sqrt(cv2.GaussianBlur(detail * detail, (0, 0), 1.5 * AROUND))
    return detail / (around + QUIET)


def mean_contrast(faces: np.ndarray) -> np.ndarray:
    """A template: the mean local contrast of faces and of their mirror images, float32 (H, W)."""
    mean = np.mean([local_contrast(face) for face in faces], axis=0, dtype=np.float64)
    return ((mean + mean[:, ::-1]) / 2).astype(np.float32)


def register(faces: np.ndarray, template: np.ndarray) -> Alignment:
    """Where each face (N, H, W) lies, to be brought to a `template` (H, W).

    A face keeps its place where ECC does not converge (nothing in it looks like the template) or
    ends further away than `plausible`. ValueError for a template of another size.
    """
    if faces.shape[1:] != template.shape:
        raise ValueError(f"faces {faces.shape[1:]} and a template {template.shape}: give one size")
    found = [_motion(local_contrast(face), template) for face in faces]
    still = np.eye(2, 3, dtype=np.float32)
    return Alignment(
        np.stack([still if motion is None else motion for motion in found]),
        np.array([motion is not None for motion in found]),
    )


def plausible(motion: np.ndarray, height: int, width: int) -> bool:
    """Whether a motion shifts the middle by no more than REACH, turns by no more than TURN and
    stretches no direction by more than STRETCH."""
    linear, middle = motion[:, :2], np.array([width - 1, height - 1]) / 2
    shift = np.linalg.norm(linear @ middle + motion[:, 2] - middle)
    turn = np.arctan2(linear[1, 0] - linear[0, 1], linear[0, 0] + linear[1, 1])
    scales = np.linalg.svd(linear, compute_uv=False)
    return bool(
        shift <= REACH
        and abs(np.degrees(turn)) <= TURN
        and scales.max() <= STRETCH
        and scales.min() >= 1 / STRETCH
    )


def likeness_to_mean(pictures: np.ndarray) -> float:
    """Pearson's correlation of a picture with the mean of all, over pixels; the mean over pictures.

    Pictures of one grey are left out. ValueError where fewer than two are left.
    """
    rows = pictures.reshape(len(pictures), -1).astype(np.float64)
    rows = rows[rows.std(axis=1) > 0]
    if len(rows) < 2:
        raise ValueError(f"a likeness needs two pictures that show something, got {len(rows)}")
    mean = rows.mean(axis=0)
    return float(np.mean([np.corrcoef(row, mean)[0, 1] for row in rows]))


def _motion(face: np.ndarray, template: np.ndarray) -> np.ndarray | None:
    """The last plausible motion of Euclidean and affine, or None; both pictures local contrasts."""
    if not face.any():
        return None
    best = None
    motion = _start(face, template)
    for kind in (cv2.MOTION_EUCLIDEAN, cv2.MOTION_AFFINE):
        try:
            _, tried = cv2.findTransformECC(
                template, face, motion.copy(), kind, CRITERIA, None, BLUR
            )
        except cv2.error as error:
            if error.code != cv2.Error.StsNoConv:
                raise
            continue
        if plausible(tried, *face.shape):
            best = motion = tried
    return best


def _start(face: np.ndarray, template: np.ndarray) -> np.ndarray:
    """The shift, whole pixels up to REACH, at which the template's middle fits the face best."""
    middle = template[REACH:-REACH, REACH:-REACH]
    fits = cv2.matchTemplate(face, middle, cv2.TM_CCOEFF_NORMED)
    y, x = np.unravel_index(fits.argmax(), fits.shape)
    return np.array([[1, 0, x - REACH], [0, 1, y - REACH]], np.float32)
