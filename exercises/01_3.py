"""A group of five identical pictures with the labels 0, 1, 3, 3 and 5 holds three errors, whatever
a method answers: it gives one answer to all five. `least_error` counts one error for a group with
two labels or more, so the exact floor can only be higher. On your faces:
`error_floor(audit(faces, near=False).groups, faces.labels)`."""

import numpy as np


def error_floor(groups: list, labels: np.ndarray) -> float:
    """The least share of `labels` (n,) that any method gets wrong.

    groups: lists of places in `labels`; the pictures of a group are identical.
    """
    wrong = sum(len(group) - np.bincount(labels[group]).max() for group in groups)
    return wrong / len(labels)
