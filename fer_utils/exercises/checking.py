"""Judge an answer: passed, not written yet, or wrong with feedback. `check` is for notebooks."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from fer_utils.exercises import exercise
from fer_utils.exercises.exercise import Exercise
from fer_utils.exercises.expect import Feedback

PASSED, NOT_YET, WRONG = "passed", "not yet", "wrong"


@dataclass(frozen=True)
class Verdict:
    """How an answer did; `feedback` is empty when it passed."""

    number: str
    name: str
    state: str  # PASSED, NOT_YET or WRONG
    feedback: str = ""

    def __str__(self) -> str:
        if self.state == PASSED:
            return f"{self.number} {self.name}: passed"
        label = "not yet" if self.state == NOT_YET else "not right yet"
        return f"{self.number} {self.name}: {label}: {self.feedback}"


def judge(one: Exercise, answer: Any) -> Verdict:
    """Test the reader's function. Never raises for what the function does."""
    if not callable(answer):
        said = f"expected the function {one.name}, got {type(answer).__name__}"
        return Verdict(one.number, one.name, WRONG, said)
    try:
        one.test(answer)
    except NotImplementedError:
        said = "write the function in place of `raise NotImplementedError`, then check again"
        return Verdict(one.number, one.name, NOT_YET, said)
    except Feedback as feedback:
        return Verdict(one.number, one.name, WRONG, str(feedback))
    except Exception as error:  # it returned what cannot even be compared
        said = f"what it returned cannot be judged ({type(error).__name__}: {error})"
        return Verdict(one.number, one.name, WRONG, f"{said}; its docstring says what it should")
    return Verdict(one.number, one.name, PASSED)


def check(number: str, answer: Callable) -> None:
    """Test the answer to exercise `number`, such as "03.1", and print how it did.

    It runs in the notebook's own process: an endless loop is stopped like any other cell. Raises
    ValueError for a number that is no exercise.
    """
    print(judge(exercise.get(number), answer))
