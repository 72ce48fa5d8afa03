"""Three raters who name every face happy are right on five of 35, 14%, and their kappa is not
defined (NaN), because chance agrees fully as well. Three who agree on every face and are always
wrong have accuracy 0 and kappa 1: agreement is not truth."""

import numpy as np


def kappa(answers: np.ndarray, classes: int) -> float:
    """Fleiss' kappa of answers (raters, faces), each 0 to classes - 1; NaN if it is undefined."""
    n = len(answers)
    counts = np.array([(answers == k).sum(axis=0) for k in range(classes)])  # (classes, faces)
    agreed = ((counts * (counts - 1)).sum(axis=0) / (n * (n - 1))).mean()
    chance = ((counts.sum(axis=1) / answers.size) ** 2).sum()
    return float("nan") if chance == 1 else (agreed - chance) / (1 - chance)
