"""What a network's accuracy costs: minutes of training and parameters, for `plots.effort`.

A cost is that of recorded runs by our recipe, means over seeds; accuracies are fractions.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import NamedTuple

from fer_utils import experiments
from fer_utils.records.families import title_of
from fer_utils.records.result_rows import Row


class Cost(NamedTuple):
    """A network's title, its costs and what they buy."""

    name: str
    minutes: float  # of the machine that trained it
    parameters: int  # running statistics included
    accuracy: tuple[float, float, float]  # value, low, high


def of_ours(rows: Iterable[Row], split: str = "private_test", classes: int = 7) -> dict[str, Cost]:
    """network -> its `Cost` on a split, of the rows with so many classes that *ours* was run of.

    A network run in two frameworks stands there with the first row, as in the book's tables.
    """
    found: dict[str, Cost] = {}
    for row in rows:
        if row.ours is not None and row.split == split and len(row.classes) == classes:
            spec = experiments.get(f"{row.experiment}-ours").spec
            cost = (row.minutes, spec.parameters().total, (row.ours, row.low, row.high))
            found.setdefault(row.network, Cost(title_of(row.network), *cost))
    return found


def panels(
    found: Mapping[str, Cost], groups: Mapping[str, Sequence[str]]
) -> dict[str, dict[str, dict[str, tuple[float, tuple[float, float, float]]]]]:
    """{cost with its unit -> {group -> {name -> (cost, accuracy)}}}, as `plots.effort` takes it.

    groups: heading -> networks in `found`; empty ones are left out. Raises KeyError for others.
    """
    measured = {
        "minutes of training": lambda cost: cost.minutes,
        "million parameters": lambda cost: cost.parameters / 1e6,
    }
    return {
        label: {
            group: {found[one].name: (of(found[one]), found[one].accuracy) for one in networks}
            for group, networks in groups.items()
            if networks
        }
        for label, of in measured.items()
    }
