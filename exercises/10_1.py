"""An integral image with a row and a column of zeros in front needs no special case at the edge. It
costs two additions a pixel, if it is computed row by row: a running sum of the row, plus the entry
above. A rectangle of 24 x 24 saves some 570 additions; for 480 x 360 pixels, 345,600 additions pay
from about 600 such rectangles on, and the first stage of a cascade alone asks for millions."""

import numpy as np


def rectangle_sums(grey: np.ndarray, boxes: np.ndarray) -> np.ndarray:
    """Sums int64 (N,) of grey (H, W), uint8, in boxes int (N, 4): x, y, width, height.

    Through one integral image, and four look-ups a box.
    """
    sums = np.zeros((grey.shape[0] + 1, grey.shape[1] + 1), np.int64)
    sums[1:, 1:] = grey.astype(np.int64).cumsum(axis=0).cumsum(axis=1)
    x, y, w, h = boxes.T
    return sums[y + h, x + w] - sums[y, x + w] - sums[y + h, x] + sums[y, x]
