"""Only the columns that may be answered are compared, and the place of the largest among them is
turned back into a class. No network is trained for it: the question has become smaller, and so the
accuracy higher.

Look where the triples with disgust stand by plain accuracy: it has so few pictures that such a
triple is almost a question of two classes. Subtract the majority's share and see which of them keep
their place, and whether triples of look-alikes, such as angry, fear and sad, come last."""

import numpy as np


def answer_within(probabilities: np.ndarray, kept: list[int]) -> np.ndarray:
    """The most likely of the classes `kept` for each row of probabilities (n, K), ints (n,)."""
    kept = np.array(kept)
    return kept[probabilities[:, kept].argmax(axis=1)]
