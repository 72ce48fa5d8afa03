"""Tables of runs on action units: means over seeds with intervals, and the RMIT report beside.

Fractions throughout; `runs` are records of one experiment with different seeds, read on the same
pictures. Intervals are at 95%: Wilson's for accuracies, at the pictures of one seed, and for
figures of action units the mean ends of each seed's `UnitRecord.interval`, which draws people. So
it is for accuracies where pictures of one person, such as the frames of a film, are no independent
evidence.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence

import numpy as np
import pandas as pd

from fer_utils.experiments.reported import RMIT_RUNS
from fer_utils.metrics import paired
from fer_utils.metrics.classification import with_interval
from fer_utils.metrics.multilabel import UnitMetrics, bootstrap
from fer_utils.models.spec import NetSpec
from fer_utils.records.unit_record import UnitRecord

NOT_RUN = "not run: CK+ needs an agreement"
EMOTION = ("emotion accuracy", "low", "high")
MACRO_F1 = ("macro F1", "F1 low", "F1 high")


def emotion_interval(runs: Sequence[UnitRecord]) -> tuple[float, float, float]:
    """Mean accuracy of the emotions, low, high, on the pictures whose emotion is known."""
    mean = float(np.mean([run.emotion_metrics().accuracy for run in runs]))
    named = runs[0].labels < len(runs[0].emotions)
    people = runs[0].subject[named]
    if len(np.unique(people)) == len(people):
        return with_interval(mean, len(people))
    right = [(run.emotion == run.labels)[named, None].astype(np.uint8) for run in runs]
    ends = [bootstrap("exact_match", np.ones_like(one), one, people) for one in right]
    low, high = np.mean(ends, axis=0)
    return mean, float(low), float(high)


def unit_interval(
    runs: Sequence[UnitRecord], figure: str = "macro_f1"
) -> tuple[float, float, float]:
    """Mean "macro_f1", "weighted_f1" or "exact_match" of the action units, low, high."""
    values = [getattr(run.unit_metrics(), figure) for run in runs]
    low, high = np.mean([run.interval(figure) for run in runs], axis=0)
    return float(np.mean(values)), float(low), float(high)


def by_size(
    runs: Mapping[str, Sequence[UnitRecord]],
    lines: Mapping[str, str],
    sizes: Sequence[int],
    interval: Callable[[Sequence[UnitRecord]], tuple[float, float, float]] = emotion_interval,
) -> dict[str, dict[int, tuple[float, float, float]]]:
    """A figure against the number of training pictures, as `plots.sweep` takes it: line ->
    {size -> (value, low, high)}.

    runs: by experiment; lines: the line's name -> the experiment's, with {} for the size;
    interval: `emotion_interval` or `unit_interval`. What was not run is left out.
    """
    names = {line: {n: pattern.format(n) for n in sizes} for line, pattern in lines.items()}
    return {
        line: {n: interval(runs[name]) for n, name in of_size.items() if name in runs}
        for line, of_size in names.items()
    }


def gain(
    first: Mapping[int, tuple[float, float, float]],
    second: Mapping[int, tuple[float, float, float]],
) -> dict[int, float]:
    """Percentage points by which the first line of `by_size` lies above the second, by size; only
    at sizes that both have."""
    return {n: 100 * (first[n][0] - second[n][0]) for n in first if n in second}


def paired_gains(
    runs: Mapping[str, Sequence[UnitRecord]], first: str, second: str, sizes: Sequence[int]
) -> list[str]:
    """How much better one line of `by_size` reads emotions than another, in words: for each
    size that both have the difference on the same pictures, with its paired 95% interval.

    runs: by experiment; first, second: the experiments, with {} for the size.
    """
    lines = []
    for n in sizes:
        pair = [runs[name] for name in (first.format(n), second.format(n)) if name in runs]
        if len(pair) == 2:
            named = pair[0][0].labels < len(pair[0][0].emotions)
            labels = pair[0][0].labels[named]
            read = [np.stack([run.emotion[named] for run in made]) for made in pair]
            deviation = paired.seed_deviation(labels, read)
            found = paired.paired_difference(labels, *read, deviation)
            lines.append(
                f"{n:,} to learn from: {100 * found.difference:+.1f} points on the same "
                f"{len(labels):,}, 95% interval {100 * found.low:+.1f} to {100 * found.high:+.1f}"
            )
    return lines


def unit_f1(runs: Sequence[UnitRecord]) -> dict[str, float]:
    """Mean F1 of each action unit, in the network's order."""
    tables = [{row.name: row.f1 for row in run.unit_metrics().per_unit} for run in runs]
    return {name: float(np.mean([table[name] for table in tables])) for name in tables[0]}


def figures(made: Mapping[str, Sequence[UnitRecord]]) -> pd.DataFrame:
    """A row an experiment: its figures as means over seeds.

    Average precision is the macro mean, NaN where a run kept its answers and no probabilities.
    """
    rows = {}
    for name, runs in made.items():
        units = [run.unit_metrics() for run in runs]
        rows[name] = {
            "training faces": runs[0].train_pictures,
            "emotion accuracy": np.mean([run.emotion_metrics().accuracy for run in runs]),
            "unit accuracy": np.mean([one.accuracy for one in units]),
            "recall": np.mean([one.recall for one in units]),
            "macro F1": np.mean([one.macro_f1 for one in units]),
            "weighted F1": np.mean([one.weighted_f1 for one in units]),
            "exact match": np.mean([one.exact_match for one in units]),
            "average precision": np.mean([_precision(one) for one in units]),
            "seeds": len(runs),
        }
    return pd.DataFrame(rows).T


def networks(made: Mapping[str, Sequence[UnitRecord]]) -> pd.DataFrame:
    """A row an experiment, for runs that differ in their network, by its name.

    Trainable parameters, minutes as the runs took, and the means over seeds of emotion accuracy
    and macro F1, each with the ends of its interval.
    """
    rows = {}
    for runs in made.values():
        net = NetSpec.from_dict(runs[0].settings["spec"])
        rows[net.name] = {
            "parameters": net.parameters().trainable,
            "minutes": np.mean([run.seconds for run in runs]) / 60,
            **dict(zip(EMOTION, emotion_interval(runs), strict=True)),
            **dict(zip(MACRO_F1, unit_interval(runs), strict=True)),
            "seeds": len(runs),
        }
    return pd.DataFrame(rows).T


def _precision(units: UnitMetrics) -> float:
    found = units.macro_average_precision
    return np.nan if found is None else found


def reported_beside(ckplus: UnitRecord | None) -> pd.DataFrame:
    """The RMIT report's table, run by run, and our run on CK+, or that there is none."""
    columns = ("emotion accuracy", "unit accuracy", "validation emotion accuracy")
    rows = {
        f"reported, {run.name}": dict(
            zip(columns, (run.emotion, run.units, run.validation_emotion), strict=True)
        )
        for run in RMIT_RUNS
    }
    ours = {}
    if ckplus is not None:
        ours = dict(
            zip(
                columns,
                (ckplus.emotion_metrics().accuracy, ckplus.unit_metrics().accuracy),
                strict=False,
            )
        )
    name = "ours" if ckplus is not None else f"ours ({NOT_RUN})"
    return pd.DataFrame(rows | {name: ours}, index=columns).T.astype(float)
