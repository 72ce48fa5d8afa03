"""The share depends on the time that has passed, so a film of 60 frames a second forgets as fast as
one of 10, and a lost frame does no harm. After a sudden change it has gone 63% of the way when
`seconds` have passed: that is the delay one pays for calm."""

import numpy as np


def smoothed(values: np.ndarray, times: np.ndarray, seconds: float) -> np.ndarray:
    """The moving average (n,) of values (n,) read at `times` (seconds, increasing).

    It starts at the first value; each new one moves it by the share 1 - exp(-dt / seconds).
    """
    out = [float(values[0])]
    for value, dt in zip(values[1:], np.diff(times), strict=True):
        out.append(out[-1] + (1 - np.exp(-dt / seconds)) * (value - out[-1]))
    return np.array(out)
