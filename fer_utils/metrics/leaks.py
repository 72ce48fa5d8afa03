"""What leaked pictures do to a test score: a 1-nearest-neighbour classifier with and without them.

Its answers stand in the data card; see `fer_utils.data.card`.
"""

from __future__ import annotations

import numpy as np

from fer_utils.data.card import DataCard
from fer_utils.metrics.classification import Metrics, summary

ALL = "all test pictures"
NOT_IDENTICAL = "those without a copy in Training"
NOT_NEAR = "those without a copy or near copy"
COPIES = "the copies alone"
TRAINING_CLEANED = "all, copies taken out of Training"


def neighbour_scores(card: DataCard, split: str = "test") -> dict[str, Metrics]:
    """Figures of the nearest neighbour on parts of a test split, by name; empty parts left out.

    split: "public_test", "private_test" or "test" (both).
    """
    labels = card.labels_of(split)
    answers, cleaned = (card.neighbour_labels(split, leaks=leaks) for leaks in (True, False))
    whole = np.ones(len(labels), dtype=bool)
    clean, cleaner = card.leak_free(split), card.leak_free(split, near=True)
    parts = {
        ALL: (answers, whole),
        NOT_IDENTICAL: (answers, clean),
        NOT_NEAR: (answers, cleaner),
        COPIES: (answers, ~clean),
        TRAINING_CLEANED: (cleaned, whole),
    }
    return {
        name: summary(labels[part], given[part], classes=card.classes)
        for name, (given, part) in parts.items()
        if part.any()
    }


def majority_share(card: DataCard, split: str = "test") -> float:
    """Accuracy on a test split of always answering with the most frequent class of Training."""
    most = np.bincount(card.labels_of("train")).argmax()
    return float(np.mean(card.labels_of(split) == most))


def least_error(card: DataCard) -> float:
    """Least share of pictures that any function of the pixels gets wrong, training ones included.

    Identical pictures get one answer, so each group of them under more than one label costs an
    error at least.
    """
    return card.audit["contradictory_groups"] / card.audit["pictures"]


def disagreement(card: DataCard) -> tuple[int, int]:
    """(pairs under two labels, all pairs) among near-identical pictures: one photo, twice."""
    return card.audit["near_identical_pairs_contradictory"], card.audit["near_identical_pairs"]
