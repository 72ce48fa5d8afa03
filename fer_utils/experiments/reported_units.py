"""What the RMIT report prints, and what is published of CK+; nothing here is ours."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class ReportedRun:
    """A row of the RMIT report's table: accuracies as fractions, None where it prints none."""

    name: str
    emotion: float | None = None
    units: float | None = None  # "FACS" accuracy
    validation_emotion: float | None = None


RMIT_RUNS = (
    ReportedRun("baseline", 0.5327, 0.7875),
    ReportedRun("run 1", 0.75, 0.7292, 0.8839),
    ReportedRun("run 2", 0.4375, 0.7875),
    ReportedRun("run 3", 0.875, 0.7583),
    ReportedRun("run 4", validation_emotion=0.8839),
)
RMIT_LAMBDAS = (1e-5, 1e-2)
RMIT_EMOTION_COUNTS = {"negative": 328, "positive": 121, "surprise": 111}

RMIT_PRECISION_RECALL = ((0.7656, 0.625), (0.9778, 0.3111))
RMIT_PRINTED_F1 = (0.4808, 0.3111)
"""Beside `RMIT_PRECISION_RECALL`, in its order."""

RMIT_POSITIVE_PAIRS = ((1, 2), (1, 27), (2, 27), (6, 12), (23, 24))
RMIT_NEGATIVE_PAIRS = ((11, 26), (14, 15))
"""Action units that the report finds together, and apart."""

# Lucey et al. (2010)
CKPLUS_SEQUENCES, CKPLUS_SUBJECTS = 593, 123
CKPLUS_EMOTIONS = {
    "angry": 45, "contempt": 18, "disgust": 59, "fear": 25, "happy": 69, "sad": 28, "surprise": 83,
}  # fmt: skip
CKPLUS_PEOPLE = {
    "Euro-American": 0.81,
    "Afro-American": 0.13,
    "other groups": 0.06,
    "women": 0.69,
}
"""Shares of the 210 adults who were filmed, 18 to 50 years old (Lucey et al., 2010)."""
