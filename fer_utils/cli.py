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
from fer_utils import cli_train
from fer_utils.paths import cache_dir, project_root

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
    _add_data(rooms.add_parser("data", help="get, describe and audit FER2013"))
    _add_run(rooms.add_parser("run", help="execute notebooks headless"))
    cli_train.add(rooms.add_parser("train", help="full records of experiments, without notebooks"))
    _add_search(rooms.add_parser("search", help="search for hyperparameters of an experiment"))
    _add_results(rooms.add_parser("results", help="the table of results, and its verification"))
    return parser


def _add_data(parser: argparse.ArgumentParser) -> None:
    actions = parser.add_subparsers(required=True, metavar="ACTION")
    fetch = actions.add_parser("fetch", help="download FER2013 through kagglehub and check it")
    fetch.add_argument("dataset", choices=["fer2013"])
    fetch.add_argument("--force", action="store_true", help="replace what is there")
    fetch.set_defaults(command=_data_fetch)
    unpack = actions.add_parser("unpack", help="unpack an archive of FER2013 into the cache")
    unpack.add_argument("archive", type=Path)
    unpack.add_argument("--to", type=Path, help="folder to make (default: the cache)")
    unpack.add_argument("--force", action="store_true", help="replace what is there")
    unpack.set_defaults(command=_data_unpack)
    for name, command, text in (
        ("info", _data_info, "counts, size and moments"),
        ("audit", _data_audit, "identical and near-identical images, contradictory labels"),
        ("card", _data_card, "write results/data: what chapters know of FER2013 without it"),
    ):
        action = actions.add_parser(name, help=text)
        action.add_argument("--data-dir", default=None, help="folder or fer2013.csv")
        action.set_defaults(command=command)


def _add_run(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--profile", choices=["recorded", "smoke", "full"], default="recorded")
    parser.add_argument("--seed", type=int, default=None, help="default: the notebook's own, 0")
    parser.add_argument("--data-dir", default=None, help="folder of FER2013 or fer2013.csv")
    parser.add_argument("--only", action="append", default=[], metavar="NN", help="e.g. 03")
    parser.add_argument(
        *("-p", "--parameter"),
        nargs=2,
        action="append",
        default=[],
        metavar=("NAME", "VALUE"),
        help="a parameter of the notebook; the value is read as JSON where it can be",
    )
    parser.add_argument("--out", type=Path, help="folder for the executed notebooks")
    parser.set_defaults(command=_run)


def _add_search(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("experiment", metavar="EXPERIMENT", help="such as zagreb_deep-7-ours")
    parser.add_argument("--trials", type=int, required=True, help="in all, earlier ones included")
    parser.add_argument(
        "--space", default="default", metavar="FILE.json", help="what may vary, and how far"
    )
    parser.add_argument("--folds", type=int, default=0, help="score by cross validation")
    parser.add_argument("--study", help="its name (default: that of the experiment)")
    parser.add_argument("--epochs", type=int, help="of each trial (default: 10, smoke 2)")
    parser.add_argument("--framework", choices=["torch", "keras"], default="torch")
    parser.add_argument("--seed", type=int, default=0, help="of the search and of each trial")
    parser.add_argument("--data-dir", default=None, help="folder of FER2013 or fer2013.csv")
    parser.add_argument("--profile", choices=["smoke", "full"], default="full")
    parser.add_argument(
        "--ray", metavar="ADDRESS", help='run the trials on a Ray cluster, or here for "local"'
    )
    parser.set_defaults(command=_search)


def _add_results(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--json", action="store_true", help="the rows of the table as JSON")
    parser.set_defaults(command=_results)
    actions = parser.add_subparsers(metavar="ACTION")
    verify = actions.add_parser("verify", help="recompute every figure from records and data")
    verify.add_argument("--data-dir", default=None, help="folder of FER2013")
    verify.set_defaults(command=_results_verify)
    page = actions.add_parser("page", help="write book/results.md anew")
    page.set_defaults(command=_results_page)


def _data_fetch(options: argparse.Namespace) -> int:
    from fer_utils.data.fetch import fetch_fer2013

    print(fetch_fer2013(force=options.force))
    return 0


def _data_unpack(options: argparse.Namespace) -> int:
    from fer_utils.data.fetch import unpack

    print(unpack(options.archive, options.to or cache_dir() / "fer2013", force=options.force))
    return 0


def _data_info(options: argparse.Namespace) -> int:
    from fer_utils.data import fer2013, fetch

    print(fetch.info_text(fer2013.load(options.data_dir)))
    return 0


def _data_audit(options: argparse.Namespace) -> int:
    from fer_utils.data import audit, fer2013

    print(audit.audit(fer2013.load(options.data_dir)))
    return 0


def _data_card(options: argparse.Namespace) -> int:
    from fer_utils.data import card, fer2013

    print(f"wrote {card.make_card(fer2013.load(options.data_dir)).save()}")
    return 0


def _run(options: argparse.Namespace) -> int:
    from fer_utils import notebooks

    given = {"profile": options.profile, "seed": options.seed, "data_dir": options.data_dir}
    parameters = {name: value for name, value in given.items() if value is not None}
    parameters |= {name: _read_value(value) for name, value in options.parameter}
    if parameters.get("data_dir"):
        parameters["data_dir"] = str(Path(parameters["data_dir"]).expanduser().resolve())
    chosen = notebooks.find(options.only)
    for notebook in chosen:
        notebooks.check_parameters(notebook, parameters)
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


def _search(options: argparse.Namespace) -> int:
    from fer_utils.training import search_command

    space = search_command.space(options.space)
    path, text = search_command.search(
        options.experiment,
        space,
        trials=options.trials,
        folds=options.folds,
        study=options.study,
        epochs=options.epochs,
        framework=options.framework,
        seed=options.seed,
        data_dir=options.data_dir,
        profile=options.profile,
        ray=options.ray,
    )
    print(f"{text}\nwrote {path}")
    return 0


def _results(options: argparse.Namespace) -> int:
    from dataclasses import asdict

    from fer_utils.records import tables

    rows = tables.rows()
    print(json.dumps([asdict(r) for r in rows], indent=1) if options.json else tables.text(rows))
    return 0


def _results_verify(options: argparse.Namespace) -> int:
    from fer_utils.data import fer2013
    from fer_utils.records.verify import verify

    problems = verify(dataset=fer2013.load(options.data_dir))
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
