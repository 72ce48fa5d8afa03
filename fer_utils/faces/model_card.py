"""The model card of an expression model (Mitchell et al., 2019): measured, then written as text.

`measure` reads the model's answers on FER2013 and returns plain values for the model's header;
`text` turns a header into Markdown, so the page beside the model never says anything else.
"""

from __future__ import annotations

from fer_utils.data.card import DataCard
from fer_utils.data.dataset import TEST_SPLITS, FaceDataset
from fer_utils.experiments.config import TrainConfig
from fer_utils.faces.expression_model import ExpressionModel
from fer_utils.metrics.classification import summary
from fer_utils.records.run_record import RunRecord

_SPLIT_NAMES = {"public_test": "PublicTest", "private_test": "PrivateTest"}
_USE = """\
## What it is for

To learn and teach how expression recognition works, on faces that are near frontal, upright and
cut out as in FER2013. Its answer is the label that the people who sorted FER2013 would give a
picture, not what somebody feels: the same movement of a face means different things in different
people and situations (Barrett et al., 2019).

Not for decisions about people. In the European Union, systems that infer emotions at workplaces
and in schools are prohibited (Regulation (EU) 2024/1689, Article 5(1)(f)).

## Limits

- FER2013 was collected by searching the web for words of emotion; who is in it by age, sex and
  origin is unknown, so how the errors differ between groups of people is unknown too.
- Its labels are noisy: people agree with them in about 65% of cases (Goodfellow et al., 2013).
- Rare classes are read worse than common ones: see the recalls above.
- Profiles, strong turns, hands or masks over the face, and faces below some 30 pixels are outside
  of what it has seen.
"""


_PARTS = {"all": "all", "nine_tenths": "nine tenths", "ten_thousand": "10,000 pictures"}
DIGITS = 6  # more than are shown: a figure is rounded once, where it stands


def measure(
    model: ExpressionModel, dataset: FaceDataset, data_card: DataCard, record: RunRecord
) -> dict:
    """Figures of the model on both test splits, and what it was trained on: plain values.

    `dataset` is the folder copy of FER2013. Accuracies are fractions; `low` and `high` are the
    95% Wilson interval.
    """
    splits = {}
    for split in TEST_SPLITS:
        part = dataset.part(split)
        probabilities = model.probabilities(part.images)
        found = summary(part.labels, probabilities.argmax(1), probabilities, model.classes)
        clean = data_card.leak_free(split)
        leak_free = summary(part.labels[clean], probabilities.argmax(1)[clean])
        splits[split] = {
            "n": found.n,
            "correct": found.correct,
            "low": round(found.low, DIGITS),
            "high": round(found.high, DIGITS),
            "leak_free_accuracy": round(leak_free.accuracy, DIGITS),
            "leak_free_n": leak_free.n,
            "balanced_accuracy": round(found.balanced_accuracy, DIGITS),
            "macro_f1": round(found.macro_f1, DIGITS),
            "log_loss": round(found.log_loss, DIGITS),
            "calibration_error": round(found.calibration_error, DIGITS),
            "recall": {row.name: round(row.recall, DIGITS) for row in found.per_class},
            "precision": {row.name: round(row.precision, DIGITS) for row in found.per_class},
        }
    return {
        "experiment": record.experiment,
        "framework": record.framework,
        "seed": record.seed,
        "hardware": record.hardware,
        "minutes": round(record.seconds / 60, 1),
        "finished": record.finished,
        "dataset": record.dataset,
        "fingerprint": record.fingerprint,
        "config": record.config,
        "splits": splits,
    }


def check(model: ExpressionModel) -> None:
    """Raise ValueError for a model whose header holds no figures."""
    if "splits" not in model.card:
        raise ValueError("this model has no card: one that `model publish` writes has one")


def text(model: ExpressionModel) -> str:
    """The card as Markdown, from the model's header alone. ValueError where it has no figures."""
    check(model)
    card, total = model.card, sum(value.size for value in model.weights.values())
    config = TrainConfig.from_dict(card["config"])
    lines = [
        f"# Model card: {model.spec.name}",
        "",
        "The expression model that comes with `fer_utils`. This page is written by "
        "`python -m fer_utils model publish`; every figure on it was measured by that command.",
        "",
        "## What it is",
        "",
        f"- Network: `{model.spec.name}`, {total:,} numbers in float16, "
        "trained from scratch, no ImageNet weights.",
        f"- Input: a grey face, {model.spec.input_shape[0]}x{model.spec.input_shape[1]} pixels, "
        "0 to 255. Output: probabilities of " + ", ".join(model.classes) + ".",
        f"- Training: {_PARTS[config.train_on]} of FER2013's Training split, {config.epochs} "
        f"epochs, {config.optimizer}, batches of {config.batch_size}, label smoothing "
        f"{config.label_smoothing:g}; experiment `{card['experiment']}`, seed {card['seed']}, "
        f"{card['minutes']:.0f} minutes on {card['hardware']}.",
        f"- {_reading(model)}",
        "",
        "## Figures",
        "",
        "PublicTest and PrivateTest were read once, when the run was over. Intervals are Wilson's, "
        "95%; *leak-free* leaves out test pictures that also stand in Training.",
        "",
        *_figures(card["splits"]),
        "",
        *_by_class(card["splits"], model.classes),
        "",
    ]
    return "\n".join(lines) + _USE


def _reading(model: ExpressionModel) -> str:
    """How probabilities come about, in a sentence."""
    averaged = (
        "The probabilities are the mean of those of the face and of its mirror image."
        if model.mirrored
        else "The face is read once."
    )
    if model.temperature == 1:
        return f"{averaged} They are not recalibrated."
    return f"{averaged} The logits are divided by a temperature of {model.temperature:.2f}."


def _figures(splits: dict) -> list[str]:
    lines = [
        "| split | n | accuracy | 95% interval | leak-free (n) | balanced accuracy | macro F1 | "
        "log loss | calibration error |",
        "|---|---|---|---|---|---|---|---|---|",
    ]
    for split, found in splits.items():
        lines.append(
            f"| {_SPLIT_NAMES[split]} | {found['n']:,} | {found['correct'] / found['n']:.1%} | "
            f"{found['low']:.1%} to {found['high']:.1%} | "
            f"{found['leak_free_accuracy']:.1%} ({found['leak_free_n']:,}) | "
            f"{found['balanced_accuracy']:.1%} | {found['macro_f1']:.3f} | "
            f"{found['log_loss']:.3f} | {found['calibration_error']:.3f} |"
        )
    return lines


def _by_class(splits: dict, classes: tuple[str, ...]) -> list[str]:
    names = list(splits)
    header = " | ".join(f"recall, {_SPLIT_NAMES[n]} | precision, {_SPLIT_NAMES[n]}" for n in names)
    lines = [f"| class | {header} |", "|---" * (1 + 2 * len(names)) + "|"]
    for name in classes:
        cells = [
            f"{splits[split][figure][name]:.1%}"
            for split in names
            for figure in ("recall", "precision")
        ]
        lines.append(f"| {name} | " + " | ".join(cells) + " |")
    return lines
