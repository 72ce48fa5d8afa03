"""Which pictures look like which: nearest neighbours and near-identical pairs.

Two measures. The *correlation* of two pictures is the scalar product of their pixels after
subtracting each one's mean and dividing by its norm: -1 to 1, blind to brightness and contrast,
0 for a flat picture. The *distance* is the sum of squared pixel differences.

All pairs are compared in blocks of a matrix product in float32; what that finds is computed again
exactly, so the results are the same on every machine.
"""

from __future__ import annotations

import math

import cv2
import numpy as np

from fer_utils.data.dataset import FaceDataset

THUMBNAIL_SIZE = 16  # pixels a side
NEAR_THUMBNAIL = 0.96  # least correlation of thumbnails, and
NEAR_FULL = 0.90  # least correlation of pictures, of a near-identical pair
_ROUNDING = 1e-3  # how far a float32 correlation may be from the exact one, generously


def standardised(images: np.ndarray) -> np.ndarray:
    """Pictures (N, H, W) as rows of mean 0 and norm 1, float32 (N, H * W); flat ones as 0."""
    rows = _rows(images)
    rows -= rows.mean(axis=1, keepdims=True)
    norm = np.linalg.norm(rows, axis=1, keepdims=True)
    rows /= np.where(norm > 1e-3, norm, np.inf)
    return rows


def thumbnails(images: np.ndarray, size: int = THUMBNAIL_SIZE) -> np.ndarray:
    """Pictures scaled down by averaging, uint8 (N, size, size)."""
    small = [cv2.resize(image, (size, size), interpolation=cv2.INTER_AREA) for image in images]
    return np.array(small, dtype=np.uint8).reshape(-1, size, size)


def correlations(images: np.ndarray, pairs: np.ndarray) -> np.ndarray:
    """Correlation of each pair of positions; pairs int (M, 2), result float64 (M,)."""
    result = np.empty(len(pairs))
    for start in range(0, len(pairs), 2048):
        block = images[pairs[start : start + 2048]]  # (m, 2, H, W)
        rows = block.reshape(len(block), 2, -1).astype(np.float64)
        rows -= rows.mean(axis=2, keepdims=True)
        norm = np.sqrt((rows**2).sum(axis=2)).prod(axis=1)
        product = (rows[:, 0] * rows[:, 1]).sum(axis=1)
        result[start : start + 2048] = product / np.where(norm > 0, norm, np.inf)
    return result


def near_identical_pairs(
    images: np.ndarray, thumbnail: float = NEAR_THUMBNAIL, full: float = NEAR_FULL
) -> tuple[np.ndarray, np.ndarray]:
    """Pairs that are one photo twice, yet not equal in every pixel.

    Such are copies shifted by a pixel, with another watermark, brightness or compression. Both
    the thumbnails (16x16) and the pictures must correlate at least this much; below 0.95 for
    thumbnails FER2013 begins to show pairs of different photos. Flat pictures are never near.

    Returns pairs int64 (M, 2), positions ``i < j`` sorted, and their correlations float64 (M,).
    """
    small = thumbnails(images)
    pairs = _pairs_above(standardised(small), thumbnail - _ROUNDING)
    pairs = pairs[correlations(small, pairs) >= thumbnail]
    value = correlations(images, pairs)
    keep = value >= full
    pairs, value = pairs[keep], value[keep]
    differ = np.array([not np.array_equal(*images[pair]) for pair in pairs], dtype=bool)
    return pairs[differ], value[differ]


