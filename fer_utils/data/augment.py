"""Augmentation: what may happen to a training picture, as settings and as one batched operation.

Conventions. Pictures are float tensors (N, C, H, W) in 0..1 on any device, any H and W. Every
picture of a batch has its own draw. Order: flips, scale, shear, rotation and shift about the
picture's centre (one affine map in pixels, so a turn stays a turn when H != W), then brightness,
then erasing. The map is read bilinearly; what comes in from outside repeats the border pixels
(Keras' `fill_mode="nearest"`). Erased rectangles are mid-grey, 0.5. Angles are in degrees, drawn
uniformly from [-a, a], likewise every other range.

Draws: one (N, 13) block of uniform numbers a call, whatever is asked, from `generator` on the
pictures' device. The same seed therefore gives the same turn whether or not erasing is on.

This file holds the settings and loads no framework; `augment_torch` does the work.
"""

from __future__ import annotations

from dataclasses import dataclass, fields
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import torch

# name -> (lowest, highest allowed, what it is)
_RANGES = {
    "horizontal_flip": (0.0, 1.0, "a probability"),
    "vertical_flip": (0.0, 1.0, "a probability"),
    "rotation": (0.0, 180.0, "degrees"),
    "shift": (0.0, 1.0, "a fraction of the picture's width and height"),
    "scale": (0.0, 0.9, "a fraction: the zoom is drawn from 1 - scale to 1 + scale"),
    "shear": (0.0, 80.0, "degrees"),
    "erasing": (0.0, 1.0, "a probability"),
    "brightness": (
        0.0,
        1.0,
        "a fraction: pixels are multiplied by 1 - brightness to 1 + brightness",
    ),
}


@dataclass(frozen=True)
class Augment:
    """Settings of the augmentation; the default does nothing. Calling it augments a batch.

    Raises TypeError when a setting is no number, ValueError when it is outside its range.
    """

    horizontal_flip: float = 0.0  # probability
    vertical_flip: float = 0.0  # probability; a face upside down is no training example
    rotation: float = 0.0  # degrees, to either side
    shift: float = 0.0  # fraction of width and of height, to either side
    scale: float = 0.0  # zoom drawn from [1 - scale, 1 + scale]
    shear: float = 0.0  # degrees, to either side
    erasing: float = 0.0  # probability
    erasing_area: tuple[float, float] = (0.02, 0.2)  # fractions of the picture's area
    brightness: float = 0.0  # fraction, darker or brighter

    def __post_init__(self) -> None:
        for name, (low, high, meaning) in _RANGES.items():
            value = getattr(self, name)
            if isinstance(value, bool) or not isinstance(value, (int, float)):
                raise TypeError(f"{name}: expected a number, got {value!r}")
            if not low <= value <= high:
                raise ValueError(
                    f"{name}: expected {meaning}, from {low:g} to {high:g}, got {value!r}"
                )
            object.__setattr__(self, name, float(value))  # 10 and 10.0 are one setting
        area = tuple(float(fraction) for fraction in self.erasing_area)
        if len(area) != 2 or not 0 < area[0] <= area[1] <= 1:
            raise ValueError(
                "erasing_area: expected (smallest, largest) as fractions of the picture with "
                f"0 < smallest <= largest <= 1, got {self.erasing_area!r}"
            )
        object.__setattr__(self, "erasing_area", area)

    @property
    def moves_pixels(self) -> bool:
        """Whether pictures are resampled; flips alone only reorder pixels, exactly."""
        return bool(self.rotation or self.shift or self.scale or self.shear)

    def to_dict(self) -> dict[str, Any]:
        """The settings that differ from the default, JSON-ready (the area as a list)."""
        changed = {
            f.name: getattr(self, f.name)
            for f in fields(self)
            if getattr(self, f.name) != f.default
        }
        return {k: list(v) if isinstance(v, tuple) else v for k, v in changed.items()}

    @classmethod
    def from_dict(cls, settings: dict[str, Any]) -> Augment:
        """The inverse of `to_dict`; ValueError on a name that is no setting."""
        known = [f.name for f in fields(cls)]
        if unknown := sorted(set(settings) - set(known)):
            raise ValueError(f"unknown augmentation settings {unknown}; known are {known}")
        return cls(**settings)

    def __call__(
        self, images: torch.Tensor, generator: torch.Generator | None = None
    ) -> torch.Tensor:
        """Augment float pictures (N, C, H, W) in 0..1; same shape, dtype, device and layout.

        The input is never changed; it is returned itself when nothing is asked. `generator`
        must live on the pictures' device; None draws from the global one. Never waits for a GPU.
        """
        from fer_utils.data.augment_torch import apply

        return apply(self, images, generator)
