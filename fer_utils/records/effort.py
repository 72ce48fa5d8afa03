"""How long a run took, with the pauses that others made taken out.

The machines that make records are shared. An epoch that took three times the median one waited for
something else, or slept with the machine, and says nothing about the network.
"""

from __future__ import annotations

import numpy as np

from fer_utils.records.run_record import RunRecord
from fer_utils.records.unit_record import UnitRecord

PAUSED = 3.0  # times the median epoch of the same stage


def minutes(record: RunRecord | UnitRecord) -> float:
    """Minutes of a run: an epoch longer than `PAUSED` medians of its stage counts as the median.

    The first epoch counts as it is, for what a framework compiles is a part of the work; so does
    all that is not of an epoch, such as a frozen backbone's features.
    """
    lost = 0.0
    stages = np.array([row.get("stage", 0) for row in record.history])
    seconds = np.array([row["seconds"] for row in record.history], dtype=np.float64)
    for stage in np.unique(stages):
        of_stage = seconds[stages == stage]
        median, later = np.median(of_stage), of_stage[1:]
        lost += (later[later > PAUSED * median] - median).sum()
    return float(record.seconds - lost) / 60