def nearest_neighbour(
    train: np.ndarray, test: np.ndarray, exclude: np.ndarray | None = None, block: int = 256
) -> np.ndarray:
    """Position in ``train`` of the picture at the smallest distance from each of ``test``.

    train: uint8 (N, H, W); test: uint8 (M, H, W); exclude: bool (N,), training pictures to
    leave out. Returns int64 (M,), the first of several at the same distance.
    """
    positions = np.arange(len(train)) if exclude is None else np.flatnonzero(~np.asarray(exclude))
    if not len(positions):
        raise ValueError(f"no training pictures left: {len(train)} given, all of them excluded")
    rows = _centred(train if exclude is None else train[positions])
    half_norm = (rows**2).sum(axis=1) / 2
    tolerance = 2e-5 * max(float(half_norm.max()), 1.0)
    nearest = np.empty(len(test), dtype=np.int64)
    for start in range(0, len(test), block):
        wanted = _centred(test[start : start + block])
        score = wanted @ rows.T - half_norm  # (m, N): half the squared distance, negated
        best = score.max(axis=1, keepdims=True)
        for i, j in enumerate(map(np.flatnonzero, score >= best - tolerance)):
            if len(j) > 1:
                difference = rows[j] - wanted[i]  # whole numbers: exact in float32
                j = j[[np.argmin((difference.astype(np.float64) ** 2).sum(axis=1))]]
            nearest[start + i] = positions[j[0]]
    return nearest


def pairs_across_splits(
    dataset: FaceDataset,
    first: str = "train",
    second: str = "private_test",
    n: int = 8,
    identical: bool = False,
) -> tuple[np.ndarray, np.ndarray]:
    """The ``n`` most similar pairs of a picture of one split and one of another.

    No picture is in two pairs. Pixel-identical pairs are left out unless ``identical``.
    Returns positions in the data set, int64 (n, 2) (first, second), the most similar first, and
    the correlations of their 16x16 thumbnails, float64 (n,); fewer when there are no more.
    """
    where = [np.flatnonzero(dataset.split == split) for split in (first, second)]
    a, b = (standardised(thumbnails(dataset.images[index])) for index in where)
    known: dict[bytes, list[int]] = {}
    for i, index in enumerate(where[0]):
        known.setdefault(dataset.images[index].tobytes(), []).append(i)
    candidates = []
    for start in range(0, len(b), 512):
        score = b[start : start + 512] @ a.T
        for k in range(len(score)):
            twins = known.get(dataset.images[where[1][start + k]].tobytes(), [])
            if not identical:
                score[k, twins] = -np.inf
            best = int(score[k].argmax()) if len(a) else 0
            if len(a) and np.isfinite(score[k, best]):
                candidates.append((-float(score[k, best]), where[0][best], where[1][start + k]))
    pairs, used = [], set()
    for _, i, j in sorted(candidates):
        if len(pairs) < n and i not in used and j not in used:
            pairs.append((i, j))
            used |= {i, j}
    pairs = np.array(pairs, dtype=np.int64).reshape(-1, 2)
    return pairs, _thumbnail_correlations(dataset.images, pairs)


def _thumbnail_correlations(images: np.ndarray, pairs: np.ndarray) -> np.ndarray:
    small = thumbnails(images[pairs.ravel()])
    return correlations(small, np.arange(len(small)).reshape(-1, 2))


def _centred(images: np.ndarray) -> np.ndarray:
    """Pixels as float32 (N, H * W), 128 subtracted so that products stay small."""
    return _rows(images) - 128


def _rows(images: np.ndarray) -> np.ndarray:
    return images.reshape(len(images), math.prod(images.shape[1:])).astype(np.float32)


def _pairs_above(rows: np.ndarray, least: float, block: int = 1024) -> np.ndarray:
    """All positions ``i < j`` whose rows have a scalar product of at least ``least``, sorted."""
    found = [np.zeros((0, 2), dtype=np.int64)]
    for i in range(0, len(rows), block):
        for j in range(i, len(rows), 8 * block):
            score = rows[i : i + block] @ rows[j : j + 8 * block].T
            pairs = np.argwhere(score >= least) + (i, j)
            found.append(pairs[pairs[:, 0] < pairs[:, 1]])
    pairs = np.concatenate(found)
    return pairs[np.lexsort((pairs[:, 1], pairs[:, 0]))]
