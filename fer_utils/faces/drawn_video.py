"""`drawn_film`: a made-up video of drawn faces that go through emotions, with its truth.

Who is where and expresses what is known for every frame, so that tracking and reading can be
measured. Between two expressions every action unit moves evenly; such a frame carries the label of
neither, but None. The same call gives the same frames.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

import cv2
import numpy as np

from fer_utils.data import drawn_faces
from fer_utils.data.dataset import CLASSES
from fer_utils.faces.video_read import VideoFrame

WALL = 120, 40  # grey levels of the background, from the top of the frame to its bottom
BACKGROUND = 72  # grey level behind a drawn face, which is cut out of it
PAPER = np.array([246, 240, 226])  # tint of white
INK = np.array([30, 26, 34])  # tint of black
SCALE = 0.86  # of a face in its picture, so that all the hair is in it
SWAY = 0.05  # of width and height: how far faces move from their places


@dataclass(frozen=True)
class Actor:
    """One drawn person and the expressions shown, one after another."""

    identity: drawn_faces.Identity
    emotions: tuple[str, ...]
    action_units: tuple[dict[int, float], ...]  # of each emotion
    centre: tuple[float, float]  # where, as shares of width and height


@dataclass(frozen=True)
class Film:
    """Frames to iterate over, again and again, and the truth about them."""

    width: int
    height: int
    rate: float  # frames a second
    hold: float  # seconds that an expression stays
    change: float  # seconds from one to the next
    face_size: int  # pixels of a drawn picture; the face itself covers most of it
    actors: tuple[Actor, ...]
    noise: float  # standard deviation of the camera's noise, grey levels

    @property
    def seconds(self) -> float:
        """Length."""
        return len(self.actors[0].emotions) * (self.hold + self.change)

    def __len__(self) -> int:
        return round(self.seconds * self.rate)

    def __iter__(self) -> Iterator[VideoFrame]:
        for k in range(len(self)):
            yield VideoFrame(k, k / self.rate, self.picture(k))

    def truth(self, actor: int, time: float) -> str | None:
        """What the actor shows then; None on the way from one expression to the next."""
        k, share = self._where(time)
        return self.actors[actor].emotions[k] if share == 0 else None

    def place(self, actor: int, time: float) -> tuple[float, float]:
        """Centre (x, y) of the actor's face then, in pixels."""
        x, y = self.actors[actor].centre
        swing = SWAY * np.sin(2 * np.pi * time / 6)  # all alike, so that nobody is covered
        sway = SWAY * np.cos(2 * np.pi * (time / 4 + 0.3 * actor))
        return (x + swing) * self.width, (y + sway) * self.height

    def picture(self, k: int) -> np.ndarray:
        """Frame k, uint8 (H, W, 3)."""
        time, rng = k / self.rate, np.random.default_rng([k, 1])
        grey = np.repeat(np.linspace(*WALL, self.height)[:, None], self.width, axis=1)
        roll = 5 * np.sin(2 * np.pi * time / 5)
        pose = drawn_faces.Pose(
            roll=roll, scale=SCALE, background=BACKGROUND / 255, light_strength=0
        )
        units = [self._action_units(actor, time) for actor in self.actors]
        people = [actor.identity for actor in self.actors]
        poses = [replace(pose, yaw=8 * np.sin(time + i)) for i in range(len(people))]
        faces = drawn_faces.draw_many(units, people, poses, self.face_size)
        for i, face in enumerate(faces):
            _paste(grey, face, self.place(i, time))
        grey += self.noise * rng.standard_normal(grey.shape, dtype=np.float32)
        share = np.clip(grey / 255, 0, 1)[..., None]
        return np.rint(share * PAPER + (1 - share) * INK).astype(np.uint8)

    def _where(self, time: float) -> tuple[int, float]:
        """Number of the expression, and the share of the way to the next one."""
        step = self.hold + self.change
        k = min(int(time / step + 1e-9), len(self.actors[0].emotions) - 1)
        return k, max(0.0, (time - k * step - self.hold) / self.change) if self.change else 0.0

    def _action_units(self, actor: Actor, time: float) -> dict[int, float]:
        k, share = self._where(time)
        now = actor.action_units[k]
        then = actor.action_units[min(k + 1, len(actor.action_units) - 1)]
        return {n: (1 - share) * now[n] + share * then[n] for n in drawn_faces.ACTION_UNITS}


def drawn_film(
    actors: int = 2,
    emotions: Sequence[str] = CLASSES,
    *,
    width: int = 480,
    height: int = 360,
    rate: float = 25,
    hold: float = 0.96,
    change: float = 0.32,
    face_size: int = 160,
    noise: float = 3.0,
    seed: int = 0,
) -> Film:
    """A film of 1 to 3 actors, each showing all `emotions` in an order of its own.

    Raises ValueError for another number of actors, or an emotion that is not one of the seven.
    """
    if not 1 <= actors <= 3:
        raise ValueError(f"actors is {actors}: expected 1, 2 or 3")
    cast = []
    for i in range(actors):
        rng = np.random.default_rng([seed, 3, i])
        order = tuple(emotions[k] for k in rng.permutation(len(emotions)))
        units = tuple(drawn_faces.sample_action_units(name, rng) for name in order)
        place = ((i + 1) / (actors + 1), 0.5)
        cast.append(Actor(drawn_faces.sample_identity(rng), order, units, place))
    return Film(width, height, rate, hold, change, face_size, tuple(cast), noise)


def _paste(grey: np.ndarray, face: np.ndarray, centre: tuple[float, float]) -> None:
    """Draw a face onto the frame (changed in place), its centre between pixels if it must be."""
    side = len(face)
    matrix = np.array([[1, 0, centre[0] - side / 2], [0, 1, centre[1] - side / 2]], np.float32)
    size = grey.shape[::-1]
    moved = cv2.warpAffine(face, matrix, size, borderValue=BACKGROUND)
    inside = moved != BACKGROUND
    grey[inside] = moved[inside]
