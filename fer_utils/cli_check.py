"""`python -m fer_utils check`: are the exercises of a chapter solved?"""

from __future__ import annotations

import argparse
import math
from pathlib import Path


def add(parser: argparse.ArgumentParser) -> None:
    """Options of the command."""
    parser.description = (
        "Test the answers that a chapter's notebook holds, as it was last saved, each in a fresh "
        "process. A line for each exercise says passed, not yet, or what was given, expected and "
        "got. Ends with 0 only when all pass."
    )
    parser.add_argument("chapter", metavar="NN", help="the chapter, e.g. 03")
    parser.add_argument("--exercise", type=int, metavar="K", help="only this one (default: all)")
    parser.add_argument(
        "--notebook", type=Path, metavar="PATH", help="default: the chapter's here, or the clone's"
    )
    parser.add_argument(
        "--seconds", type=_seconds, default=10.0, help="how long one may run (default: 10)"
    )
    parser.set_defaults(command=_check)


def _seconds(text: str) -> float:
    """Seconds above 0; argparse names the option when it is something else."""
    if not (math.isfinite(value := float(text)) and value > 0):
        raise argparse.ArgumentTypeError(f"{text} is no time: expected seconds above 0")
    return value


def _check(options: argparse.Namespace) -> int:
    from fer_utils.exercises import apart, checking, exercise, reader

    chapter = options.chapter.zfill(2)
    asked = exercise.of_chapter(chapter)
    if options.exercise is not None:
        asked = [exercise.get(f"{chapter}.{options.exercise}")]
    notebook = (options.notebook or reader.find(chapter)).resolve()
    print(notebook)
    passed = 0
    for one in asked:
        verdict = apart.judge_notebook(notebook, one, options.seconds)
        passed += verdict.state == checking.PASSED
        print(verdict, flush=True)
    print(f"{passed} of {len(asked)} passed")
    return 0 if passed == len(asked) else 1
