"""Only the columns that may be answered are compared, and the place of the largest among them is
turned back into a class. No network is trained for it: the question has become smaller, and so the
accuracy higher.

By plain accuracy disgust, happy and surprise come first: disgust has so few pictures that this is
almost a question of two classes. With the majority's share subtracted, for the tuned network of
chapter 02, triples with surprise come first, and those out of angry, disgust, fear and sad last."""

import numpy as np


def answer_within(probabilities: np.ndarray, kept: list[int]) -> np.ndarray:
    """The most likely of the classes `kept` for each row of probabilities (n, K), ints (n,)."""
    kept = np.array(kept)
    return kept[probabilities[:, kept].argmax(axis=1)]
