"""Final runs beside each other: each split plain and in ten views, with and without leaked images.

Accuracies are fractions, means over seeds; the interval is Wilson's at n images of the split, and
`deviation` is over seeds, NaN for one alone. Records are read as they are: nothing is chosen here.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
import pandas as pd

from fer_utils.data.card import DataCard
from fer_utils.data.dataset import TEST_SPLITS
from fer_utils.metrics.classification import with_interval
from fer_utils.records import effort
from fer_utils.records.against_card import compared, leak_free
from fer_utils.records.run_record import RunRecord

COLUMNS = (
    *("network", "split", "views", "n", "accuracy", "low", "high", "deviation", "leak_free"),
    *("seeds", "minutes", "hardware"),
)


def final_rows(
    records: Mapping[str, Sequence[RunRecord]],
    card: DataCard,
    splits: Sequence[str] = TEST_SPLITS,
) -> pd.DataFrame:
    """A row for each name, split and way of reading it that all records of the name have."""
    found = []
    for name, runs in records.items():
        for split in splits:
            for views in ("plain", "mirrored", "ten"):
                reading = split if views == "plain" else f"{split}/{views}"
                if runs and all(reading in run.predictions for run in runs):
                    found.append({"network": name, **_row(runs, split, reading, views, card)})
    return pd.DataFrame(found, columns=list(COLUMNS))


def _row(
    runs: Sequence[RunRecord], split: str, reading: str, views: str, card: DataCard
) -> dict[str, object]:
    clean = leak_free(card, split, runs[0].classes)
    right = np.array([np.equal(*compared(run, reading, card)) for run in runs])  # (seeds, n)
    each, n = right.mean(1), right.shape[1]
    mean, low, high = with_interval(float(each.mean()), n)
    return {
        "split": split,
        "views": views,
        "n": n,
        "accuracy": mean,
        "low": low,
        "high": high,
        "deviation": float(each.std(ddof=1)) if len(runs) > 1 else float("nan"),
        "leak_free": float(right[:, clean].mean()),
        "seeds": len(runs),
        "minutes": float(np.mean([effort.minutes(run) for run in runs])),
        "hardware": "; ".join(dict.fromkeys(run.hardware for run in runs)),
    }
