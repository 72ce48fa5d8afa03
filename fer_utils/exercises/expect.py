"""What tests of exercises are written with: call, compare, and say what was given and expected.

A `Feedback` is addressed to the reader. It names the call, what came out and what should have.
"""

from __future__ import annotations

import copy
import linecache
import numbers
import traceback
from collections.abc import Callable
from typing import Any

import numpy as np

LONGEST = 160  # characters of a value that is shown


class Feedback(AssertionError):
    """The answer is wrong; the message says with what, how, and perhaps why."""


def call(function: Callable, *given: Any) -> Any:
    """What the function returns for copies of `given`.

    Raises Feedback when it raises, naming the line; NotImplementedError passes: nothing is written.
    """
    try:
        return function(*copy.deepcopy(given))
    except NotImplementedError:
        raise
    except (Exception, SystemExit) as error:
        said = f"{_call_text(function, given)} raised {type(error).__name__}: {error}"
        raise Feedback(said + _place(error, function) + _hint(error)) from error


def expect(
    function: Callable, *given: Any, wanted: Any, within: float = 1e-6, why: str = ""
) -> None:
    """Raise Feedback unless function(*given) returns `wanted`, numbers to `within`.

    `why` is said when it does not: the rule or the mistake that it points to.
    """
    got = call(function, *given)
    if got is None and wanted is not None:
        raise Feedback(f"{_call_text(function, given)} gave None: is the return missing?")
    if not same(got, wanted, within):
        raise Feedback(
            f"{_call_text(function, given)} gave {shown(got)}, expected {shown(wanted)}"
            + (f". {why}" if why else "")
        )


def require(condition: Any, message: str) -> None:
    """Raise Feedback with `message` unless the condition holds."""
    if not condition:
        raise Feedback(message)


def same(got: Any, wanted: Any, within: float = 1e-6) -> bool:
    """Whether both are the same: kinds that read alike are (2 and 2.0, a list and a tuple), NaN is
    NaN, and numbers may differ by `within`."""
    if isinstance(wanted, bool | np.bool_):
        return isinstance(got, bool | np.bool_) and bool(got) == bool(wanted)
    if isinstance(wanted, str) or wanted is None:
        return isinstance(got, str | None) and got == wanted
    if isinstance(wanted, dict):
        there = isinstance(got, dict) and got.keys() == wanted.keys()
        return there and all(same(got[k], wanted[k], within) for k in wanted)
    if isinstance(wanted, list | tuple):
        there = isinstance(got, list | tuple | np.ndarray) and len(got) == len(wanted)
        return there and all(same(a, b, within) for a, b in zip(got, wanted, strict=True))
    if isinstance(got, bool) or not isinstance(got, numbers.Real | np.ndarray | list | tuple):
        return False
    try:
        numbers_got = np.asarray(got, np.float64)
    except (TypeError, ValueError):
        return False
    return numbers_got.shape == np.shape(wanted) and np.allclose(
        numbers_got, np.asarray(wanted, np.float64), rtol=0, atol=within, equal_nan=True
    )


def shown(value: Any) -> str:
    """A value in a few words: large arrays by shape and first numbers."""
    if isinstance(value, np.ndarray):
        if value.size > 16:
            first = ", ".join(f"{x:.4g}" for x in value.ravel()[:4])
            return f"an array of shape {value.shape} ({first}, ...)"
        return "array " + np.array2string(value, precision=4, separator=", ").replace("\n", "")
    if isinstance(value, float | np.floating):
        return f"{value:.6g}"
    if isinstance(value, list | tuple):
        inner = ", ".join(shown(x) for x in value)
        text = f"[{inner}]" if isinstance(value, list) else f"({inner})"
    elif isinstance(value, dict):
        text = "{" + ", ".join(f"{k!r}: {shown(v)}" for k, v in value.items()) + "}"
    else:
        text = repr(value)
    return text if len(text) <= LONGEST else f"{text[:LONGEST]} ..."


def _call_text(function: Callable, given: tuple) -> str:
    return f"{getattr(function, '__name__', 'it')}({', '.join(shown(x) for x in given)})"


def _place(error: BaseException, function: Callable) -> str:
    """The last line of the reader's own code on the way to the error."""
    file = getattr(getattr(function, "__code__", None), "co_filename", None)
    own = [frame for frame in traceback.extract_tb(error.__traceback__) if frame.filename == file]
    if not own:
        return ""
    text = (own[-1].line or linecache.getline(file, own[-1].lineno)).strip()
    return f" (line {own[-1].lineno} of the cell" + (f": {text})" if text else ")")


def _hint(error: BaseException) -> str:
    if isinstance(error, NameError):
        return "; a cell is checked alone, with the notebook's imports: put what it needs into it"
    return ""
