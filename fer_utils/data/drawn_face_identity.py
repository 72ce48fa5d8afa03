"""Who is drawn and how they are seen: the parameters of a drawn face besides its action units.

Sizes and distances are factors around 1, shares and shades run from 0 (dark, none) to 1 (bright,
full), angles are degrees. Shares of hair styles, glasses and beards are our choice for variety,
no statistic of any population.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, fields

import numpy as np

HAIR_STYLES = ("bald", "receding", "short", "tied", "curly", "fringe", "parted", "long", "bob")
# Of each style: hairline height, height of its ends at the temples, how square it is, slant,
# thickness above the skull, bumps, length of the curtain beside the face (0: none), its width.
HAIR_SHAPES = np.array(
    [
        [-1.30, -1.20, 2.0, 0.00, 0.00, 0.00, 0.0, 0.00],  # bald
        [-0.92, -0.35, 4.0, 0.00, 0.02, 0.00, 0.0, 0.00],  # receding
        [-0.74, -0.22, 6.0, 0.03, 0.06, 0.01, 0.0, 0.00],  # short
        [-0.76, -0.34, 3.5, 0.00, 0.03, 0.00, 0.0, 0.00],  # tied
        [-0.74, -0.10, 5.0, 0.00, 0.16, 0.05, 0.0, 0.00],  # curly
        [-0.55, -0.22, 7.0, 0.00, 0.08, 0.01, 0.0, 0.00],  # fringe
        [-0.70, -0.20, 5.0, 0.16, 0.08, 0.01, 0.0, 0.00],  # parted
        [-0.76, -0.05, 2.6, 0.06, 0.08, 0.00, 1.3, 0.17],  # long
        [-0.60, 0.10, 5.0, 0.05, 0.10, 0.00, 0.6, 0.20],  # bob
    ],
    np.float32,
)


@dataclass(frozen=True)
class Identity:
    """One person. The defaults are an average face with short hair."""

    face_width: float = 1.0
    face_length: float = 1.0
    jaw: float = 0.5  # 0 pointed, 1 square
    eye_distance: float = 1.0
    eye_size: float = 1.0
    eye_opening: float = 1.0
    eye_tilt: float = 0.0  # -1 outer corners low, 1 high
    eye_fold: float = 0.6  # strength of the crease of the upper lid
    iris_shade: float = 0.2
    brow_thickness: float = 1.0
    brow_height: float = 0.0  # -1 close to the eye, 1 far
    brow_arch: float = 0.5
    nose_width: float = 1.0
    nose_length: float = 1.0
    mouth_width: float = 1.0
    lip_fullness: float = 1.0
    lip_shade: float = 0.5  # 0 dark, 1 as bright as the skin
    skin_shade: float = 0.65
    hair_style: str = "short"
    hair_shade: float = 0.15
    glasses: float = 0.0  # 0 none, else how dark the frame is
    beard: float = 0.0  # 0 none, 0.4 stubble, 1 full
    moustache: float = 0.0
    age: float = 0.2  # strength of permanent lines
    asymmetry: float = 0.0  # -1..1, one side moves and sits a little higher

    def __post_init__(self) -> None:
        if self.hair_style not in HAIR_STYLES:
            raise ValueError(f"hair_style {self.hair_style!r} is not one of {HAIR_STYLES}")


@dataclass(frozen=True)
class Pose:
    """How the face is seen: place in the picture, light and camera."""

    yaw: float = 0.0  # degrees, positive turns to the picture's right
    roll: float = 0.0  # degrees, positive tips clockwise
    shift_x: float = 0.0  # fraction of the picture's size
    shift_y: float = 0.0
    scale: float = 1.0
    gaze: float = 0.0  # -1 looks to the picture's left, 1 to its right
    light_direction: float = -60.0  # degrees; 0 from the right, -90 from above
    light_strength: float = 0.15  # fraction of brightness gained or lost at the border
    contrast: float = 1.0
    brightness: float = 0.0  # -1..1, added as a fraction of the full range
    noise: float = 2.0  # standard deviation in grey levels
    background: float = 0.5


def columns(items: Sequence[Identity] | Sequence[Pose]) -> dict[str, np.ndarray]:
    """Numeric fields of n identities or poses as float32 columns (n, 1), by field name.

    Hair styles become their rows of `HAIR_SHAPES`, (n, 8), under the key "hair".
    """
    names = [field.name for field in fields(items[0]) if field.name != "hair_style"]
    values = np.array([[getattr(item, name) for name in names] for item in items], np.float32)
    out = {name: values[:, k : k + 1] for k, name in enumerate(names)}
    if isinstance(items[0], Identity):
        out["hair"] = HAIR_SHAPES[[HAIR_STYLES.index(item.hair_style) for item in items]]
    return out


def sample_identity(rng: np.random.Generator) -> Identity:
    """A random person; about one in five wears glasses, one in five a beard."""
    u = rng.random(28).tolist()

    def around(k: int, spread: float, centre: float = 1.0) -> float:
        return centre + spread * (u[k] + u[k - 1] - 1.0)  # triangular, wide enough to vary

    skin, age = u[2] ** 0.8, u[3] ** 1.5
    long_hair = u[4] < 0.5
    styles = ("tied", "curly", "fringe", "parted", "long", "long", "bob")
    if not long_hair:
        styles = (
            "bald",
            "receding",
            "short",
            "short",
            "short",
            "short",
            "curly",
            "fringe",
            "parted",
            "parted",
        )
    hair_shade = (
        0.55 + 0.3 * u[6] if age > 0.75 and u[7] < 0.8 else u[6] ** 2.2 * (0.15 + 0.6 * skin)
    )
    bearded = not long_hair and u[8] < 0.42
    return Identity(
        face_width=around(10, 0.12),
        face_length=around(11, 0.08),
        jaw=0.35 + 0.65 * u[12] if not long_hair else 0.6 * u[12],
        eye_distance=around(13, 0.09),
        eye_size=around(14, 0.12),
        eye_opening=around(15, 0.14),
        eye_tilt=around(16, 0.9, 0.1),
        eye_fold=u[17],
        iris_shade=u[18] ** 2 * (0.25 + 0.6 * skin),
        brow_thickness=around(19, 0.4, 0.85 if long_hair else 1.2),
        brow_height=around(20, 0.9, 0.0),
        brow_arch=u[21],
        nose_width=around(22, 0.25),
        nose_length=around(23, 0.13),
        mouth_width=around(24, 0.14),
        lip_fullness=around(25, 0.4, 1.1 if long_hair else 0.9),
        lip_shade=u[26] * 0.5 if long_hair else 0.45 + 0.5 * u[26],
        skin_shade=skin,
        hair_style=styles[int(u[5] * len(styles))],
        hair_shade=hair_shade,
        glasses=0.4 + 0.6 * u[9] if u[9] > 0.8 else 0.0,
        beard=0.25 + 0.75 * u[27] if bearded else 0.0,
        moustache=0.4 + 0.6 * u[27] if bearded or (not long_hair and u[8] > 0.93) else 0.0,
        age=age,
        asymmetry=around(1, 1.0, 0.0),
    )


def sample_pose(rng: np.random.Generator) -> Pose:
    """A random view like FER2013's crops: mostly frontal, framed a little off, any light."""
    yaw, roll, shift_x, shift_y, scale = rng.normal(size=5).clip(-2.2, 2.2).tolist()
    u = rng.random(7).tolist()
    return Pose(
        yaw=11.0 * yaw,
        roll=6.0 * roll,
        shift_x=0.025 * shift_x,
        shift_y=0.025 * shift_y,
        scale=1.04 + 0.06 * scale,
        gaze=(2 * u[0] - 1) ** 3,
        light_direction=-180.0 * u[1] + (40.0 * u[2] - 20.0),
        light_strength=0.5 * u[3],
        contrast=0.8 + 0.45 * u[4],
        brightness=0.16 * (u[5] - 0.55),
        noise=1.0 + 3.5 * u[2],
        background=u[6],
    )
