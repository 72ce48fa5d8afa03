"""`python -m fer_utils search`: hyperparameters of an experiment, here or on a Ray cluster."""

from __future__ import annotations

import argparse


def add(parser: argparse.ArgumentParser) -> None:
    """Options of the command."""
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
