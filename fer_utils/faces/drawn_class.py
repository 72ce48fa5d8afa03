"""A drawn class: pupils who each show every emotion, for a gallery without a real person in it."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from fer_utils.data import drawn_faces
from fer_utils.data.dataset import CLASSES


@dataclass(frozen=True, eq=False)
class DrawnClass:
    """n drawn faces, one pupil after the other."""

    images: np.ndarray  # uint8 (n, 48, 48)
    labels: tuple[str, ...]  # what is drawn
    people: dict[str, list[int]]  # pupil -> numbers of the faces


def drawn_class(pupils: int = 4, seed: int = 0) -> DrawnClass:
    """Pupils with one face of each of the seven emotions; the same bytes for the same seed.

    Raises ValueError for no pupil.
    """
    if pupils < 1:
        raise ValueError(f"pupils is {pupils}: expected at least one")
    units, who, poses, generators = [], [], [], []
    for number in range(pupils):
        rng = np.random.default_rng([seed, number])
        person = drawn_faces.sample_identity(rng)
        for name in CLASSES:
            units.append(drawn_faces.sample_action_units(name, rng))
            poses.append(drawn_faces.sample_pose(rng))
            who.append(person)
            generators.append(rng)
    images = drawn_faces.draw_many(units, who, poses, noise=generators)
    k = len(CLASSES)
    people = {f"pupil {i + 1}": list(range(k * i, k * i + k)) for i in range(pupils)}
    return DrawnClass(images, CLASSES * pupils, people)
