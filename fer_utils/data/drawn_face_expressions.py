"""Which action units (AU) an emotion shows: statistics of posed expressions, and draws from them.

Sliders run from 0 (absent) to 1 (as strong as it gets). An AU counts as present, and is labelled
1, from intensity `PRESENT_FROM` on. Present AUs are drawn from 0.5 to 1 and absent ones from 0
to `ABSENT_UP_TO`, so that no drawn intensity lies near the border.
"""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

ACTION_UNITS = (1, 2, 4, 5, 6, 7, 9, 10, 12, 14, 15, 17, 20, 23, 24, 25, 26, 27)
ACTION_UNIT_NAMES = tuple(f"AU{number}" for number in ACTION_UNITS)
PRESENT_FROM = 0.3
ABSENT_UP_TO = 0.12

# Share of posed expressions of an emotion that show an AU.
FREQUENCIES: dict[str, dict[int, float]] = {
    "angry": {4: 0.89, 7: 0.71, 17: 0.87, 23: 0.80, 24: 0.73},
    "disgust": {9: 0.98, 17: 0.68, 4: 0.61, 7: 0.56},
    "fear": {1: 0.88, 4: 0.84, 5: 0.64, 20: 1.0, 25: 0.92, 2: 0.40},
    "happy": {6: 0.96, 12: 0.97, 25: 0.97},
    "sad": {1: 0.93, 4: 0.82, 15: 0.82, 17: 0.96},
    "surprise": {1: 0.98, 2: 0.98, 5: 0.84, 25: 0.99, 27: 0.87},
    "neutral": {},
}
# What joins them now and then, so that every AU occurs: our assumption, no statistic.
OCCASIONAL: dict[str, dict[int, float]] = {
    "angry": {10: 0.06},
    "disgust": {10: 0.30},
    "fear": {26: 0.25},
    "happy": {14: 0.10, 26: 0.15},
    "sad": {14: 0.06},
    "surprise": {26: 1.0},  # stays only where 27 is absent
    "neutral": {},
}
# The second of a pair is never present with the first: a stretched mouth is no dropped jaw, an
# open or stretched one is not pressed or dimpled, and a corner of the mouth goes one way.
EXCLUDES = ((27, 26), (27, 24), (27, 14), (12, 15), (12, 20), (25, 24), (20, 14), (15, 14))


def sample_action_units(emotion: str, rng: np.random.Generator) -> dict[int, float]:
    """Intensities of all AUs of one posed expression of `emotion`, by AU number.

    Each AU of `FREQUENCIES` is present with exactly that frequency. One draw decides 25 (lips
    parted) and 27 (mouth stretched) together, so that 27 always brings 25; otherwise AUs are
    independent but for `EXCLUDES`, which concern only `OCCASIONAL` ones. How strong an expression
    is varies from face to face, and each AU a little about that.

    Raises:
        ValueError: an emotion that is not one of the seven.
    """
    if emotion not in FREQUENCIES:
        raise ValueError(f"unknown emotion {emotion!r}: expected one of {tuple(FREQUENCIES)}")
    draws = rng.random(2 * len(ACTION_UNITS) + 1).tolist()
    chance = dict(zip(ACTION_UNITS, draws, strict=False))
    chance[25] = chance[27]
    frequency = {**OCCASIONAL[emotion], **FREQUENCIES[emotion]}
    shown = {number for number, share in frequency.items() if chance[number] < share}
    for first, second in EXCLUDES:
        if first in shown:
            shown.discard(second)
    strength = draws[-1]
    own = dict(zip(ACTION_UNITS, draws[len(ACTION_UNITS) :], strict=False))
    return {
        number: 0.5 + 0.3 * strength + 0.2 * own[number]
        if number in shown
        else ABSENT_UP_TO * own[number] ** 2
        for number in ACTION_UNITS
    }


def present(action_units: Mapping[int, float]) -> np.ndarray:
    """Labels uint8 (18,) in the order of `ACTION_UNITS`: 1 where intensity >= `PRESENT_FROM`."""
    return np.array([action_units.get(k, 0) >= PRESENT_FROM for k in ACTION_UNITS], np.uint8)


def intensities(action_units: Mapping[int, float]) -> list[float]:
    """Sliders in the order of `ACTION_UNITS`; AUs not named are 0.

    Raises:
        ValueError: an AU that is not drawn, or an intensity outside 0..1.
    """
    for number, value in action_units.items():
        if number not in ACTION_UNITS:
            raise ValueError(f"action unit {number!r} is not drawn: known are {ACTION_UNITS}")
        if not 0 <= value <= 1:
            raise ValueError(f"intensity of AU {number} is {value}: expected 0 to 1")
    return [action_units.get(number, 0.0) for number in ACTION_UNITS]
