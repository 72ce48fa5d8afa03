"""Calibration of a finished network: temperature scaling, and what its confidence is worth by bins.

Conventions: probabilities float (n, K), rows summing to 1; labels int (n,); confidence is the
probability of the answer. Bins are those of `expected_calibration_error`.

A temperature T divides the logits (Guo et al., 2017). Logits are probabilities' logarithms up to a
constant that softmax does not see, so it works on stored probabilities as well: p^(1/T), made to
sum to 1. The answers stay the same. T is fitted on images that the network has not learned from,
and that no figure is reported on.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy.optimize import minimize_scalar

from fer_utils.metrics.classification import (
    BINS,
    confidence_bins,
    expected_calibration_error,
    log_loss,
)

RANGE = (0.1, 10.0)  # temperatures that are tried
LEAST = 1e-12  # of a probability, before its logarithm


@dataclass(frozen=True)
class Reliability:
    """Images by confidence, in equally wide bins: all that accuracy and calibration error need."""

    n: tuple[int, ...]  # images in each bin
    right: tuple[int, ...]
    confidence: tuple[float, ...]  # mean in each bin, 0 where it is empty

    @classmethod
    def of(
        cls, labels: np.ndarray, predicted: np.ndarray, confidence: np.ndarray, bins: int = BINS
    ) -> Reliability:
        """Sorted into bins ((m-1)/M, m/M]."""
        which = confidence_bins(confidence, bins)
        n = np.bincount(which, minlength=bins)
        right = np.bincount(which, weights=np.asarray(predicted) == labels, minlength=bins)
        total = np.bincount(which, weights=confidence, minlength=bins)
        mean = np.round(total / np.maximum(n, 1), 4)
        return cls(tuple(n.tolist()), tuple(right.astype(int).tolist()), tuple(mean.tolist()))

    @property
    def accuracy(self) -> float:
        """Share of images answered rightly."""
        return sum(self.right) / sum(self.n)

    @property
    def mean_confidence(self) -> float:
        """Mean probability of the answer."""
        return float(np.dot(self.n, self.confidence) / sum(self.n))

    @property
    def error(self) -> float:
        """Expected calibration error."""
        gaps = np.abs(np.array(self.right) - np.multiply(self.n, self.confidence))
        return float(gaps.sum() / sum(self.n))

    def points(self) -> dict[float, float]:
        """Accuracy against mean confidence, of the bins with images."""
        rows = zip(self.n, self.right, self.confidence, strict=True)
        return {confidence: right / n for n, right, confidence in rows if n}


def scaled(probabilities: np.ndarray, temperature: float) -> np.ndarray:
    """Probabilities (n, K) after dividing the logits by a temperature above 0."""
    if not temperature > 0:
        raise ValueError(f"expected a temperature above 0, got {temperature}")
    logits = np.log(np.maximum(probabilities, LEAST)) / temperature
    likely = np.exp(logits - logits.max(axis=1, keepdims=True))
    return likely / likely.sum(axis=1, keepdims=True)


def fit_temperature(probabilities: np.ndarray, labels: np.ndarray) -> float:
    """The temperature with the least log loss on these images, within RANGE."""
    found = minimize_scalar(
        lambda log_t: log_loss(scaled(probabilities, float(np.exp(log_t))), labels),
        bounds=tuple(np.log(RANGE)),
        method="bounded",
        options={"xatol": 1e-4},
    )
    return float(np.exp(found.x))


def before_and_after(
    probabilities: np.ndarray, labels: np.ndarray, temperature: float
) -> dict[str, float]:
    """What a temperature is worth: expected calibration error (a fraction) and log loss (nats) of
    the probabilities as they are, T = 1, and with their logits divided by it."""
    found = {}
    for name, t in (("T = 1", 1.0), ("that T", temperature)):
        made = scaled(probabilities, t)
        found[f"error at {name}"] = expected_calibration_error(made, labels)
        found[f"log loss at {name}"] = log_loss(made, labels)
    return found
