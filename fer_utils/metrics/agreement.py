"""How far raters agree beyond chance: Fleiss' kappa.

Fleiss, "Measuring nominal scale agreement among many raters" (Psychological Bulletin, 1971).
N subjects are each put into one of K categories by the same number n of raters, not necessarily
the same persons. With n_ij raters of subject i in category j and p_j the share of all answers in
category j,

    P_i = (sum_j n_ij² - n) / (n (n - 1))        how much subject i is agreed on
    P_e = sum_j p_j²                             how much would be agreed on by chance
    kappa = (mean of P_i - P_e) / (1 - P_e)

1 is full agreement, 0 what chance gives with these shares, below 0 less than chance.
"""

from __future__ import annotations

import numpy as np


def fleiss_kappa(answers: np.ndarray, classes: int) -> float:
    """Kappa of answers int (raters, subjects), each 0 to `classes` - 1.

    NaN where every answer is the same class, since chance then agrees fully too. Raises ValueError
    for fewer than two raters, no subject, or an answer outside the classes.
    """
    answers = np.asarray(answers)
    if answers.ndim != 2 or len(answers) < 2 or answers.shape[1] == 0:
        raise ValueError(
            f"expected answers (raters, subjects) of two raters or more, got {answers.shape}"
        )
    wrong = (answers < 0) | (answers >= classes)
    if wrong.any():
        rater, subject = np.argwhere(wrong)[0]
        raise ValueError(
            f"answers[{rater}, {subject}] is {answers[rater, subject]}, expected 0 to "
            f"{classes - 1}; leave out subjects that a rater did not answer"
        )
    n = len(answers)
    counts = (answers[..., None] == np.arange(classes)).sum(0)  # (subjects, classes)
    agreed = (np.square(counts).sum(1) - n) / (n * (n - 1))
    by_chance = np.square(counts.sum(0) / counts.sum()).sum()
    return float((agreed.mean() - by_chance) / (1 - by_chance)) if by_chance < 1 else float("nan")
