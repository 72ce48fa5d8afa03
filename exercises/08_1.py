r"""$0.25^2 + 6 \cdot 0.125^2 = 0.156$. Always happy: 0.25, the share of happy, more than before:
chance agreement is highest for the most frequent class alone. `shuffled.expected_agreement`
computes the same from labels."""

import numpy as np


def expected_agreement(true_shares: np.ndarray, answered_shares: np.ndarray) -> float:
    """Accuracy of answers with these shares (K,) that know nothing of the labels' order."""
    return float((true_shares * answered_shares).sum())
