r"""The effective number of $n$ pictures is $(1 - \beta^n) / (1 - \beta)$, and the weight its
inverse. For small $\beta$ all numbers are at their bound $1/(1-\beta)$ and all weights are alike;
towards 1 they are $N / (K n)$. For $\beta = 0.999$ disgust weighs about three times as much as
happy, for 0.9999 about twelve; five times lies at about 0.9995."""

import numpy as np


def effective_weights(counts: np.ndarray, beta: float) -> np.ndarray:
    """Weight of each class (K,) with `counts` pictures, scaled to mean 1 over the pictures."""
    weights = (1 - beta) / (1 - beta**counts)
    return weights * counts.sum() / (weights @ counts)
