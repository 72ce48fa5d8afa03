"""Strategies against the imbalance of the classes: their figures, the front, and the choice.

Conventions: an `Answers` holds what the runs of one strategy, one a seed, answered on the same
images; its figures are means over the seeds. Shares of images (accuracy, recall, share of a
predicted class) have the Wilson interval at the number of those images, the others that of the
bootstrap (`resampling`).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd

from fer_utils.metrics import paired, resampling
from fer_utils.metrics.adjustment import adjusted
from fer_utils.metrics.classification import with_interval
from fer_utils.metrics.paired import PairedDifference
from fer_utils.metrics.resampling import Interval

RARE_RECALL = 0.6  # what a strategy must reach


@dataclass(frozen=True)
class Answers:
    """Predicted classes int (seeds, n) and, where they were kept, probabilities (seeds, n, K)."""

    predicted: np.ndarray
    probabilities: np.ndarray | None = None

    @classmethod
    def of(cls, records: Sequence, split: str) -> Answers:
        """What the records of one experiment say of a split."""
        made = [record.predictions[split] for record in records]
        likely = [one.probabilities for one in made]
        known = all(one is not None for one in likely)
        labels = np.stack([one.labels for one in made]).astype(np.int64)
        return cls(labels, np.stack(likely) if known else None)

    def adjusted(self, prior: np.ndarray, tau: float) -> Answers:
        """The answers with the priors taken out; ValueError where no probabilities were kept."""
        if self.probabilities is None:
            raise ValueError("only labels were kept: adjusting needs probabilities")
        if tau == 0:
            return self
        likely = adjusted(self.probabilities, prior, tau)
        return Answers(likely.argmax(axis=-1), likely)


def figures(
    labels: np.ndarray, answers: Answers, classes: Sequence[str], rare: str = "disgust"
) -> dict[str, Interval]:
    """accuracy, balanced_accuracy, macro_f1, `recall of <rare>` and, with probabilities,
    calibration_error. Raises ValueError where no image is of the class `rare`."""
    labels, predicted = np.asarray(labels), np.atleast_2d(answers.predicted)
    of_rare = labels == list(classes).index(rare)
    if not of_rare.any():
        raise ValueError(f"none of {len(labels)} images is of {rare}: its recall is unknown")
    found = {"accuracy": share(predicted == labels)}
    found |= resampling.by_class(labels, predicted, len(classes))
    found[f"recall of {rare}"] = share((predicted == labels)[:, of_rare])
    if answers.probabilities is not None:
        found["calibration_error"] = resampling.calibration(
            labels, predicted, answers.probabilities
        )
    return found


def share(chosen: np.ndarray) -> Interval:
    """The mean of bool (seeds, n), or (n,) of one run, with its Wilson interval at n images."""
    chosen = np.atleast_2d(chosen)
    return Interval(*with_interval(float(chosen.mean()), chosen.shape[1]))


def recalls(labels: np.ndarray, answers: Answers, classes: Sequence[str]) -> np.ndarray:
    """The recall of each class float (K,), means over seeds; NaN where no image is of the class."""
    right = np.atleast_2d(answers.predicted == labels)
    of_class = [labels == k for k in range(len(classes))]
    return np.array([right[:, these].mean() if these.any() else np.nan for these in of_class])


def predicted_shares(answers: Answers, classes: Sequence[str]) -> dict[str, Interval]:
    """The share of the answers that is of each class."""
    predicted = np.atleast_2d(answers.predicted)
    return {name: share(predicted == k) for k, name in enumerate(classes)}


def front(points: Mapping[str, tuple[float, float]]) -> list[str]:
    """The names that no other beats: none is at least as good in both figures and better in one.

    points: name -> two figures, both the better the larger. Sorted by the first figure, falling.
    """
    beaten = {
        name
        for name, (a, b) in points.items()
        for one, (x, y) in points.items()
        if x >= a and y >= b and (x > a or y > b)
    }
    kept = [name for name in points if name not in beaten]
    return sorted(kept, key=lambda name: (-points[name][0], -points[name][1]))


def table(found: Mapping[str, dict[str, Interval]]) -> pd.DataFrame:
    """The figures as text in per cent, "45.1 [43.3, 46.9]", a row a strategy;
    a dash where unknown."""
    names = list(dict.fromkeys(name for row in found.values() for name in row))
    cells = {
        strategy: {name: _cell(row[name]) if name in row else "–" for name in names}
        for strategy, row in found.items()
    }
    shown = pd.DataFrame.from_dict(cells, orient="index", columns=names)
    return shown.rename(columns=lambda name: name.replace("_", " "))


def _cell(one: Interval) -> str:
    return f"{100 * one.value:.1f} [{100 * one.low:.1f},\u00a0{100 * one.high:.1f}]"


@dataclass(frozen=True)
class Choice:
    """The strategy chosen; `meets` says whether it does what was asked."""

    name: str
    meets: bool
    rule: str


def meets(
    found: Mapping[str, Interval], base: Mapping[str, Interval], rare: str = "disgust"
) -> bool:
    """Whether a strategy does what is asked, by its `figures` and those of the base: a recall of
    `rare` of RARE_RECALL or more and an accuracy that is not below, both as means over seeds."""
    reaches = found[f"recall of {rare}"].value >= RARE_RECALL
    return reaches and found["accuracy"].value >= base["accuracy"].value


def verdict(
    found: Mapping[str, Mapping[str, Interval]],
    change: PairedDifference,
    name: str,
    base: str,
    rare: str = "disgust",
) -> str:
    """What the strategy `name` makes of the recall of `rare` and of the accuracy of `base`, and
    whether that was asked for, as a sentence; from the `figures` of both, and `change`, the
    accuracy of the first minus that of the second."""
    was, now = (found[one][f"recall of {rare}"].value for one in (base, name))
    done = "and reached" if meets(found[name], found[base], rare) else "and NOT reached"
    return (
        f"recall of {rare} from {was:.1%} to {now:.1%}, accuracy {100 * change.difference:+.1f} "
        f"points [{100 * change.low:+.1f}, {100 * change.high:+.1f}]: asked for, {done}"
    )


def tested(
    labels: np.ndarray,
    answers: Mapping[str, Answers],
    name: str,
    base: str,
    classes: Sequence[str],
    same_runs: bool = False,
) -> tuple[dict[str, dict[str, Interval]], str]:
    """The `figures` of `base` and of the strategy `name` on the same images, and the `verdict`.

    same_runs: the strategy moves the answers of the base's runs, so that what a seed does to both
    is no part of the difference.
    """
    found = {one: figures(labels, answers[one], classes) for one in (base, name)}
    was, now = (answers[one].predicted for one in (base, name))
    if same_runs:
        deviation = paired.deviation_within(labels, now, was)
    else:
        deviation = paired.seed_deviation(labels, [now, was])
    change = paired.paired_difference(labels, now, was, deviation)
    return found, verdict(found, change, name, base)


def choose(
    found: Mapping[str, dict[str, Interval]], base: str, rare: str = "disgust"
) -> Choice | None:
    """The strategy for PrivateTest, by figures of the validation tenth alone.

    Of those that do what is asked (see `meets`), the one with the highest balanced accuracy. Where
    none does, the highest accuracy of those that reach the recall; where none reaches it, the
    highest recall. A tie goes to the higher accuracy, a further one to the first listed. None where
    `base` was not run, or nothing else.
    """
    others = [name for name in found if name != base]
    if base not in found or not others:
        return None
    recall = f"recall of {rare}"
    reaching = [name for name in others if found[name][recall].value >= RARE_RECALL]
    meeting = [name for name in reaching if meets(found[name], found[base], rare)]
    tiers = (
        (meeting, "balanced_accuracy", "highest balanced accuracy of those that do what was asked"),
        (reaching, "accuracy", f"none does what was asked; the least loss at that {recall}"),
        (others, recall, f"none reaches the {recall} that was asked; the highest there is"),
    )
    names, figure, rule = next(tier for tier in tiers if tier[0])
    order = (figure, "accuracy")
    name = max(names, key=lambda one: [found[one][key].value for key in order])
    return Choice(name, bool(meeting), rule)
