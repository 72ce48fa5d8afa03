"""Checkpoints: all that a killed run needs to go on as if nothing had happened.

One safetensors file (no pickle): arrays under names that the loop chooses, and the loop's plain
state as JSON in the file's header. Every epoch draws its random numbers from (seed, epoch), so no
generator's state has to be kept.

A checkpoint may take longer to write than an epoch to train, so `Keeper` writes one now and then,
and the last one always.
"""

from __future__ import annotations

import copy
import hashlib
import json
import time
from pathlib import Path

import numpy as np
from safetensors import SafetensorError, safe_open
from safetensors.numpy import save

from fer_utils.experiments.config import TrainConfig
from fer_utils.models.spec import NetSpec
from fer_utils.paths import atomic_write


def run_key(spec: NetSpec, config: TrainConfig, framework: str, fingerprint: str) -> str:
    """Hash that tells whether a checkpoint belongs to a run."""
    content = [spec.to_dict(), config.to_dict(), framework, fingerprint]
    return hashlib.sha256(json.dumps(content, sort_keys=True).encode()).hexdigest()


def write(path: Path, arrays: dict[str, np.ndarray], state: dict, key: str) -> None:
    """Write a checkpoint whole or not at all."""
    contiguous = {name: np.array(array, order="C") for name, array in arrays.items()}
    header = {"key": key, "state": json.dumps(state)}
    atomic_write(path, save(contiguous, metadata=header))


class Keeper:
    """Keeps the last finished epoch of a run: in memory, and on disk at most every `seconds`.

    `flush` writes what is only in memory. A loop calls it however it ends, so a process that is
    killed outright loses `seconds` of work at most, and any other nothing but the epoch begun.
    """

    def __init__(self, path: Path, key: str, seconds: float):
        self.path, self.key, self.seconds = path, key, seconds
        self.written = time.monotonic()
        self.waiting: tuple[dict[str, np.ndarray], dict] | None = None

    def keep(self, arrays: dict[str, np.ndarray], state: dict) -> None:
        """Copy an epoch's arrays and state, and write them if it is time."""
        self.waiting = (
            {name: np.array(array, order="C") for name, array in arrays.items()},
            copy.deepcopy(state),
        )
        if time.monotonic() - self.written >= self.seconds:
            self.flush()

    def flush(self) -> None:
        """Write what waits, if anything does."""
        if self.waiting is not None:
            write(self.path, *self.waiting, self.key)
            self.waiting, self.written = None, time.monotonic()


def read(path: Path, key: str) -> tuple[dict[str, np.ndarray], dict] | None:
    """The arrays and the state of the run `key`; None where no checkpoint is.

    Raises ValueError when the file is damaged or belongs to another run: it is kept, and the
    message says how to start afresh.
    """
    if not path.is_file():
        return None
    try:
        with safe_open(path, framework="numpy") as file:
            header = file.metadata() or {}
            arrays = {name: file.get_tensor(name) for name in file.keys()}  # noqa: SIM118
    except SafetensorError as error:
        raise ValueError(
            f"checkpoint {path} is damaged ({error}); delete it to start the run afresh"
        ) from error
    if header.get("key") != key:
        raise ValueError(
            f"checkpoint {path} belongs to a run with another network, configuration or data; "
            "delete it to start afresh"
        )
    return arrays, json.loads(header["state"])


def below(arrays: dict, prefix: str) -> dict:
    """The entries whose names begin with `prefix`, without it."""
    return {k.removeprefix(prefix): v for k, v in arrays.items() if k.startswith(prefix)}


def save_weights(path: Path, weights: dict[str, np.ndarray], key: str) -> None:
    """Write framework-neutral weights (see `models.parity`) of the run `key` as safetensors."""
    ordered = {name: np.array(array, order="C") for name, array in weights.items()}
    atomic_write(path, save(ordered, metadata={"key": key}))


def load_weights(path: Path, key: str | None = None) -> dict[str, np.ndarray]:
    """The weights `save_weights` wrote, float32; nothing where there are none, or none of `key`.

    Raises ValueError when the file is damaged.
    """
    if not path.is_file():
        return {}
    try:
        with safe_open(path, framework="numpy") as file:
            if key is not None and (file.metadata() or {}).get("key") != key:
                return {}
            return {n: file.get_tensor(n).astype(np.float32) for n in file.keys()}  # noqa: SIM118
    except SafetensorError as error:
        raise ValueError(f"weights {path} are damaged ({error}); make them again") from error
