"""`python -m fer_utils model`: the expression model that comes with the package."""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

from fer_utils.paths import atomic_write, check_free


def add(parser: argparse.ArgumentParser) -> None:
    """Its actions and their options."""
    parser.description = (
        "Show the card of the expression model, check its figures, export it, measure it "
        "on faces made worse, or replace it."
    )
    actions = parser.add_subparsers(required=True, metavar="ACTION")
    card = actions.add_parser("card", help="what it is, its figures, what it is not for")
    check = actions.add_parser("check", help="evaluate it on FER2013 and compare with its card")
    export = actions.add_parser("export", help="write it as ONNX, for other programs")
    export.add_argument("out", type=Path, metavar="OUT.onnx")
    publish = actions.add_parser("publish", help="make the package's model from a recorded run")
    publish.add_argument("experiment", nargs="?", help="default: compact_vgg-7-ours")
    publish.add_argument("--seed", type=int, default=0, help="of the run, default 0")
    publish.add_argument("--twin", help="experiment on nine tenths whose temperature to take")
    publish.add_argument("--out", type=Path, help="default: inside the package")
    measure = actions.add_parser("measure", help="in several views, and on faces made worse")
    measure.add_argument("kinds", nargs="*", help="views, corruptions; default: both")
    for action in (card, check, export):
        action.add_argument("--model", type=Path, help="default: the package's own")
    for action in (check, publish, measure):
        action.add_argument("--data-dir", default=None, help="folder of FER2013")
    for action in (export, publish, measure):
        action.add_argument("--force", action="store_true", help="replace what is there")
    card.set_defaults(command=_card)
    check.set_defaults(command=_check)
    export.set_defaults(command=_export)
    publish.set_defaults(command=_publish)
    measure.set_defaults(command=_measure)


def _card(options: argparse.Namespace) -> int:
    from fer_utils.faces import model_card
    from fer_utils.faces.expression_model import DEFAULT, ExpressionModel

    print(model_card.text(ExpressionModel.load(options.model or DEFAULT)))
    return 0


def _check(options: argparse.Namespace) -> int:
    from fer_utils.data import fer2013
    from fer_utils.faces import publish
    from fer_utils.faces.expression_model import DEFAULT, ExpressionModel

    model = ExpressionModel.load(options.model or DEFAULT)
    wrong = 0
    for split, (now, then) in publish.check(model, fer2013.load(options.data_dir)).items():
        print(f"{split}: {now} pictures right, {then} by the card")
        wrong += abs(now - then) > publish.TOLERATED
    if wrong:
        print("error: the card is of another model or other data", file=sys.stderr)
    return 1 if wrong else 0


def _export(options: argparse.Namespace) -> int:
    from fer_utils.faces.expression_model import DEFAULT, ExpressionModel
    from fer_utils.faces.onnx_file import to_onnx

    check_free([options.out], options.force)
    content = to_onnx(ExpressionModel.load(options.model or DEFAULT))
    atomic_write(options.out, content)
    print(f"wrote {options.out}, {len(content) / 1e6:.1f} MB")
    return 0


def _publish(options: argparse.Namespace) -> int:
    from fer_utils import experiments
    from fer_utils.data import fer2013
    from fer_utils.data.card import load_card
    from fer_utils.faces import publish
    from fer_utils.faces.expression_model import DEFAULT
    from fer_utils.training import full_run

    out = options.out or DEFAULT
    check_free([out, out.with_suffix(".md")], options.force)
    experiment = experiments.get(options.experiment or publish.DEFAULT_EXPERIMENT)
    dataset = fer2013.load(options.data_dir)
    full_run.check_is_folder_copy(dataset)
    temperature = 1.0
    if options.twin:
        temperature = publish.twin_temperature(experiments.get(options.twin), load_card())
    made = publish.publish(experiment, dataset, options.seed, out, temperature)
    private = made.card["splits"]["private_test"]
    accuracy = private["correct"] / private["n"]
    print(f"wrote {out} and its card, PrivateTest {accuracy:.1%}")
    return 0


def _measure(options: argparse.Namespace) -> int:
    from fer_utils.data import fer2013
    from fer_utils.faces import measure_model
    from fer_utils.faces.expression_model import ExpressionModel
    from fer_utils.records import model_answers
    from fer_utils.training import full_run

    kinds = options.kinds or model_answers.KINDS
    check_free([model_answers.record_file(kind) for kind in kinds], options.force)
    dataset = fer2013.load(options.data_dir)
    full_run.check_is_folder_copy(dataset)
    model = ExpressionModel.default()
    for kind in kinds:
        made = measure_model.WAYS[kind](model, dataset, model_answers.model_hash())
        print(f"wrote {made.save()}")
    return 0
