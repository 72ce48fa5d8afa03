"""Tests of the exercises of chapter 07: sizes, counts and ranges of a borrowed network."""

from __future__ import annotations

import numpy as np

from fer_utils.exercises.exercise import exercise
from fer_utils.exercises.expect import call, expect, require


@exercise("07.1")
def places_left(function):
    why = "Four times: (n - 3) // 2 + 1; then the square of what is left"
    expect(function, 48, wanted=4, why=why)
    expect(function, 96, wanted=25, why=why)
    expect(function, 224, wanted=169, why=why)
    expect(function, 63, wanted=9, why="A side of 63 leaves 31, 15, 7 and 3")
    expect(function, 62, wanted=4, why="A side of 62 leaves 30, 14, 6 and 2: each step rounds down")


@exercise("07.2")
def head_parameters(function):
    expect(function, 1, 8, [7], wanted=63, why="8 weights and a bias for each of 7 units")
    expect(function, 2, 8, [7], wanted=231, why="Flattened, 2 x 2 places of 8 channels are 32")
    wanted = 38_361_669 - 12_930_622
    expect(function, 4, 1536, [1024, 256, 7], wanted=wanted, why="Each layer reads the one before")


@exercise("07.3")
def as_backbone_wants(function):
    images = np.array([[[0, 51], [204, 255]], [[51, 51], [102, 153]]], np.uint8)
    for low, high in ((0.0, 1.0), (-1.0, 1.0), (0.0, 255.0)):
        wanted = np.repeat((low + (high - low) * images[..., None] / 255), 3, axis=-1)
        why = f"0 becomes {low:g}, 255 becomes {high:g}, in three equal channels at the end"
        expect(function, images, low, high, wanted=wanted, within=1e-4, why=why)
        why += ", also in a picture that holds neither"
        wanted = wanted[1:]
        expect(function, images[1:], low, high, wanted=wanted, within=1e-4, why=why)
    kind = np.asarray(call(function, images, 0.0, 1.0)).dtype
    require(kind == np.float32, f"expected float32, got {kind}: half the memory of float64")
