"""True negatives do not occur in it, so silence earns nothing: a unit that is never named has F1 0,
however rare it is and however high its accuracy."""

import numpy as np


def f1_by_unit(present: np.ndarray, predicted: np.ndarray) -> np.ndarray:
    """F1 of each unit (A,) from 0 and 1 in `present` and `predicted`, both (faces, A).

    0 for a unit that is neither present nor predicted anywhere.
    """
    hits = (present * predicted).sum(axis=0)
    named = present.sum(axis=0) + predicted.sum(axis=0)
    return np.where(named > 0, 2 * hits / np.maximum(named, 1), 0.0)
