"""`Smoother`: probabilities that do not flicker, an exponential moving average for each face.

With each frame the average moves towards the new probabilities by the share
1 - exp(-dt / seconds), where dt is the time since the face's last frame (Brown's exponential
smoothing, for uneven times). So it forgets as fast in a video of 60 frames a second as in one of
10. The price is delay: after a sudden change the average has gone 63% of the way after `seconds`.
"""

from __future__ import annotations

import math

import numpy as np


class Smoother:
    """Call `update` with the faces of one frame after another; 0 seconds smooth nothing."""

    def __init__(self, seconds: float = 0.2) -> None:
        if not (seconds >= 0 and math.isfinite(seconds)):
            raise ValueError(f"seconds is {seconds}: expected 0 (no smoothing) or more")
        self.seconds = seconds
        self._last: dict[int, tuple[float, np.ndarray]] = {}  # by face: time, average

    def update(self, ids: list[int], probabilities: np.ndarray, time: float) -> np.ndarray:
        """Averages float (N, K) for the new probabilities (N, K) of faces `ids` at `time`, seconds.

        A face's first probabilities are its average. Faces that are not there are forgotten.
        """
        averages = [
            self._average(face, new, time) for face, new in zip(ids, probabilities, strict=True)
        ]
        self._last = {face: (time, new) for face, new in zip(ids, averages, strict=True)}
        return np.array(averages).reshape(np.shape(probabilities))

    def _average(self, face: int, new: np.ndarray, time: float) -> np.ndarray:
        if face not in self._last or self.seconds == 0:
            return np.asarray(new)
        then, old = self._last[face]
        return old + (1 - math.exp(-(time - then) / self.seconds)) * (new - old)
