"""Augmentation: exact where it can be (flips, shifts by whole pixels, quarter turns), bounded
where it draws, and the same again from the same seed."""

from __future__ import annotations

import json
import math

import pytest
import torch

from fer_utils.data import augment_torch
from fer_utils.data.augment import Augment

EVERYTHING = Augment(
    horizontal_flip=0.5,
    vertical_flip=0.3,
    rotation=20,
    shift=0.1,
    scale=0.2,
    shear=10,
    erasing=0.5,
    brightness=0.3,
)


def seeded(seed: int = 0) -> torch.Generator:
    return torch.Generator().manual_seed(seed)


def noise(*shape: int) -> torch.Tensor:
    return torch.rand(*shape, generator=seeded(99))


def fixed_draws(monkeypatch: pytest.MonkeyPatch, **values: float) -> None:
    """Make every draw the middle of its range (no turn, no shift ...) but for those named."""

    def rand(n: int, columns: int, **_: object) -> torch.Tensor:
        block = torch.full((n, columns), 0.5)
        for name, value in values.items():
            block[:, augment_torch.COLUMNS.index(name)] = value
        return block

    monkeypatch.setattr(augment_torch.torch, "rand", rand)


def dot(height: int, width: int, y: int, x: int) -> torch.Tensor:
    picture = torch.zeros(1, 1, height, width)
    picture[0, 0, y, x] = 1
    return picture


def where_is_the_dot(picture: torch.Tensor) -> tuple[int, int]:
    y, x = divmod(int(picture[0, 0].argmax()), picture.shape[3])
    assert picture[0, 0, y, x] > 0.99
    assert picture.sum() < 1.01
    return y, x


def test_nothing_asked_changes_nothing():
    images = noise(5, 3, 7, 9)
    assert torch.equal(Augment()(images, seeded()), images)


def test_flips_are_exact_and_drawn_per_picture():
    images = noise(200, 2, 5, 8)
    assert torch.equal(Augment(horizontal_flip=1)(images), images.flip(3))
    assert torch.equal(Augment(vertical_flip=1)(images), images.flip(2))
    half = Augment(horizontal_flip=0.5)(images, seeded())
    kept = (half == images).flatten(1).all(1)
    mirrored = (half == images.flip(3)).flatten(1).all(1)
    assert (kept ^ mirrored).all()
    assert 60 < kept.sum() < 140


def test_flips_inside_the_affine_map_are_the_same_flips():
    images = noise(20, 1, 6, 10)
    flips = Augment(horizontal_flip=0.5, vertical_flip=0.5)
    barely = Augment(horizontal_flip=0.5, vertical_flip=0.5, rotation=1e-4)
    assert torch.allclose(flips(images, seeded()), barely(images, seeded()), atol=1e-3)


