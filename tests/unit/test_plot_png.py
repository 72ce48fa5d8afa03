"""Small PNGs: nothing lost where nothing need be, no bands, never larger."""

from __future__ import annotations

import io

import numpy as np
import pytest
from matplotlib import colormaps
from PIL import Image

from fer_utils import plot_style
from fer_utils.plot_png import VISIBLE, compact_png, largest_shift

RNG = np.random.default_rng(0)
GREY = np.repeat(RNG.integers(0, 256, (60, 80, 1)), 3, axis=2).astype(np.uint8)


def png(pixels: np.ndarray) -> bytes:
    target = io.BytesIO()
    Image.fromarray(pixels).save(target, "PNG")
    return target.getvalue()


def opened(content: bytes) -> Image.Image:
    return Image.open(io.BytesIO(content))


def rgb(content: bytes) -> np.ndarray:
    return np.asarray(opened(content).convert("RGB"))


def test_a_grey_picture_becomes_one_channel_and_loses_nothing():
    small = compact_png(png(GREY))
    assert opened(small).mode == "L" and len(small) < len(png(GREY))
    assert np.array_equal(rgb(small), GREY)


def test_few_colours_become_a_palette_and_lose_nothing():
    flat = np.kron(RNG.integers(0, 256, (12, 12, 3)), np.ones((9, 9, 1))).astype(np.uint8)
    small = compact_png(png(flat))
    assert opened(small).mode == "P" and np.array_equal(rgb(small), flat)


def test_a_smooth_colour_map_keeps_its_colours_a_palette_would_show_bands():
    ramps = [colormaps[name](np.linspace(0, 1, 512), bytes=True)[:, :3]
             for name in ("viridis", "RdBu", "magma", "hsv")]  # fmt: skip
    smooth = np.repeat(np.concatenate(ramps, axis=1).reshape(512, 4, 3), 16, axis=1)
    small = compact_png(png(smooth))
    assert opened(small).mode == "RGB" and np.array_equal(rgb(small), smooth)


def test_edges_of_many_colours_may_move_but_no_area():
    lines = np.full((200, 200, 3), 255, np.uint8)
    lines[np.arange(200), np.arange(200)] = RNG.integers(0, 256, (200, 3))
    lines[np.arange(199), np.arange(1, 200)] = RNG.integers(0, 256, (199, 3))
    small = compact_png(png(lines))
    assert opened(small).mode == "P"
    assert 0 < largest_shift(lines, rgb(small)) <= VISIBLE


def test_the_shift_is_that_of_means_of_squares_those_at_the_edge_too():
    black = np.zeros((20, 17, 3), np.uint8)
    point, corner = black.copy(), black.copy()
    point[3, 3, 1] = 64
    corner[16:, 16:, 2] = 3  # a square of 4 x 1
    assert largest_shift(black, black) == 0
    assert largest_shift(black, point) == largest_shift(point, black) == 1
    assert largest_shift(black, corner) == 3


@pytest.mark.parametrize("alpha", [0, 254])
def test_transparency_is_left_alone(alpha):
    clear = png(np.dstack([GREY, np.full(GREY.shape[:2], alpha, np.uint8)]))
    assert compact_png(clear) == clear


def test_a_figure_shows_itself_small_at_its_own_size_in_pixels():
    figure = plot_style.page(2)
    figure.subplots().imshow(GREY)
    whole = io.BytesIO()
    figure.savefig(whole, format="png", dpi=figure.dpi, bbox_inches="tight")
    shown = figure._repr_png_()
    assert len(shown) < len(whole.getvalue())
    assert opened(shown).size == opened(whole.getvalue()).size
