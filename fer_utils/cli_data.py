"""`python -m fer_utils data`: get, describe and audit FER2013."""

from __future__ import annotations

import argparse
from pathlib import Path

from fer_utils.paths import cache_dir, check_free


def add(parser: argparse.ArgumentParser) -> None:
    """Its actions and their options."""
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
    action.add_argument("--force", action="store_true", help="replace the card that is there")


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

    check_free([card.card_path()], options.force)
    print(f"wrote {card.make_card(fer2013.load(options.data_dir)).save()}")
    return 0
