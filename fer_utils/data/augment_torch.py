"""Batched augmentation on Torch tensors: the work behind `augment.Augment`.

Conventions are those of `augment`. Pixel offsets are measured from the picture's centre, x to the
right, y downwards. Nothing here reads a value back from the device, so a GPU is never waited for.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import torch
import torch.nn.functional as F

if TYPE_CHECKING:
    from fer_utils.data.augment import Augment

GREY = 0.5  # what erased rectangles are filled with
ASPECT = 3.3  # an erased rectangle's height : width, relative to the picture's, 1/3.3 to 3.3
CPU_CHUNK = 1 << 17  # pixels handled at a time on a CPU, so that they stay in its cache

# columns of the block of uniform draws; a new one goes to the end
COLUMNS = (
    *("horizontal_flip", "vertical_flip", "rotation", "shift_x", "shift_y", "scale", "shear"),
    *("brightness", "erasing", "area", "aspect", "left", "top"),
)


def apply(
    settings: Augment, images: torch.Tensor, generator: torch.Generator | None = None
) -> torch.Tensor:
    """`Augment.__call__`: float (N, C, H, W) in 0..1 to the same shape, dtype, device, layout."""
    _check(images, generator)
    block = torch.rand(len(images), len(COLUMNS), generator=generator, device=images.device)
    plan = _plan(settings, dict(zip(COLUMNS, block.unbind(1), strict=True)), images)
    if not plan or len(images) == 0:
        return images
    height, width = images.shape[2:]
    step = len(images)
    if images.device.type == "cpu":
        step = max(1, CPU_CHUNK // (height * width))
    out = torch.empty_like(images)  # the pictures' layout, whatever the steps below return
    for i in range(0, len(images), step):
        part = {name: values[i : i + step] for name, values in plan.items()}
        out[i : i + step] = _carry_out(part, images[i : i + step])
    return out


def _plan(
    settings: Augment, draw: dict[str, torch.Tensor], images: torch.Tensor
) -> dict[str, torch.Tensor]:
    """What to do with each picture, one row a picture; only what is asked has an entry.

    `draw` maps each of COLUMNS to uniform numbers (N,). Cheap: sides of pictures, never areas.
    """
    height, width = images.shape[2:]
    plan = {}
    if settings.moves_pixels:
        plan["columns"], plan["rows"] = _grid_sides(_inverse_map(settings, draw), height, width)
    else:
        for name in ("horizontal_flip", "vertical_flip"):
            if probability := getattr(settings, name):
                plan[name] = (draw[name] < probability).view(-1, 1, 1, 1)
    if settings.brightness:
        factor = 1 + settings.brightness * _signed(draw["brightness"])
        plan["brightness"] = factor.to(images.dtype).view(-1, 1, 1, 1)
    if settings.erasing:
        in_rows, in_columns = _rectangle_sides(settings, draw, height, width)
        plan["erased_rows"] = in_rows.to(images.dtype).view(-1, 1, height, 1)
        plan["erased_columns"] = in_columns.to(images.dtype).view(-1, 1, 1, width)
    return plan


def _carry_out(plan: dict[str, torch.Tensor], images: torch.Tensor) -> torch.Tensor:
    """The work on pixels: pictures (n, C, H, W) and their n rows of the plan."""
    if "columns" in plan:
        images = _resample(images, plan["columns"], plan["rows"])
    for name, axis in (("horizontal_flip", 3), ("vertical_flip", 2)):
        if name in plan:  # flips alone only reorder pixels
            images = torch.where(plan[name], images.flip(axis), images)
    if "brightness" in plan:
        images = (images * plan["brightness"]).clamp_(0, 1)
    if "erased_rows" in plan:  # a product and a lerp of floats: a quarter of the time of
        mask = plan["erased_rows"] * plan["erased_columns"]  # `&` and `masked_fill`, and
        images = torch.lerp(images, images.new_full((), GREY), mask)  # exact at 0 and at 1
    return images


def _check(images: torch.Tensor, generator: torch.Generator | None) -> None:
    if images.ndim != 4 or 0 in images.shape[1:]:
        raise ValueError(f"expected images (N, C, H, W), got shape {tuple(images.shape)}")
    if not images.is_floating_point():
        raise TypeError(f"expected float images in 0..1, got {images.dtype}; divide raw by 255")
    if generator is not None and generator.device.type != images.device.type:
        raise ValueError(
            f"the generator is on {generator.device}, the images are on {images.device}; "
            f"make it with torch.Generator(device={str(images.device)!r})"
        )


def _signed(uniform: torch.Tensor) -> torch.Tensor:
    """Uniform in [0, 1) to uniform in [-1, 1)."""
    return 2 * uniform - 1


def _inverse_map(settings: Augment, draw: dict[str, torch.Tensor]) -> tuple[torch.Tensor, ...]:
    """Where a pixel of the new picture is read from: (a, b, c, d, shift_x, shift_y), each (N,).

    A pixel goes from p to R K s F p + t (flip F, scale s, shear K, turn R, in pixels; t in
    fractions of the size), so it is read at F/s K^-1 R^-1 (p' - t), [[a, b], [c, d]] (p' - t).
    """
    angle = torch.deg2rad(settings.rotation * _signed(draw["rotation"]))
    slope = torch.tan(torch.deg2rad(settings.shear * _signed(draw["shear"])))
    zoom = 1 + settings.scale * _signed(draw["scale"])
    flip_x = 1 - 2 * (draw["horizontal_flip"] < settings.horizontal_flip).float()
    flip_y = 1 - 2 * (draw["vertical_flip"] < settings.vertical_flip).float()
    cos, sin = torch.cos(angle), torch.sin(angle)
    return (
        (cos + slope * sin) * flip_x / zoom,  # positive angles turn anticlockwise on the screen
        (-sin + slope * cos) * flip_x / zoom,
        sin * flip_y / zoom,
        cos * flip_y / zoom,
        settings.shift * _signed(draw["shift_x"]),
        settings.shift * _signed(draw["shift_y"]),
    )


def _grid_sides(
    inverse: tuple[torch.Tensor, ...], height: int, width: int
) -> tuple[torch.Tensor, torch.Tensor]:
    """What column and row of a pixel add to where it is read: (N, 2, W) and (N, 2, H).

    Normalised coordinates run from -1 to 1 over each side, hence the aspect in mixed terms.
    """
    a, b, c, d, shift_x, shift_y = inverse
    x_terms = torch.stack([a, c * (width / height)], 1)  # (N, 2): what x adds to (x, y)
    y_terms = torch.stack([b * (height / width), d], 1)
    offset = -2 * (x_terms * shift_x[:, None] + y_terms * shift_y[:, None])
    x, y = ((2 * torch.arange(size, device=a.device) + 1) / size - 1 for size in (width, height))
    return x_terms[:, :, None] * x + offset[:, :, None], y_terms[:, :, None] * y


def _resample(images: torch.Tensor, columns: torch.Tensor, rows: torch.Tensor) -> torch.Tensor:
    """Read pictures bilinearly at columns + rows, border pixels repeated.

    Half precisions are read in float32, then rounded.
    """
    # one plane for x and one for y: many times faster to fill than `affine_grid`'s pairs
    planes = columns[:, :, None, :] + rows[:, :, :, None]  # (n, 2, H, W)
    grid = planes.permute(0, 2, 3, 1)  # (n, H, W, 2), the same memory
    exact = images if images.dtype == torch.float64 else images.float()
    out = F.grid_sample(
        exact, grid.to(exact.dtype), mode="bilinear", padding_mode="border", align_corners=False
    )
    return out.clamp_(0, 1).to(images.dtype)  # weights sum to 1 but for rounding


def _rectangle_sides(
    settings: Augment, draw: dict[str, torch.Tensor], height: int, width: int
) -> tuple[torch.Tensor, torch.Tensor]:
    """Rows (N, H) and columns (N, W) to erase, bool: one whole rectangle or none a picture.

    The area is uniform over `erasing_area`, the aspect log-uniform as far as it fits.
    """
    smallest, largest = settings.erasing_area
    area = smallest + (largest - smallest) * draw["area"]
    longest = torch.minimum(-torch.log(area), torch.full_like(area, ASPECT).log())
    aspect = torch.exp(longest * _signed(draw["aspect"]))
    tall = (height * (area * aspect).sqrt()).round().clamp(1, height)
    wide = (width * (area / aspect).sqrt()).round().clamp(1, width)
    top = (draw["top"] * (height - tall + 1)).floor()
    left = (draw["left"] * (width - wide + 1)).floor()
    y = torch.arange(height, device=area.device)
    x = torch.arange(width, device=area.device)
    in_rows = (y >= top[:, None]) & (y < (top + tall)[:, None])  # (N, H)
    in_columns = (x >= left[:, None]) & (x < (left + wide)[:, None])  # (N, W)
    in_rows &= (draw["erasing"] < settings.erasing)[:, None]
    return in_rows, in_columns
