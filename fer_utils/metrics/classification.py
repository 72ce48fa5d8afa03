"""Figures of merit of a classifier, as pure functions of arrays.

Conventions:

- `labels` are the true classes and `predicted` the predicted ones, whole numbers 0 .. K-1, (n,);
- `probabilities` are float (n, K), each row >= 0 and summing to 1;
- every figure but the log loss (nats) is a fraction 0 .. 1, never a percentage;
- a class without images has recall, precision and F1 of 0 and support 0, and is left out of the
  balanced accuracy and of the macro mean of F1; a class never predicted has precision and F1 of 0;
- n = 0, lengths that differ and labels outside their range are a ValueError.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from sklearn import metrics as sk

from fer_utils.data.dataset import CLASSES

BINS = 15  # of confidence, for calibration
Z_95 = 1.96  # standard deviations each side of the mean that hold 95% of a normal distribution


@dataclass(frozen=True)
class ClassRow:
    """One line of a classification report."""

    name: str
    precision: float
    recall: float
    f1: float
    support: int  # images of this class


@dataclass(frozen=True)
class Metrics:
    """All figures of one set of predictions; `low` and `high` are the 95% Wilson interval."""

    n: int
    correct: int
    accuracy: float
    low: float
    high: float
    balanced_accuracy: float
    macro_f1: float
    weighted_f1: float
    per_class: tuple[ClassRow, ...]
    confusion: np.ndarray  # int64 (K, K), row = true class, column = predicted class
    log_loss: float | None = None  # None where no probabilities are known
    calibration_error: float | None = None


def accuracy(labels: np.ndarray, predicted: np.ndarray) -> float:
    """Share of images whose predicted class is the true one."""
    labels, predicted = _checked(labels, predicted)
    return float(np.mean(labels == predicted))


def wilson_interval(correct: int, n: int, z: float = Z_95) -> tuple[float, float]:
    """Interval of a share of `correct` out of `n` (Wilson, 1927), as fractions (low, high).

    With p = correct / n: centre (p + z²/2n) / (1 + z²/n), half width
    z / (1 + z²/n) * sqrt(p (1 - p) / n + z²/4n²). It stays inside 0 .. 1.
    """
    if n < 1 or not 0 <= correct <= n:
        raise ValueError(f"expected 0 <= correct <= n and n >= 1, got {correct} of {n}")
    p, square = correct / n, z * z / n
    centre = (p + square / 2) / (1 + square)
    half = z / (1 + square) * np.sqrt(p * (1 - p) / n + square / (4 * n))
    return max(0.0, float(centre - half)), min(1.0, float(centre + half))


def with_interval(accuracy: float, n: int) -> tuple[float, float, float]:
    """An accuracy at n pictures, or a mean of several at the same n, and its Wilson interval:
    (accuracy, low, high). What the seeds' luck adds is not in the interval."""
    return accuracy, *wilson_interval(round(accuracy * n), n)


def confusion_matrix(labels: np.ndarray, predicted: np.ndarray, classes: int) -> np.ndarray:
    """int64 (K, K): how many images of each true class (row) went to each class (column)."""
    labels, predicted = _checked(labels, predicted, classes)
    return sk.confusion_matrix(labels, predicted, labels=np.arange(classes)).astype(np.int64)


def balanced_accuracy(labels: np.ndarray, predicted: np.ndarray) -> float:
    """Mean of the recalls of the classes that have images."""
    labels, predicted = _checked(labels, predicted)
    return float(sk.recall_score(labels, predicted, labels=np.unique(labels), average="macro"))


def macro_f1(labels: np.ndarray, predicted: np.ndarray) -> float:
    """Mean of the F1 of the classes that have images, each counting the same."""
    return _f1(labels, predicted, "macro")


def weighted_f1(labels: np.ndarray, predicted: np.ndarray) -> float:
    """Mean of the F1 of the classes, each counting as many times as it has images."""
    return _f1(labels, predicted, "weighted")


def classification_report(
    labels: np.ndarray, predicted: np.ndarray, classes: Sequence[str]
) -> list[ClassRow]:
    """Precision, recall, F1 and support of each class, in the order of `classes`."""
    labels, predicted = _checked(labels, predicted, len(classes))
    columns = sk.precision_recall_fscore_support(
        labels, predicted, labels=np.arange(len(classes)), zero_division=0
    )
    return [
        ClassRow(name, float(p), float(r), float(f), int(s))
        for name, p, r, f, s in zip(classes, *columns, strict=True)
    ]


def log_loss(probabilities: np.ndarray, labels: np.ndarray) -> float:
    """Mean of -log(probability of the true class), in nats; infinite where one is 0."""
    probabilities, labels = _checked_probabilities(probabilities, labels)
    of_true = probabilities[np.arange(len(labels)), labels]
    with np.errstate(divide="ignore"):
        return float(-np.mean(np.log(of_true)))


