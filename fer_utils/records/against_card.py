"""A record's predictions against the labels of the data card.

Splits are those of a record, or "test" for both test splits together, PublicTest first; accuracies
are fractions.
"""

from __future__ import annotations

import numpy as np

from fer_utils.data.card import DataCard
from fer_utils.data.dataset import TEST_SPLITS
from fer_utils.experiments.config import split_of
from fer_utils.metrics import classification
from fer_utils.records.run_record import RecordError, RunRecord


def truth(card: DataCard, split: str, classes: tuple[str, ...]) -> np.ndarray:
    """True labels int64 (n,) of a split or of a reading; "test" is PublicTest, then PrivateTest."""
    parts = _parts(split_of(split))
    return np.concatenate([card.labels_of(part, classes=classes) for part in parts])


def leak_free(card: DataCard, split: str, classes: tuple[str, ...]) -> np.ndarray:
    """Mask bool (n,) of a test split's images that do not stand in Training too."""
    parts = _parts(split_of(split))
    return np.concatenate([card.leak_free(part, classes=classes) for part in parts])


def scores(records: list[RunRecord], split: str, card: DataCard) -> list[classification.Metrics]:
    """All figures of each record that has the split's predictions, in the records' order."""
    found = []
    for record in (record for record in records if has_split(record, split)):
        labels, predicted = compared(record, split, card)
        made = [record.predictions[part].probabilities for part in _parts(split)]
        likely = None if any(part is None for part in made) else np.concatenate(made)
        found.append(classification.summary(labels, predicted, likely, record.classes))
    return found


def has_split(record: RunRecord, split: str) -> bool:
    """Whether the record has predictions of a split; "test" needs both test splits."""
    return all(part in record.predictions for part in _parts(split))


def compared(record: RunRecord, split: str, card: DataCard) -> tuple[np.ndarray, np.ndarray]:
    """True and predicted labels (n,) of a split. RecordError where their numbers differ."""
    for part in _parts(split):
        made, wanted = len(record.predictions[part]), len(truth(card, part, record.classes))
        if made != wanted:
            raise RecordError(
                f"{record.experiment}/{record.file_name}: {made} predictions of {part}, which has "
                f"{wanted} images of its classes; make the record again"
            )
    predicted = np.concatenate([record.predictions[part].labels for part in _parts(split)])
    return truth(card, split, record.classes), predicted


def accuracy_of(record: RunRecord, split: str, card: DataCard, clean: bool = False) -> float:
    """Accuracy on a split; clean: without the images that stand in Training."""
    labels, predicted = compared(record, split, card)
    if clean:
        kept = leak_free(card, split, record.classes)
        labels, predicted = labels[kept], predicted[kept]
    return classification.accuracy(labels, predicted)


def _parts(split: str) -> tuple[str, ...]:
    return TEST_SPLITS if split == "test" else (split,)
