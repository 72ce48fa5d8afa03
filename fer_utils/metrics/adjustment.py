"""Logit adjustment after training: the priors of the classes taken out of a network's answers.

A network that learned from images of which a share prior_k is of class k answers, ideally, with
p(k | x), which is proportional to prior_k p(x | k). Dividing by prior_k^tau and answering with the
largest quotient gives, at tau = 1, the answer that is best for the balanced accuracy (Menon et al.,
2021); tau = 0 is the network as it is, and in between lies all the rest. Nothing is
trained, so every tau can be looked at.
"""

from __future__ import annotations

import numpy as np

from fer_utils.data.card import DataCard

TAUS = (0.0, 0.2, 0.4, 0.6, 0.8, 1.0)


def training_prior(card: DataCard, classes: tuple[str, ...] | None = None) -> np.ndarray:
    """The share of each class in Training, float64 (K,). The parts that runs train on are
    stratified, so they have these shares too, to rounding."""
    counts = np.bincount(card.labels_of("train", classes=classes or card.classes))
    return counts / counts.sum()


def one_against_the_rest(prior: np.ndarray, rare: int) -> np.ndarray:
    """The prior in which only class `rare` keeps its share and all others have the same: adjusting
    by it moves the answers to and from that class and leaves the others among themselves alone."""
    prior = np.asarray(prior, dtype=np.float64)
    made = np.full(len(prior), (1 - prior[rare]) / (len(prior) - 1))
    made[rare] = prior[rare]
    return made


def adjusted(probabilities: np.ndarray, prior: np.ndarray, tau: float) -> np.ndarray:
    """Probabilities (..., K) divided by prior^tau and normalised again, float64.

    Raises ValueError unless every class has a prior above 0.
    """
    prior = np.asarray(prior, dtype=np.float64)
    if prior.shape != np.shape(probabilities)[-1:] or not (prior > 0).all():
        raise ValueError(
            f"expected a prior above 0 for each of {np.shape(probabilities)[-1]} classes, "
            f"got {prior.tolist()}; adjust a problem without the class instead"
        )
    likely = np.asarray(probabilities, dtype=np.float64) / prior**tau
    return likely / likely.sum(axis=-1, keepdims=True)
