"""`Exercise`: a function that the reader writes and the test that it has to pass.

The tests of chapter NN are in `chapter_NN.py`, one function each. It has the name of the function
that the reader writes, and takes that function:

    @exercise("09.1")
    def overlap(function):
        expect(function, (0, 0, 10, 10), (5, 0, 10, 10), wanted=1 / 3)

A new chapter needs its file and no entry anywhere.
"""

from __future__ import annotations

import importlib
import re
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True)
class Exercise:
    """One exercise; `test` raises `expect.Feedback` when the function given to it is wrong."""

    number: str  # chapter and place, "03.1"
    name: str  # of the function to write
    test: Callable[[Callable], None]

    @property
    def place(self) -> int:
        """The number within its chapter, from 1."""
        return int(self.number.split(".")[1])


_FOUND: dict[str, Exercise] = {}


def exercise(number: str) -> Callable[[Callable], Callable]:
    """Decorator: the test of exercise `number`, named like the function that the reader writes."""
    if not re.fullmatch(r"\d\d\.[1-9]", number):
        raise ValueError(f"exercise {number!r}: expected chapter and place, such as '03.1'")

    def keep(test: Callable) -> Callable:
        if number in _FOUND and _FOUND[number].test.__module__ != test.__module__:
            raise ValueError(f"exercise {number} is there twice: {_FOUND[number].name}")
        _FOUND[number] = Exercise(number, test.__name__, test)
        return test

    return keep


def chapters() -> list[str]:
    """The chapters with exercises, two digits each, in order."""
    return [path.stem[-2:] for path in sorted(Path(__file__).parent.glob("chapter_[0-9][0-9].py"))]


def of_chapter(chapter: str) -> list[Exercise]:
    """The exercises of a chapter, in order. Raises ValueError for a chapter without any."""
    if chapter not in chapters():
        raise ValueError(f"chapter {chapter!r} has no exercises; there are {', '.join(chapters())}")
    importlib.import_module(f"{__package__}.chapter_{chapter}")
    return sorted((e for n, e in _FOUND.items() if n[:2] == chapter), key=lambda e: e.number)


def get(number: str) -> Exercise:
    """The exercise with this number, such as "03.1". Raises ValueError where there is none."""
    there = of_chapter(number.partition(".")[0])
    for one in there:
        if one.number == number:
            return one
    raise ValueError(f"no exercise {number!r}; there are {', '.join(e.number for e in there)}")
