"""What the repository keeps of a run's weights: enough to look at, small enough to commit.

Conventions. Weights are framework-neutral (see `models.parity`). What is kept stands in an
experiment's `ship`:

- a number: as many filters or units of the first kernel, those of largest norm first, in float16;
- "convolutions": all layers before the first dense one. Kernels behind the first are rounded to 4
  bits, -7 to 7 steps, each filter on a scale of its own that stands beside it as `<kernel>.scale`,
  float32 (K,), so that `steps * scale` is off by half a scale at most. Two neighbouring filters
  share a byte. Everything else is float16.

Four bits, since FER_CNN's convolutions take 2.2 MiB in float16, and are kept to be looked at: the
maps of its three blocks correlate with those of 8 bits by 0.997, 0.991 and 0.979 over 64 faces.
"""

from __future__ import annotations

from pathlib import Path

import numpy as np

from fer_utils.experiments.experiment import CONVOLUTIONS, Experiment
from fer_utils.models.feature_maps import strongest
from fer_utils.paths import cache_dir, results_dir
from fer_utils.training import checkpoint

SCALE = ".scale"
STEPS = 7  # of a filter's weights to either side of zero


def ships(experiment: Experiment, framework: str, seed: int) -> bool:
    """Whether some of the run's weights are kept in the repository, beside its record."""
    return bool(experiment.ship) and framework == "torch" and seed == 0


def arrays_path(folder: Path, experiment: Experiment, framework: str, seed: int) -> Path:
    """Where a run's arrays are kept below a folder."""
    return folder / experiment.name / f"{framework}-seed{seed}.safetensors"


def cached_path(experiment: Experiment, framework: str, seed: int) -> Path:
    """Where the machine that trained a run keeps all of its weights."""
    return arrays_path(cache_dir() / "weights", experiment, framework, seed)


def shipped_path(experiment: Experiment, framework: str = "torch", seed: int = 0) -> Path:
    """Where the repository keeps them."""
    return arrays_path(results_dir() / "weights", experiment, framework, seed)


def command(experiment: Experiment) -> str:
    """What makes the kept weights, and their record, where they are not there."""
    return f"python -m fer_utils train {experiment.name} --framework torch --seed 0"


def excerpt(weights: dict[str, np.ndarray], ship: int | str) -> dict[str, np.ndarray]:
    """Of a run's weights what `ship` says, as it is stored."""
    if ship == CONVOLUTIONS:
        return _convolutions(weights)
    name = next(key for key in sorted(weights) if key.endswith("/kernel"))
    return {name: strongest(weights[name], ship).astype(np.float16)}


def load(path: Path) -> dict[str, np.ndarray]:
    """The kept weights of a file, float32; nothing where there is none. ValueError if damaged."""
    stored = checkpoint.load_weights(path)
    scales = {name: stored.pop(name + SCALE) for name in list(stored) if name + SCALE in stored}
    return stored | {name: _steps(stored[name], scale) * scale for name, scale in scales.items()}


def _convolutions(weights: dict[str, np.ndarray]) -> dict[str, np.ndarray]:
    """Everything before the first dense layer; ValueError where nothing stands there."""
    dense = [key for key in weights if key.endswith("/kernel") and weights[key].ndim == 2]
    first = min(dense).split("/")[0]
    kept = {key: values for key, values in weights.items() if key.split("/")[0] < first}
    if not kept:
        raise ValueError(f"no convolution to keep: the network begins with {first}; ship a number")
    stored: dict[str, np.ndarray] = {}
    for key, values in kept.items():
        if values.ndim != 4 or not any(stored[k].ndim == 4 for k in stored):
            stored[key] = values.astype(np.float16)
            continue
        scale = np.abs(values).max(axis=(0, 1, 2)) / STEPS  # (K,)
        stored[key] = _pairs(np.rint(values / np.where(scale > 0, scale, 1)))
        stored[key + SCALE] = scale.astype(np.float32)
    return stored


def _pairs(steps: np.ndarray) -> np.ndarray:
    """Whole numbers (..., K) from -7 to 7 as uint8 (..., ceil(K / 2)), two to a byte."""
    above = np.pad(steps, [(0, 0)] * (steps.ndim - 1) + [(0, steps.shape[-1] % 2)]) + STEPS
    codes = above.astype(np.uint8)
    return codes[..., ::2] << 4 | codes[..., 1::2]


def _steps(pairs: np.ndarray, scale: np.ndarray) -> np.ndarray:
    """What `_pairs` packed of as many filters as have a scale, float32 (..., K)."""
    codes = pairs.astype(np.uint8)
    both = np.stack([codes >> 4, codes & 15], axis=-1).reshape(*codes.shape[:-1], -1)
    return both[..., : len(scale)].astype(np.float32) - STEPS
