"""An integral image with a row and a column of zeros in front needs no special case at the edge. It
costs two additions a pixel, if it is computed row by row: a running sum of the row, plus the entry
above. A rectangle of 24 x 24 saves some 570 additions; for 480 x 360 pixels, 345,600 additions pay
from about 600 such rectangles on, and the first stage of a cascade alone asks for millions."""

import numpy as np


def rectangle_sums(grey: np.ndarray, boxes: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Integral image int64 (H + 1, W + 1) of grey (H, W), uint8, and the sums (N,) in boxes.

    A row and a column of zeros stand in front of the integral image. boxes: int (N, 4): x, y,
    width, height; four look-ups are enough for each.
    """
    sums = np.zeros((grey.shape[0] + 1, grey.shape[1] + 1), np.int64)
    sums[1:, 1:] = grey.astype(np.int64).cumsum(axis=0).cumsum(axis=1)
    x, y, w, h = boxes.T
    return sums, sums[y + h, x + w] - sums[y, x + w] - sums[y + h, x] + sums[y, x]
