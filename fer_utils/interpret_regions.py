"""Which region of the face decides for which emotion? Maps averaged by class, compared, added up.

Conventions as in `interpret_maps`: maps (N, H, W) of N faces that stand at the same place of the
picture (`interpret_alignment` brings them there), `labels` int (N,) the classes asked about.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

import numpy as np
import pandas as pd

from fer_utils.interpret_checks import interval
from fer_utils.interpret_maps import mean_map


def mean_maps(maps: np.ndarray, labels: np.ndarray) -> dict[int, np.ndarray]:
    """Class -> the `mean_map` (H, W) of its faces and their mirror images; classes that have faces,
    in order."""
    return {int(k): mean_map(maps[labels == k], mirrored=True) for k in np.unique(labels)}


def mean_correlation(maps: Iterable[np.ndarray]) -> float:
    """Mean of Pearson's correlation, pixel by pixel, over all pairs of maps (H, W): 1 where all
    show the same places. NaN where a map has one value only.

    Raises ValueError for fewer than two maps.
    """
    rows = [np.ravel(one) for one in maps]
    if len(rows) < 2:
        raise ValueError(f"a correlation needs two maps at least, got {len(rows)}")
    return float(np.corrcoef(rows)[np.triu_indices(len(rows), 1)].mean())


def contributions(
    maps: np.ndarray, labels: np.ndarray, classes: Sequence[str], bands: Mapping[str, slice]
) -> tuple[pd.DataFrame, list[tuple[str, str]]]:
    """What bands of rows contribute to the logit: the sum of a map over the band, mean over faces.

    By completeness that is the band's share of the logit's rise, where the maps are integrated
    gradients (Sundararajan, Taly & Yan 2017). bands: name -> rows.

    Returns the means, a row a band and a column a class, and the (band, class) whose 95% interval
    over faces (`interpret_checks.interval`) leaves out 0. Classes with fewer than two faces have no
    column.
    """
    means, clear = {}, []
    for k, name in enumerate(classes):
        some = maps[labels == k]
        if len(some) < 2:
            continue
        found = {band: interval(some[:, rows].sum((1, 2))) for band, rows in bands.items()}
        means[name] = {band: mean for band, (mean, _, _) in found.items()}
        clear += [(band, name) for band, (_, low, high) in found.items() if low > 0 or high < 0]
    return pd.DataFrame(means, index=list(bands)), clear
