"""`python -m fer_utils train`: full records of named experiments, without a notebook.

Exit code 3: the time was up before all were made.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Generator, Sequence
from contextlib import ExitStack, closing
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from fer_utils.data.dataset import FaceDataset


def add(parser: argparse.ArgumentParser) -> None:
    """Options of the command."""
    parser.description = (
        "Train experiments in the full profile on FER2013 and keep each record as it is made. "
        "A record that is there is not made again, and a stopped run goes on from its last epoch. "
        "Exit code 3: the time was up before all were made."
    )
    parser.add_argument(
        *("experiments",),
        nargs="*",
        metavar="EXPERIMENT",
        help="name or pattern, such as 'zagreb_*-7-ours'",
    )
    parser.add_argument("--list", action="store_true", help="names, chapters and records; no run")
    parser.add_argument(
        "--framework",
        choices=["torch", "keras", "all"],
        default="all",
        help="default: all that an experiment is recorded in",
    )
    parser.add_argument(
        *("--seed",),
        type=int,
        nargs="+",
        action="extend",
        default=[],
        metavar="K",
        help="default: the experiment's own, seed 0 of all of them first",
    )
    parser.add_argument("--data-dir", default=None, help="folder of FER2013")
    parser.add_argument("--minutes", type=float, default=None, help="stop after so long")
    parser.add_argument(
        *("--workers",),
        type=int,
        default=1,
        metavar="N",
        help="processes at once, a record each: for a GPU that one run does not fill (default: 1)",
    )
    parser.set_defaults(command=_train, wrong_call=parser.error)


def _train(options: argparse.Namespace) -> int:
    if options.list:
        return _list(options.experiments or ["*"])
    from fer_utils.data import fer2013
    from fer_utils.training import recordings

    if not options.experiments:
        options.wrong_call("name an experiment or a pattern, or ask for --list")
    if options.workers < 1:
        options.wrong_call(f"--workers {options.workers}: expected 1 or more")
    experiments = recordings.chosen(options.experiments)
    planned = recordings.plan(experiments, options.framework, options.seed)
    ended = failed = 0
    try:
        with recordings.time_limit(options.minutes), ExitStack() as ends:
            dataset = fer2013.load(options.data_dir)
            for outcome in ends.enter_context(closing(_outcomes(options, planned, dataset))):
                ended += 1
                failed += bool(outcome.error)
                print(f"[{ended}/{len(planned)}] {outcome.planned}: {outcome.text}", flush=True)
                if outcome.error:
                    print(f"error: {outcome.planned}: {outcome.error}", file=sys.stderr, flush=True)
    except recordings.TimeIsUp:
        print(
            f"the time is up: {ended - failed} of {len(planned)} records are there; "
            "the same command goes on from here"
        )
        return recordings.TIME_IS_UP
    return 1 if failed else 0


def _outcomes(options: argparse.Namespace, planned: Sequence, dataset: FaceDataset) -> Generator:
    """How each planned record ended, made here or by several processes."""
    from fer_utils.training import processes, recordings

    if options.workers == 1:
        return recordings.make(planned, dataset, progress=sys.stderr.isatty())
    how = {"data_dir": options.data_dir, "minutes": options.minutes}
    return processes.make(planned, dataset, options.workers, **how)


def _list(patterns: list[str]) -> int:
    """A line an experiment: name, chapter, and the seeds that have a record in each framework."""
    from fer_utils.training import recordings

    experiments = recordings.chosen(patterns)
    width = max(len(experiment.name) for experiment in experiments)
    for experiment in experiments:
        made = [f"{name}: {recordings.state(experiment, name)}" for name in experiment.frameworks]
        print(f"{experiment.name:<{width}}  chapter {experiment.chapter}  {', '.join(made)}")
    return 0
