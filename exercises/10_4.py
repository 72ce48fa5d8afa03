"""With a correlation r between neighbouring frames that falls like a power of r, n frames are worth
about n (1 - r) / (1 + r) independent ones: at r = 0.9 a second of 25 frames is worth 1.3. The noise
of the camera is new in each frame and pulls r down: compare the clean film with the dark one. Pose
and light, which stay for seconds in real films, keep it high."""

import numpy as np


def effective_number(values: np.ndarray) -> float:
    """How many independent readings the n values (n,) of one film are worth.

    n (1 - r) / (1 + r), with the correlation r of each value and the next.
    """
    r = np.corrcoef(values[:-1], values[1:])[0, 1]
    return len(values) * (1 - r) / (1 + r)
