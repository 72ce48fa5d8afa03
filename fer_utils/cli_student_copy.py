"""`python -m fer_utils student-copy`: the notebooks for a class, without or with solutions."""

from __future__ import annotations

import argparse
from pathlib import Path


def add(parser: argparse.ArgumentParser) -> None:
    """Options of the command."""
    parser.description = (
        "Write the notebooks to a folder: with empty exercises and no outputs, or with --teacher "
        "with every exercise solved and explained. Answers in the clone's notebooks are left out."
    )
    parser.add_argument("out", type=Path, metavar="OUT", help="folder, made if missing")
    parser.add_argument("--teacher", action="store_true", help="with the solutions")
    parser.add_argument(
        "--force",
        action="store_true",
        help="write into a folder that is not empty: notebooks of the course that are in it are "
        "replaced, with the answers filled in there",
    )
    parser.set_defaults(command=_copy)


def _copy(options: argparse.Namespace) -> int:
    from fer_utils.exercises import solutions

    written = solutions.write_copies(options.out, options.teacher, options.force)
    print(
        f"{len(written)} notebooks {'with' if options.teacher else 'without'} solutions:", end=" "
    )
    print(options.out)
    return 0
