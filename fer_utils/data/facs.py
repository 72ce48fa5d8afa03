"""Action units by number, emotions in groups, and data sets that hold the chosen ones.

The Facial Action Coding System (Ekman & Friesen, 1978) numbers what muscles do to a face. A data
set's `action_units` are uint8 (N, A), 1 where present, with names "AU1", "AU2", ... `UNLABELLED` is
the class of a picture whose emotion nobody named: it has action units and teaches no emotion.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace

import numpy as np

from fer_utils.data.dataset import FaceDataset

UNLABELLED = "unlabelled"

MEANINGS = {  # of FACS' names, those of the units in this course
    1: "inner brow raiser",
    2: "outer brow raiser",
    4: "brow lowerer",
    5: "upper lid raiser",
    6: "cheek raiser",
    7: "lid tightener",
    9: "nose wrinkler",
    10: "upper lip raiser",
    11: "nasolabial deepener",
    12: "lip corner puller",
    14: "dimpler",
    15: "lip corner depressor",
    17: "chin raiser",
    20: "lip stretcher",
    23: "lip tightener",
    24: "lip pressor",
    25: "lips part",
    26: "jaw drop",
    27: "mouth stretch",
}
RMIT_UNITS = (1, 2, 4, 5, 6, 7, 9, 12, 15, 17, 20, 23, 24, 25, 27)
"""The fifteen action units of the RMIT report."""

# The RMIT report's three emotions; whoever shows none of these is left out.
RMIT_EMOTIONS = {
    "negative": ("angry", "contempt", "disgust", "fear", "sad"),
    "positive": ("happy",),
    "surprise": ("surprise",),
}


def unit_name(number: int) -> str:
    """The column name of an action unit: 12 is "AU12"."""
    return f"AU{number}"


def described(name: str) -> str:
    """A column name with its meaning: "AU12" is "12 lip corner puller"."""
    number = int(name.removeprefix("AU"))
    return f"{number} {MEANINGS[number]}" if number in MEANINGS else str(number)


def with_units(data: FaceDataset, numbers: Sequence[int] = RMIT_UNITS) -> FaceDataset:
    """The data set with these action units only, in this order.

    ValueError for a data set without action units, or without one of these.
    """
    wanted = tuple(unit_name(number) for number in numbers)
    if data.action_units is None:
        raise ValueError(
            f"data set {data.name!r} has no action units; use CK+ (data.ckplus) or drawn faces"
        )
    if missing := [name for name in wanted if name not in data.action_unit_names]:
        raise ValueError(
            f"data set {data.name!r} has no {missing[0]}; "
            f"it has {', '.join(data.action_unit_names)}"
        )
    columns = [data.action_unit_names.index(name) for name in wanted]
    return replace(data, action_units=data.action_units[:, columns], action_unit_names=wanted)


def grouped(
    data: FaceDataset,
    groups: Mapping[str, Iterable[str]] = RMIT_EMOTIONS,
    unlabelled: bool = False,
) -> FaceDataset:
    """The data set with its classes merged: labels follow the order of `groups`.

    Pictures of a class in no group are left out. `unlabelled` keeps those of class `UNLABELLED`,
    as the last class (which is there even where the data set has none). A group may name classes
    the data set lacks; ValueError where it has none of a group's, or where two groups share one.
    """
    place = {}
    for number, (name, members) in enumerate(groups.items()):
        there = [member for member in members if member in data.classes]
        if not there:
            raise ValueError(f"data set {data.name!r} has no class of the group {name!r}")
        for member in there:
            if member in place:
                raise ValueError(f"class {member!r} is in two groups; expected it in one")
            place[member] = number
    if unlabelled:
        place[UNLABELLED] = len(groups)
    new = np.array([place.get(name, -1) for name in data.classes], dtype=np.int64)[data.labels]
    kept = data.take(np.flatnonzero(new >= 0))
    classes = (*groups, UNLABELLED) if unlabelled else tuple(groups)
    return replace(kept, labels=new[new >= 0], classes=classes, known_fingerprint=None)