@pytest.mark.parametrize(("height", "width"), [(9, 9), (9, 21)])
def test_a_quarter_turn_moves_a_pixel_by_a_right_angle(monkeypatch, height, width):
    fixed_draws(monkeypatch, rotation=1.0)  # the whole of +90 degrees
    turned = Augment(rotation=90)(dot(height, width, height // 2, width // 2 + 3))
    assert where_is_the_dot(turned) == (height // 2 - 3, width // 2)  # right goes up


def test_a_turn_of_a_wide_picture_keeps_distances(monkeypatch):
    """Turned in normalised coordinates instead of pixels, the spot would come closer."""
    fixed_draws(monkeypatch, rotation=1.0)
    y, x = torch.meshgrid(torch.arange(31) - 15.0, torch.arange(61) - 30.0, indexing="ij")
    spot = torch.exp(-((x - 10) ** 2 + y**2) / 4)[None, None]
    turned = Augment(rotation=30)(spot)[0, 0]
    centre_x, centre_y = (turned * x).sum() / turned.sum(), (turned * y).sum() / turned.sum()
    assert centre_x == pytest.approx(10 * math.cos(math.pi / 6), abs=0.05)
    assert centre_y == pytest.approx(-10 * math.sin(math.pi / 6), abs=0.05)


def test_shift_moves_by_a_fraction_of_width_and_of_height(monkeypatch):
    fixed_draws(monkeypatch, shift_x=1.0, shift_y=0.0)
    shifted = Augment(shift=0.25)(dot(8, 16, 5, 3))
    assert where_is_the_dot(shifted) == (5 - 2, 3 + 4)


def test_what_comes_in_from_outside_repeats_the_border(monkeypatch):
    images = noise(1, 1, 4, 8)
    fixed_draws(monkeypatch, shift_x=1.0)
    shifted = Augment(shift=0.25)(images)
    expected = torch.cat([images[..., :1].expand(1, 1, 4, 2), images[..., :6]], 3)
    assert torch.allclose(shifted, expected, atol=1e-5)


def test_zoom_moves_away_from_the_centre(monkeypatch):
    fixed_draws(monkeypatch, scale=1.0)
    ramp = torch.linspace(0, 1, 41).expand(1, 1, 41, 41)
    zoomed = Augment(scale=0.5)(ramp)
    assert zoomed[0, 0, 0, 35].item() == pytest.approx(0.5 + 15 / 1.5 / 40, abs=1e-5)


def test_shear_slants_by_its_angle(monkeypatch):
    fixed_draws(monkeypatch, shear=1.0)
    sheared = Augment(shear=45)(dot(11, 11, 2, 5))  # three rows above the centre
    assert where_is_the_dot(sheared) == (2, 8)


def test_pictures_draw_apart_and_seeds_repeat():
    images = noise(1, 1, 12, 12).expand(8, 1, 12, 12)
    once, again = EVERYTHING(images, seeded(3)), EVERYTHING(images, seeded(3))
    other = EVERYTHING(images, seeded(4))
    assert torch.equal(once, again)
    assert not torch.equal(once, other)
    assert len({tuple(picture.flatten().tolist()) for picture in once}) == 8


def test_the_generator_moves_on_by_the_same_amount_whatever_is_asked():
    states = []
    for settings in (Augment(), Augment(erasing=1), EVERYTHING):
        generator = seeded()
        settings(noise(4, 1, 6, 6), generator)
        states.append(generator.get_state())
    assert torch.equal(states[0], states[1])
    assert torch.equal(states[0], states[2])


def test_big_batches_go_through_in_chunks_with_the_same_result(monkeypatch):
    images = noise(40, 1, 10, 10)
    whole = EVERYTHING(images, seeded())
    monkeypatch.setattr(augment_torch, "CPU_CHUNK", 700)
    assert torch.equal(EVERYTHING(images, seeded()), whole)


@pytest.mark.parametrize(("height", "width"), [(48, 48), (40, 64)])
def test_erased_rectangles_have_the_area_asked_for(height, width):
    smallest, largest = 0.05, 0.3
    settings = Augment(erasing=1, erasing_area=(smallest, largest))
    images = torch.ones(400, 2, height, width)
    erased = settings(images, seeded()) == 0.5
    assert torch.equal(erased[:, 0], erased[:, 1])  # the same rectangle in every channel
    mask = erased[:, 0]
    rows, columns = mask.any(2).sum(1), mask.any(1).sum(1)
    area = mask.sum((1, 2))
    assert torch.equal(area, rows * columns)  # one solid rectangle each
    share = area / (height * width)
    rounding = 0.5 / rows + 0.5 / columns + 0.25 / area  # half a pixel on either side
    assert (share > smallest * (1 - 2 * rounding)).all()
    assert (share < largest * (1 + 2 * rounding)).all()
    assert 0.14 < share.mean() < 0.21
    anywhere = mask.any(0)
    assert anywhere[4:-4, 4:-4].all()  # rectangles fall everywhere, up to all four sides
    assert all(side.any() for side in (anywhere[0], anywhere[-1], *anywhere[:, [0, -1]].T))


def test_erasing_happens_to_its_share_of_the_pictures():
    erased = Augment(erasing=0.3)(torch.zeros(1000, 1, 8, 8), seeded()).flatten(1).any(1)
    assert 240 < erased.sum() < 360


def test_brightness_multiplies_and_stays_in_range():
    images = torch.full((300, 1, 4, 4), 0.5)
    out = Augment(brightness=0.4)(images, seeded())
    assert out.min() >= 0.3
    assert out.max() <= 0.7
    assert out.max() - out.min() > 0.35
    assert torch.equal(out.amin((1, 2, 3)), out.amax((1, 2, 3)))  # one factor a picture
    assert Augment(brightness=1)(torch.ones(50, 1, 2, 2), seeded()).max() == 1


@pytest.mark.parametrize("dtype", [torch.float32, torch.bfloat16, torch.float16, torch.float64])
def test_range_shape_dtype_and_input_are_kept(dtype):
    images = noise(30, 3, 14, 10).to(dtype)
    before = images.clone()
    out = EVERYTHING(images, seeded())
    assert (out.dtype, out.shape) == (dtype, images.shape)
    assert out.min() >= 0
    assert out.max() <= 1
    assert torch.equal(images, before)


@pytest.mark.parametrize("channels", [1, 3])
@pytest.mark.parametrize("settings", [EVERYTHING, Augment(horizontal_flip=0.5), Augment()])
def test_channels_last_stays_channels_last(channels, settings):
    images = noise(4, 8, 9, channels).permute(0, 3, 1, 2)
    out = settings(images, seeded())
    assert out.stride() == images.stride()
    assert torch.equal(out, settings(images.contiguous(), seeded()))


def test_no_pictures_is_no_error():
    assert EVERYTHING(torch.empty(0, 1, 8, 8)).shape == (0, 1, 8, 8)


def test_to_dict_leaves_defaults_out_and_round_trips_through_json():
    assert Augment().to_dict() == {}
    settings = Augment(rotation=10, erasing_area=(0.1, 0.3))
    assert settings.to_dict() == {"rotation": 10.0, "erasing_area": [0.1, 0.3]}
    for one in (settings, EVERYTHING, Augment(rotation=10.0, shift=0.1, scale=0.1)):
        assert Augment.from_dict(json.loads(json.dumps(one.to_dict()))) == one
    with pytest.raises(ValueError, match="spin"):
        Augment.from_dict({"spin": 3})


@pytest.mark.parametrize(
    ("error", "settings"),
    [
        (ValueError, {"horizontal_flip": 1.5}),
        (ValueError, {"rotation": -5}),
        (ValueError, {"scale": 1.0}),
        (ValueError, {"shear": 90}),
        (ValueError, {"brightness": math.nan}),
        (ValueError, {"erasing_area": (0.3, 0.1)}),
        (ValueError, {"erasing_area": (0.0, 0.1)}),
        (TypeError, {"shift": "0.1"}),
        (TypeError, {"erasing": True}),
    ],
)
def test_bad_settings_are_named(error, settings):
    with pytest.raises(error, match=next(iter(settings))):
        Augment(**settings)


def test_bad_batches_say_what_was_expected():
    with pytest.raises(ValueError, match=r"\(N, C, H, W\)"):
        EVERYTHING(torch.zeros(48, 48))
    with pytest.raises(TypeError, match="divide"):
        EVERYTHING(torch.zeros(2, 1, 48, 48, dtype=torch.uint8))


@pytest.mark.skipif(not torch.cuda.is_available(), reason="needs a CUDA device")
def test_cuda_never_waits_and_refuses_a_cpu_generator():
    images = noise(16, 1, 48, 48).cuda()
    generator = torch.Generator("cuda").manual_seed(0)
    EVERYTHING(images, generator)
    torch.cuda.set_sync_debug_mode("error")
    try:
        out = EVERYTHING(images.bfloat16(), generator)
    finally:
        torch.cuda.set_sync_debug_mode("default")
    assert out.device.type == "cuda"
    assert out.dtype == torch.bfloat16
    with pytest.raises(ValueError, match="generator"):
        EVERYTHING(images, seeded())
