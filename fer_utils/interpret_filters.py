"""What a filter of a trained network answers to: its strongest faces, and a picture made for it.

Conventions. A *body* is the first layers of a network, from pixels in 0..1 to maps (N, C, h, w) or
to numbers (N, K): `PixelNet.until(key)`, or a whole `PixelNet`. The unit of a channel that is asked
about is the one in the middle of its map.

A picture that excites a unit most is found by gradient ascent on the pixels (Erhan et al. 2009).
Without more ado it becomes noise that no camera takes, so after each step the picture is blurred a
little (Yosinski et al. 2015), and before each step moved by a few pixels (Olah, Mordvintsev &
Schubert 2017). Its mean and contrast are held fast: else a larger answer could be had from more
contrast alone.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
import torch
import torch.nn.functional as F
from torch import Tensor, nn

from fer_utils.interpret_maps import outputs

CONTRAST = 0.25  # deviation of the pixels, that of FER2013's
RATE = 0.1  # length of a step, in root mean square of a pixel's change


class Made(NamedTuple):
    """Pictures made for channels, and what the channels answer to them."""

    pictures: np.ndarray  # float32 (channels, H, W) in 0..1
    answers: np.ndarray  # float32 (channels,)


class Found(NamedTuple):
    """The places in real faces that a channel answers to most."""

    faces: np.ndarray  # int (channels, n), which face
    rows: np.ndarray  # int (channels, n), of the unit in the map
    columns: np.ndarray
    answers: np.ndarray  # float32 (channels, n), largest first


def maximise(
    body: nn.Module,
    channels: Sequence[int],
    size: tuple[int, int] = (48, 48),
    *,
    steps: int = 60,
    blur: float = 0.6,
    shift: int = 2,
    seed: int = 0,
) -> Made:
    """For each channel a picture that excites its middle unit.

    blur: deviation in pixels, after each step; 0 none. shift: pixels that the picture may be moved
    by while the gradient is taken, but for the last third of the steps; 0 none. With both at 0
    there is no regularisation but the contrast's.
    """
    rng = torch.Generator().manual_seed(seed)
    start = torch.randn((len(channels), 1, *size), generator=rng)
    picture = _levelled(_blurred(start, max(blur, 0.5)))
    for step in range(steps):
        reach = shift if step < 2 * steps // 3 else 0
        down, right = torch.randint(-reach, reach + 1, (2,), generator=rng).tolist()
        picture.requires_grad_()
        moved = picture.roll((down, right), dims=(2, 3))
        (gradient,) = torch.autograd.grad(_middle(body(moved), channels).sum(), picture)
        size_of = gradient.square().mean(dim=(1, 2, 3), keepdim=True).sqrt()
        ahead = picture.detach() + RATE * gradient / (size_of + 1e-12)
        picture = _levelled(_blurred(ahead, blur) if blur else ahead)
    with torch.inference_mode():
        answers = _middle(body(picture), channels)
    return Made(picture[:, 0].numpy(), answers.numpy())


def strongest_places(
    body: nn.Module, faces: np.ndarray, channels: Sequence[int], n: int = 6
) -> Found:
    """The `n` places in different faces that each channel answers to most."""
    made = outputs(body, faces)[:, list(channels)]  # (N, channels, h, w)
    width = made.shape[3]
    flat = made.reshape(*made.shape[:2], -1)
    best, answers = flat.argmax(2).T, flat.max(2).T  # (channels, N)
    order = np.argsort(-answers, axis=1, kind="stable")[:, :n]
    places = np.take_along_axis(best, order, 1)
    return Found(order, places // width, places % width, np.take_along_axis(answers, order, 1))


def patches(faces: np.ndarray, found: Found, maps_size: int, side: int) -> np.ndarray:
    """What the units of `found` see, (channels, n, side, side): their receptive fields.

    maps_size: rows of the map. side: in pixels; what lies beyond the picture's edge repeats the
    edge. A side larger than the picture gives the whole picture.
    """
    size = faces.shape[1]
    if side >= size:
        return faces[found.faces]
    edge = side
    padded = np.pad(faces, ((0, 0), (edge, edge), (edge, edge)), mode="edge")
    cut = np.zeros((*found.faces.shape, side, side), faces.dtype)
    for at in np.ndindex(found.faces.shape):
        top, left = (
            int((place[at] + 0.5) * size / maps_size - side / 2) + edge
            for place in (found.rows, found.columns)
        )
        cut[at] = padded[found.faces[at], top : top + side, left : left + side]
    return cut


def middle_patches(pictures: np.ndarray, maps_size: int, side: int) -> np.ndarray:
    """What the middle unit of a map sees of each of N pictures, (N, side, side)."""
    n = len(pictures)
    middle = np.full((n, 1), maps_size // 2)
    place = Found(np.arange(n)[:, None], middle, middle, np.zeros((n, 1), np.float32))
    return patches(pictures, place, maps_size, side)[:, 0]


def _middle(made: Tensor, channels: Sequence[int]) -> Tensor:
    """Answer of the k-th channel's middle unit to the k-th picture, (channels,)."""
    if made.ndim == 4:
        made = made[:, :, made.shape[2] // 2, made.shape[3] // 2]
    return made[torch.arange(len(channels)), torch.as_tensor(list(channels))]


def _levelled(picture: Tensor) -> Tensor:
    """Mean 0.5, deviation `CONTRAST`, then cut to 0..1."""
    mean = picture.mean(dim=(2, 3), keepdim=True)
    spread = picture.std(dim=(2, 3), keepdim=True).clamp_min(1e-6)
    return ((picture - mean) / spread * CONTRAST + 0.5).clamp(0, 1).detach()


def _blurred(picture: Tensor, deviation: float) -> Tensor:
    """Gaussian blur of pictures (N, 1, H, W), edges repeated."""
    reach = max(1, round(3 * deviation))
    at = torch.arange(-reach, reach + 1, dtype=torch.float32)
    kernel = torch.exp(-(at**2) / (2 * deviation**2))
    kernel = kernel / kernel.sum()
    padded = F.pad(picture, (reach,) * 4, mode="replicate")
    return F.conv2d(F.conv2d(padded, kernel[None, None, :, None]), kernel[None, None, None, :])
