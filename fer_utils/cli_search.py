"""`python -m fer_utils search`: hyperparameters of an experiment, here or on a Ray cluster."""

from __future__ import annotations

import argparse
from collections.abc import Mapping
from pathlib import Path


def add(parser: argparse.ArgumentParser) -> None:
    """Options of the command."""
    parser.usage = f"{parser.prog} EXPERIMENT --trials N [--ray [ADDRESS]] [options]"
    parser.description = (
        "Try settings of an experiment, each on the same budget and scored on the validation "
        "tenth. Killed, it goes on where it was when the command is repeated; the study's summary "
        "and charts are then made anew."
    )
    parser.add_argument("experiment", metavar="EXPERIMENT", help="such as zagreb_deep-7-ours")
    parser.add_argument(
        "--trials", type=int, required=True, metavar="N", help="in all, earlier ones included"
    )
    parser.add_argument(
        "--space",
        default="default",
        metavar="FILE.json",
        help="what may vary, and how far; the summary of a study gives that of the study",
    )
    parser.add_argument("--folds", type=int, default=0, help="score by cross validation")
    parser.add_argument("--study", help="its name (default: that of the experiment)")
    parser.add_argument("--epochs", type=int, help="of each trial (default: 10, smoke 2)")
    parser.add_argument("--framework", choices=["torch", "keras"], default="torch")
    parser.add_argument("--seed", type=int, default=0, help="of the search and of each trial")
    parser.add_argument("--data-dir", default=None, help="folder of FER2013 or fer2013.csv")
    parser.add_argument("--profile", choices=["smoke", "full"], default="full")
    parser.add_argument(
        "--ray",
        nargs="?",
        const="local",
        metavar="ADDRESS",
        help="run the trials on the Ray cluster at ADDRESS ('auto', 'host:6379', "
        "'ray://host:10001'), or without an address on one started here; the experiment goes first",
    )
    parser.add_argument(
        "--force", action="store_true", help="replace a summary whose trials the study lacks"
    )
    parser.set_defaults(command=_search)


def _search(options: argparse.Namespace) -> int:
    from fer_utils.search import command, summary

    space = command.space(options.space)
    path, text = command.search(
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
        force=options.force,
    )
    print("\n".join([text, *(f"wrote {made}" for made in [path, *_draw(summary.read(path))])]))
    return 0


def _draw(found: Mapping) -> list[Path]:
    """The charts of a search as pictures beside its study in the cache; their paths."""
    from fer_utils import plots
    from fer_utils.paths import cache_dir

    note = f"{found['study']}, {found['scored_on']}, n = {found['n']:,}"
    charts = {"history": plots.search_history(found, note=note)}
    if found["importance"]:
        charts["importance"] = plots.search_importance(found, note=note)
    paths = [cache_dir() / "searches" / f"{found['study']}-{name}.png" for name in charts]
    for path, chart in zip(paths, charts.values(), strict=True):
        chart.savefig(path)
    return paths
