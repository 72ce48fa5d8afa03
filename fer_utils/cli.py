"""The command line: `python -m fer_utils`, or `fer-utils` once installed.

Exit codes: 0 all went well, 1 something failed (said on stderr), 2 the call was wrong; `train` ends
with 3 when its time was up.
"""

from __future__ import annotations

import argparse
import json
import os
import sys
from collections.abc import Sequence
from pathlib import Path

import fer_utils
from fer_utils import (
    cli_check,
    cli_data,
    cli_model,
    cli_photo,
    cli_search,
    cli_student_copy,
    cli_train,
    cli_video,
)
from fer_utils.paths import check_free, project_root, results_dir

PATHS = ("data_dir", "photos", "answers", "video")  # parameters of notebooks that name a place
EXPECTED = (ValueError, OSError, ImportError, RuntimeError)  # OSError: files and connections


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one command; errors that name their cause are printed without a traceback."""
    options = _parser().parse_args(arguments)
    try:
        code = options.command(options)
        sys.stdout.flush()
        return code
    except BrokenPipeError:  # the reader of a pipe, `head` say, has seen enough
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 0
    except EXPECTED as error:
        print(f"error: {error}", file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        print("stopped", file=sys.stderr)
        return 130


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="python -m fer_utils",
        description="Data, notebooks and results of the course Reading Faces.",
    )
    parser.add_argument("--version", action="version", version=fer_utils.__version__)
    rooms = parser.add_subparsers(required=True, metavar="COMMAND")
    cli_data.add(rooms.add_parser("data", help="get, describe and audit FER2013"))
    _add_run(rooms.add_parser("run", help="execute notebooks headless"))
    cli_check.add(rooms.add_parser("check", help="test the answers to a chapter's exercises"))
    cli_student_copy.add(
        rooms.add_parser("student-copy", help="the notebooks for a class, or its teacher")
    )
    cli_train.add(rooms.add_parser("train", help="full records of experiments, without notebooks"))
    cli_search.add(rooms.add_parser("search", help="search for hyperparameters of an experiment"))
    cli_photo.add(rooms.add_parser("photo", help="faces in photos and their expressions"))
    cli_model.add(rooms.add_parser("model", help="the expression model of the package"))
    cli_video.add(rooms.add_parser("video", help="find and read the faces of a video"))
    _add_results(rooms.add_parser("results", help="the table of results, and its verification"))
    return parser


def _add_run(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "--profile",
        choices=["recorded", "smoke", "full"],
        default="recorded",
        help="recorded: draw recorded runs (default); smoke: try everything for a few steps; "
        "full: train on all of FER2013, and replace the records of the same seed",
    )
    parser.add_argument("--seed", type=int, default=None, help="default: the notebook's own, 0")
    parser.add_argument("--data-dir", default=None, help="folder of FER2013 or fer2013.csv")
    parser.add_argument("--only", action="append", default=[], metavar="NN", help="e.g. 3 or 03")
    parser.add_argument(
        *("-p", "--parameter"),
        nargs=2,
        action="append",
        default=[],
        metavar=("NAME", "VALUE"),
        help="a parameter of the notebook; the value is read as JSON where it can be, a path "
        f"({', '.join(PATHS)}) is seen from the folder you are in",
    )
    parser.add_argument("--out", type=Path, help="folder for the executed notebooks")
    parser.add_argument("--force", action="store_true", help="replace notebooks that are in --out")
    parser.set_defaults(command=_run)


def _add_results(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--json", action="store_true", help="the rows of the table as JSON")
    parser.set_defaults(command=_results)
    actions = parser.add_subparsers(metavar="ACTION")
    verify = actions.add_parser("verify", help="recompute every figure from records and data")
    verify.add_argument("--data-dir", default=None, help="folder of FER2013")
    verify.set_defaults(command=_results_verify)
    page = actions.add_parser("page", help="write book/results.md anew, replacing it")
    page.set_defaults(command=_results_page)


def _run(options: argparse.Namespace) -> int:
    from fer_utils import notebooks

    given = {"profile": options.profile, "seed": options.seed, "data_dir": options.data_dir}
    parameters = {name: value for name, value in given.items() if value is not None}
    parameters |= {name: _read_value(value) for name, value in options.parameter}
    for name in filter(parameters.get, PATHS):  # notebooks run in their own folder
        parameters[name] = str(Path(str(parameters[name])).expanduser().resolve())
    chosen = notebooks.find(options.only)
    for notebook in chosen:
        notebooks.check_parameters(notebook, parameters)
    if options.out:
        check_free([options.out / notebook.name for notebook in chosen], options.force)
    folder = options.out or project_root() / "_build" / "runs" / options.profile
    failed = 0
    for number, notebook in enumerate(chosen, 1):
        print(f"[{number}/{len(chosen)}] {notebook.stem} ({options.profile}) ", end="", flush=True)
        outcome = notebooks.run(notebook, parameters, folder)
        failed += bool(outcome.error)
        print(f"{outcome.error or 'ok'}, {outcome.seconds:.0f} s, {outcome.executed}")
    return 1 if failed else 0


def _read_value(text: str) -> object:
    """A parameter's value: JSON where it is, else the text itself."""
    try:
        return json.loads(text)
    except json.JSONDecodeError:
        return text


def _results(options: argparse.Namespace) -> int:
    from dataclasses import asdict

    from fer_utils.records import tables

    rows = tables.rows()
    print(json.dumps([asdict(r) for r in rows], indent=1) if options.json else tables.text(rows))
    return 0


def _results_verify(options: argparse.Namespace) -> int:
    from fer_utils.data import fer2013
    from fer_utils.records.verify import verify
    from fer_utils.records.verify_others import refused
    from fer_utils.search.committed import recorded

    problems = verify(dataset=fer2013.load(options.data_dir))
    problems += refused(results_dir() / "searches", recorded)
    for problem in problems:
        print(problem, file=sys.stderr)
    print(f"{len(problems)} problems" if problems else "every record and figure is as computed")
    return 1 if problems else 0


def _results_page(options: argparse.Namespace) -> int:
    from fer_utils.records import tables

    root = project_root()
    if root is None:
        raise FileNotFoundError("no book here: run this inside a clone of the course")
    print(f"wrote {tables.write_results_page(root / 'book' / 'results.md')}")
    return 0
