"""Figures the student reports print beyond one accuracy: cited, never ours. Fractions."""

from __future__ import annotations

from dataclasses import dataclass

from fer_utils.data.dataset import CLASSES, THREE_CLASSES


def _by_class(names: tuple[str, ...], *percent: float) -> dict[str, float]:
    return {name: round(value / 100, 4) for name, value in zip(names, percent, strict=True)}


# Share of each class found (recall), on the report's own test part.
ZAGREB_RECALL = {
    "zagreb_shallow": _by_class(CLASSES, 32.0, 0.0, 19.4, 79.9, 46.4, 64.4, 62.2),
    "zagreb_deep": _by_class(CLASSES, 45.9, 0.0, 24.2, 84.2, 49.6, 73.3, 65.8),
    "zagreb_deeper": _by_class(CLASSES, 49.7, 39.2, 23.8, 86.8, 51.0, 81.4, 65.1),
}
# Images of each class in Maastricht's classification reports: those of PublicTest.
MAASTRICHT_SUPPORT = dict(zip(CLASSES, (467, 56, 496, 895, 653, 415, 607), strict=True))
# F1 of the three-class problem, on the DCNN report's "validation dataset".
DCNN_F1 = _by_class(THREE_CLASSES, 92.0, 76.0, 75.0)
# Copenhagen's PyTorch network with the pictures of "disgust" augmented.
COPENHAGEN_DISGUST = {"test": 0.523, "validation": 0.585}
# Copenhagen's EfficientNetV2B3 with class weights, with disgust augmented, with neither; what its
# printed matrix for class weights has on the diagonal, of how many; five classes.
COPENHAGEN_STRATEGIES = {"class weights": 0.514, "augmentation": 0.569, "none": 0.568}
COPENHAGEN_DIAGONAL = (1310, 7178)
COPENHAGEN_FIVE = {"native Keras": 0.576, "EfficientNetV2B3": 0.685}
# Copenhagen's fine-tuned ResNet50V2: of one model, on its confusion matrix and in its text.
COPENHAGEN_RESNET = {"matrix": 0.512, "text": 0.637}
COPENHAGEN_MATRIX_N = COPENHAGEN_DIAGONAL[1]  # pictures on the matrix: PublicTest and PrivateTest
# Copenhagen's students on photos of their own class: the model's accuracy and the two classes that
# it prints, and what people reached on the same photos, by class.
COPENHAGEN_CLASS_PHOTOS = {"accuracy": 0.351, "happy": 0.84, "neutral": 0.57}
COPENHAGEN_HUMANS = _by_class(CLASSES, 40.0, 44.0, 42.0, 95.0, 57.0, 67.0, 55.0)
# Copenhagen's gallery of one person's seven emotions: pictures read right, of how many.
GALLERY = (4, 7)


@dataclass(frozen=True)
class RmitRun:
    """A row of the RMIT report's table: accuracies as fractions, None where it prints none."""

    name: str
    emotion: float | None = None
    units: float | None = None  # "FACS" accuracy
    validation_emotion: float | None = None


RMIT_RUNS = (
    RmitRun("baseline", 0.5327, 0.7875),
    RmitRun("run 1", 0.75, 0.7292, 0.8839),
    RmitRun("run 2", 0.4375, 0.7875),
    RmitRun("run 3", 0.875, 0.7583),
    RmitRun("run 4", validation_emotion=0.8839),
)
RMIT_LAMBDAS = (1e-5, 1e-2)
RMIT_EMOTION_COUNTS = {"negative": 328, "positive": 121, "surprise": 111}

RMIT_PRECISION_RECALL = ((0.7656, 0.625), (0.9778, 0.3111))
RMIT_PRINTED_F1 = (0.4808, 0.3111)
"""Beside `RMIT_PRECISION_RECALL`, in its order."""

RMIT_POSITIVE_PAIRS = ((1, 2), (1, 27), (2, 27), (6, 12), (23, 24))
RMIT_NEGATIVE_PAIRS = ((11, 26), (14, 15))
"""Action units that the report finds together, and apart."""
