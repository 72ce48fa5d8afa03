"""Whole numbers in as many bits as they need: how labels and masks are kept."""

from __future__ import annotations

import numpy as np


def pack_bits(values: np.ndarray, bits: int) -> np.ndarray:
    """Whole numbers 0 .. 2**bits - 1, at most 8 bits each, as uint8 (ceil(n * bits / 8),)."""
    values = np.asarray(values)
    if len(values) and not 0 <= values.min() <= values.max() < 2**bits:
        raise ValueError(f"expected 0 to {2**bits - 1}, got {values.min()} to {values.max()}")
    columns = np.unpackbits(values.astype(np.uint8)[:, None], axis=1)[:, 8 - bits :]
    return np.packbits(columns)


def unpack_bits(packed: np.ndarray, n: int, bits: int) -> np.ndarray:
    """The ``n`` whole numbers that `pack_bits` packed, uint8 (n,)."""
    columns = np.unpackbits(packed, count=n * bits).reshape(n, bits)
    return np.packbits(np.pad(columns, ((0, 0), (8 - bits, 0))), axis=1).ravel()
