"""Deal each class round like cards, shuffled first: 0, 1, ..., k - 1, 0, ... The numbers of a class
then differ by one at most. Dealing all pictures at once does not do that, and cutting the list into
k pieces does worse where it is sorted by class."""

import numpy as np


def stratified_folds(labels: np.ndarray, folds: int) -> np.ndarray:
    """The fold, 0 to folds - 1, of each picture (n,), each class spread as evenly as can be."""
    rng = np.random.default_rng(0)
    fold = np.zeros(len(labels), int)
    for label in np.unique(labels):
        members = rng.permutation(np.flatnonzero(labels == label))
        fold[members] = np.arange(len(members)) % folds
    return fold
