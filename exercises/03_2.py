"""What networks call a convolution is a correlation: the kernel is laid on the picture as it is. In
mathematics it is flipped first. For a network that learns its kernels it makes no difference."""

import numpy as np


def convolve(image: np.ndarray, kernel: np.ndarray) -> np.ndarray:
    """The kernel (h, w) at every place of the image (H, W) that holds it whole, no padding.

    Returns (H - h + 1, W - w + 1): the sum of the products at each place, bias 0, not flipped.
    """
    h, w = kernel.shape
    rows, columns = image.shape[0] - h + 1, image.shape[1] - w + 1
    out = np.zeros((rows, columns))
    for row in range(rows):
        for column in range(columns):
            out[row, column] = (image[row : row + h, column : column + w] * kernel).sum()
    return out
