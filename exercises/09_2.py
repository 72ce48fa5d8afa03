"""Indices that are clipped to the picture repeat its edge by themselves. `faces.crop` of the
package also turns the face by its eyes and averages the pixels down to the network's size."""

import numpy as np


def cut_out(grey: np.ndarray, box: tuple, margin: float) -> np.ndarray:
    """The square about the middle of `box` (x, y, width, height) out of grey (H, W).

    Its side is margin times the longer side of the box, a whole number of pixels here. What lies
    outside the picture repeats its edge.
    """
    x, y, w, h = box
    side = round(margin * max(w, h))
    left, top = round(x + w / 2 - side / 2), round(y + h / 2 - side / 2)
    rows = np.clip(np.arange(top, top + side), 0, grey.shape[0] - 1)
    columns = np.clip(np.arange(left, left + side), 0, grey.shape[1] - 1)
    return grey[np.ix_(rows, columns)]