def confidence_bins(confidence: np.ndarray, bins: int = BINS) -> np.ndarray:
    """Which of equally wide bins ((m-1)/M, m/M] each confidence 0..1 lies in: int64 (n,), 0 .. M-1.

    ValueError for less than one bin.
    """
    if bins < 1:
        raise ValueError(f"expected at least 1 bin, got {bins}")
    return np.clip(np.ceil(np.asarray(confidence) * bins).astype(np.int64) - 1, 0, bins - 1)


def expected_calibration_error(
    probabilities: np.ndarray,
    labels: np.ndarray,
    bins: int = BINS,
    predicted: np.ndarray | None = None,
) -> float:
    """How far stated confidence and accuracy lie apart (Naeini et al., 2015; Guo et al., 2017).

    Images go by the probability of their most likely class into `bins` equally wide bins
    ((m-1)/M, m/M]; the error is sum over bins of |B_m| / n * |accuracy(B_m) - confidence(B_m)|,
    where confidence(B_m) is the mean of that probability. Empty bins count nothing.

    predicted: the predicted classes (n,) where rounding of the probabilities made ties, in which
    the first of the most likely classes may not be the predicted one.
    """
    probabilities, labels = _checked_probabilities(probabilities, labels)
    confidence = probabilities.max(axis=1)
    answers = probabilities.argmax(axis=1) if predicted is None else predicted
    labels, answers = _checked(labels, answers, probabilities.shape[1])
    correct = answers == labels
    which = confidence_bins(confidence, bins)
    gap = np.bincount(which, weights=correct - confidence, minlength=bins)  # (bins,) sums
    return float(np.abs(gap).sum() / len(labels))


def summary(
    labels: np.ndarray,
    predicted: np.ndarray,
    probabilities: np.ndarray | None = None,
    classes: Sequence[str] = CLASSES,
) -> Metrics:
    """All figures at once; log loss and calibration only where `probabilities` are given."""
    labels, predicted = _checked(labels, predicted, len(classes))
    correct = int((labels == predicted).sum())
    low, high = wilson_interval(correct, len(labels))
    known = probabilities is not None
    return Metrics(
        n=len(labels),
        correct=correct,
        accuracy=correct / len(labels),
        low=low,
        high=high,
        balanced_accuracy=balanced_accuracy(labels, predicted),
        macro_f1=macro_f1(labels, predicted),
        weighted_f1=weighted_f1(labels, predicted),
        per_class=tuple(classification_report(labels, predicted, classes)),
        confusion=confusion_matrix(labels, predicted, len(classes)),
        log_loss=log_loss(probabilities, labels) if known else None,
        calibration_error=(
            expected_calibration_error(probabilities, labels, predicted=predicted)
            if known
            else None
        ),
    )


def _f1(labels: np.ndarray, predicted: np.ndarray, average: str) -> float:
    labels, predicted = _checked(labels, predicted)
    present = np.unique(labels)
    return float(sk.f1_score(labels, predicted, labels=present, average=average, zero_division=0))


def _checked(
    labels: np.ndarray, predicted: np.ndarray, classes: int | None = None
) -> tuple[np.ndarray, np.ndarray]:
    """Both as int64, or a ValueError that says what is wrong with them."""
    labels, predicted = np.asarray(labels), np.asarray(predicted)
    if labels.ndim != 1 or labels.shape != predicted.shape or labels.size == 0:
        raise ValueError(
            "expected labels and predicted of the same shape (n,) with n >= 1, "
            f"got {labels.shape} and {predicted.shape}"
        )
    for name, values in (("labels", labels), ("predicted", predicted)):
        if not np.issubdtype(values.dtype, np.integer):
            raise ValueError(f"expected {name} of whole numbers, got {values.dtype}")
        bad = (values < 0) | (values >= classes) if classes is not None else values < 0
        if bad.any():
            at = int(np.flatnonzero(bad)[0])
            top = f" to {classes - 1}" if classes is not None else " or more"
            raise ValueError(f"{name}[{at}] is {values[at]}, expected 0{top}")
    return labels.astype(np.int64), predicted.astype(np.int64)


def _checked_probabilities(
    probabilities: np.ndarray, labels: np.ndarray
) -> tuple[np.ndarray, np.ndarray]:
    """Probabilities float64 (n, K) and labels int64 (n,), or a ValueError."""
    probabilities = np.asarray(probabilities, dtype=np.float64)
    if probabilities.ndim != 2 or len(probabilities) != len(labels):
        raise ValueError(
            f"expected probabilities ({len(labels)}, K), one row per label; "
            f"got {probabilities.shape}"
        )
    labels, _ = _checked(labels, labels, probabilities.shape[1])
    sums = probabilities.sum(axis=1)
    if not (probabilities >= 0).all() or not np.allclose(sums, 1, atol=1e-3):
        raise ValueError(
            "expected rows of probabilities >= 0 that sum to 1; "
            f"least value {probabilities.min():.3g}, sums {sums.min():.4g} to {sums.max():.4g}; "
            "apply softmax to logits first"
        )
    return probabilities, labels
