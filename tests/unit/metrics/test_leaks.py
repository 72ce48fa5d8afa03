"""The nearest neighbour's score with and without leaked pictures, on a card of known answers."""

from __future__ import annotations

import numpy as np
import pytest

from fer_utils.data.card import DataCard, load_card
from fer_utils.data.dataset import CLASSES
from fer_utils.metrics import leaks


def known_card(leak: list[int]) -> DataCard:
    """Training: 3 happy, 1 sad. PublicTest: 4 happy, 4 sad; PrivateTest: 2 happy."""
    happy, sad = CLASSES.index("happy"), CLASSES.index("sad")
    labels = np.array([happy] * 3 + [sad] + [happy] * 4 + [sad] * 4 + [happy] * 2)
    split = np.repeat(["train", "public_test", "private_test"], [4, 8, 2])
    audit = {
        "pictures": 14,
        "contradictory_groups": 7,
        "near_identical_pairs": 9,
        "near_identical_pairs_contradictory": 3,
    }
    neighbours = {"with_leaks": [happy] * 10, "without_leaks": [sad] * 10}
    return DataCard(
        name="fer2013",
        fingerprint="",
        classes=CLASSES,
        counts={},
        moments={},
        audit=audit,
        labels=labels,
        split=split,
        leak=np.array([0] * 4 + leak, dtype=np.uint8),
        nearest_neighbour={kind: np.array(v) for kind, v in neighbours.items()},
    )


def test_scores_of_each_part():
    card = known_card(leak=[2, 2, 1, 0, 0, 0, 0, 0, 0, 0])
    found = leaks.neighbour_scores(card, "public_test")
    assert {name: (m.correct, m.n) for name, m in found.items()} == {
        leaks.ALL: (4, 8),
        leaks.NOT_IDENTICAL: (2, 6),
        leaks.NOT_NEAR: (1, 5),
        leaks.COPIES: (2, 2),
        leaks.TRAINING_CLEANED: (4, 8),
    }
    both = leaks.neighbour_scores(card)
    assert (both[leaks.ALL].correct, both[leaks.ALL].n) == (6, 10)


def test_a_part_without_images_is_left_out():
    clean = leaks.neighbour_scores(known_card([0] * 10), "private_test")
    assert leaks.COPIES not in clean
    assert clean[leaks.ALL].accuracy == clean[leaks.NOT_NEAR].accuracy == 1


def test_majority_is_that_of_training_scored_on_the_test_split():
    card = known_card([0] * 10)
    assert leaks.majority_share(card, "public_test") == pytest.approx(4 / 8)
    assert leaks.majority_share(card) == pytest.approx(6 / 10)


def test_floor_and_disagreement_come_from_the_audit():
    assert leaks.least_error(known_card([0] * 10)) == 0.5
    assert leaks.disagreement(known_card([0] * 10)) == (3, 9)


def test_on_fer2013_leaks_lift_the_nearest_neighbour():
    found = leaks.neighbour_scores(load_card())
    assert found[leaks.ALL].n == 7178
    assert found[leaks.COPIES].n == 280 + 288
    assert found[leaks.ALL].low > found[leaks.NOT_IDENTICAL].high
