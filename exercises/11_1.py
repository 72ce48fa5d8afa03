"""Saliency is (3, 2) whatever the face. Integrated gradients: $3 (1 - 0.5) = 1.5$ and
$-2 (0.5 - 0.5) = 0$. The second pixel is as grey as the reference and did nothing, which only the
second method says. They add up to 1.5, the rise of $z$ from 0.5 to 2.

The gradient at the face alone can be 0 although the face made the answer: past the edge of a ReLU,
or where a sigmoid is flat. That is why it is asked on the whole way. The middle of each piece makes
the sum exact for a line or a parabola, and nearly so for other answers."""

import numpy as np


def integrated_gradients(gradient, x: np.ndarray, reference: np.ndarray, steps: int) -> np.ndarray:
    """What each pixel of x (n,) adds to the answer on the straight way from `reference` (n,).

    `gradient` is a function from pixels (n,) to the answer's gradient there, (n,). It is asked in
    the middle of each of `steps` equal pieces of the way.
    """
    middles = (np.arange(steps) + 0.5) / steps
    on_the_way = [gradient(reference + share * (x - reference)) for share in middles]
    return (x - reference) * np.mean(on_the_way, axis=0)
