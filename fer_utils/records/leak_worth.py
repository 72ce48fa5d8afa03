"""What the pictures that stand in Training too are worth to each model on the test splits."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import numpy as np
import pandas as pd

from fer_utils.data.card import DataCard, load_card
from fer_utils.experiments.experiment import Experiment
from fer_utils.metrics.classification import with_interval
from fer_utils.records.against_card import compared, has_split, leak_free
from fer_utils.records.result_rows import current_records


def leak_worth(
    experiments: Mapping[str, Experiment],
    split: str = "test",
    framework: str = "torch",
    folder: str | Path | None = None,
    card: DataCard | None = None,
) -> pd.DataFrame:
    """One row for each experiment that has records, means over seeds, by the name given to it.

    Columns, fractions: accuracy (all pictures), leak_free with low and high (its Wilson interval),
    copies (the accuracy on the pictures that stand in Training too), worth (accuracy - leak_free)
    and seeds. The numbers of pictures are in `attrs`: n and copies.
    """
    card = load_card() if card is None else card
    found, sizes = {}, {}
    for name, experiment in experiments.items():
        records = current_records(experiment, framework, folder, card)
        right = [
            np.equal(*compared(record, split, card))
            for record in records
            if has_split(record, split)
        ]
        if not right:
            continue
        clean = leak_free(card, split, experiment.classes)
        mean, n = np.mean(right, axis=0), int(clean.sum())
        accuracy, (free, low, high) = (
            float(mean.mean()),
            with_interval(float(mean[clean].mean()), n),
        )
        copies = float(mean[~clean].mean()) if (~clean).any() else np.nan
        found[name] = (accuracy, free, low, high, copies, accuracy - free, len(right))
        sizes[name] = (len(clean), len(clean) - n)
    columns = ["accuracy", "leak_free", "low", "high", "copies", "worth", "seeds"]
    table = pd.DataFrame.from_dict(found, orient="index", columns=columns)
    table.attrs = {"n": {k: v[0] for k, v in sizes.items()}}
    table.attrs["copies"] = {k: v[1] for k, v in sizes.items()}
    return table
