"""What the repository keeps of a run's weights: enough to look at, small enough to commit.

Conventions. Weights are framework-neutral (see `models.parity`). What is kept stands in an
experiment's `ship`:

- a number: as many filters or units of the first kernel, those of largest norm first, in float16;
- "convolutions": all layers before the first dense one. Their kernels are rounded to 8 bits, each
  filter on a scale of its own that stands beside it as `<kernel>.scale`, float32 (K,), so that
  `int8 * scale` is off by half a scale at most; everything else is float16.

Eight bits, since FER_CNN's convolutions alone would take 2.2 MiB of float16, and all weights of the
repository together have 3.5.
"""

from __future__ import annotations

from pathlib import Path

import numpy as np

from fer_utils.paths import cache_dir, results_dir
from fer_utils.records.experiment import CONVOLUTIONS, Experiment
from fer_utils.training import checkpoint

SCALE = ".scale"
LEVELS = 127  # of int8, to either side of zero


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
    kernel = weights[name]
    strongest = np.argsort(-np.linalg.norm(kernel.reshape(-1, kernel.shape[-1]), axis=0))[:ship]
    return {name: kernel[..., strongest].astype(np.float16)}


def load(path: Path) -> dict[str, np.ndarray]:
    """The kept weights of a file, float32; nothing where there is none. ValueError if damaged."""
    stored = checkpoint.load_weights(path)
    return {
        name: values * stored.get(name + SCALE, np.float32(1))
        for name, values in stored.items()
        if not name.endswith(SCALE)
    }


def _convolutions(weights: dict[str, np.ndarray]) -> dict[str, np.ndarray]:
    """Everything before the first dense layer; ValueError where nothing stands there."""
    dense = [key for key in weights if key.endswith("/kernel") and weights[key].ndim == 2]
    first = min(dense).split("/")[0]
    kept = {key: values for key, values in weights.items() if key.split("/")[0] < first}
    if not kept:
        raise ValueError(f"no convolution to keep: the network begins with {first}; ship a number")
    stored: dict[str, np.ndarray] = {}
    for key, values in kept.items():
        if values.ndim != 4:
            stored[key] = values.astype(np.float16)
            continue
        scale = np.abs(values).max(axis=(0, 1, 2)) / LEVELS  # (K,)
        stored[key] = np.rint(values / np.where(scale > 0, scale, 1)).astype(np.int8)
        stored[key + SCALE] = scale.astype(np.float32)
    return stored
