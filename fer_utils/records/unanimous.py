"""Pictures on which recorded networks agree, with the label or against it.

Conventions. `labels` int (n,); `answers` int (networks, n), one row a network. Where all networks
give one answer that is not the label, the picture is *against its label*. Whether the networks or
the label are wrong there, no count can tell; but some pictures of FER2013 stand in it twice, found
by two searches, and where their labels differ is known.
"""

from __future__ import annotations

import itertools
from collections import Counter
from collections.abc import Iterable, Mapping

import numpy as np
import pandas as pd

from fer_utils.data.card import load_card
from fer_utils.experiments import EXPERIMENTS
from fer_utils.records.run_record import RunRecord, check_current, find


def ours(split: str, classes: int = 7) -> dict[str, RunRecord]:
    """Network -> its recorded run with our recipe: PyTorch's, else Keras', seed 0, of so many
    classes and with answers for `split`. Runs with teachers are left out: a student repeats its
    teacher's answers, and is no witness beside it. Raises StaleRecord for one not current."""
    found: dict[str, RunRecord] = {}
    for experiment in EXPERIMENTS.values():
        if experiment.recipe != "ours" or len(experiment.classes) != classes:
            continue
        for framework in sorted(experiment.frameworks, reverse=True):  # torch before keras
            record = find(experiment.name, framework, 0)
            if record is None or split not in record.predictions:
                continue
            check_current(record, experiment, load_card().fingerprint)
            if record.config.get("teachers"):
                continue
            found.setdefault(experiment.network, record)
    return found


def answers_of(records: Iterable[RunRecord], split: str) -> np.ndarray:
    """int64 (networks, n)."""
    return np.stack([one.predictions[split].labels for one in records]).astype(np.int64)


def how_many_right(answers: np.ndarray, labels: np.ndarray) -> pd.DataFrame:
    """Pictures by how many networks read them as labelled, beside what chance would give.

    "if independent": where each network keeps its accuracy and errs independently of the others.
    Indexed 0 to the number of networks.
    """
    right = answers == labels
    observed = np.bincount(right.sum(0), minlength=len(answers) + 1)
    law = np.ones(1)
    for accuracy in right.mean(1):
        law = np.convolve(law, [1 - accuracy, accuracy])
    table = pd.DataFrame({"pictures": observed, "if independent": law * len(labels)})
    return table.rename_axis("networks right")


def against_label(answers: np.ndarray, labels: np.ndarray) -> np.ndarray:
    """bool (n,): all networks give one answer, and it is not the label."""
    return (answers == answers[0]).all(0) & (answers[0] != labels)


def confused_pairs(
    labels: np.ndarray, answers: np.ndarray, classes: tuple[str, ...]
) -> dict[str, int]:
    """Wrong answers by unordered pair of classes, "fear/sad" in the classes' order, all pairs."""
    counts = Counter(
        tuple(sorted(pair)) for pair in zip(labels.tolist(), answers.tolist(), strict=True)
    )
    pairs = itertools.combinations(range(len(classes)), 2)
    return {f"{classes[i]}/{classes[j]}": counts[i, j] for i, j in pairs}


def twice_labelled(groups: Mapping[str, int], classes: tuple[str, ...]) -> dict[str, int]:
    """Identical pictures under two labels, by pair as in `confused_pairs`, all pairs.

    groups: `audit["contradictory_labels"]` of the data card; groups of three labels and more count
    for none of the pairs.
    """
    pairs = itertools.combinations(classes, 2)
    return {f"{a}/{b}": int(groups.get(f"{a}/{b}", 0)) for a, b in pairs}
