"""Turn to float before anything is subtracted: in uint8, 0 - 1 is 255. The three channels are
equal, so their order does not matter here; with a mean taken away from each it would."""

import numpy as np


def as_backbone_wants(images: np.ndarray, low: float, high: float) -> np.ndarray:
    """Grey uint8 (N, H, W) as float32 (N, H, W, 3), 0 to 255 stretched to `low` to `high`."""
    scaled = low + images.astype(np.float32) * ((high - low) / 255)
    return np.repeat(scaled[..., None], 3, axis=-1).astype(np.float32)
