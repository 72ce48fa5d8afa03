"""A network's first weights, drawn in NumPy, so both frameworks start from the very same ones.

Weights are the neutral dictionary of float32 arrays: "00_conv/kernel" (kh, kw, in, out) and
"/bias" (out,); "01_batch_norm/scale|offset|mean|variance" (C,); "07_dense/kernel" (in, out);
"05_squeeze_excite/reduce|expand/kernel|bias"; inside a residual layer
"07_residual/body/00_conv/kernel". Drawing uses its own generator: no global
random state is read or changed.

Initialisations: "torch" is Torch's default (Kaiming uniform with a = sqrt 5): kernel and bias
uniform within 1 / sqrt(fan_in). "glorot_uniform" is Keras' default: kernel uniform within
sqrt(6 / (fan_in + fan_out)), bias 0. "he_normal" is Keras' truncated normal: drawn within two
deviations and scaled to the variance 2 / fan_in, bias 0. "prewitt_sobel", of one convolution, is
"glorot_uniform" with its first four kernels replaced by `EDGE_KERNELS`: the same seed draws the
same numbers for all the rest. BatchNorm starts at scale 1, offset 0.
"""

from __future__ import annotations

import math

import numpy as np

from fer_utils.models.layers import EDGE_INIT
from fer_utils.models.spec import NetSpec

# Prewitt's kernels and Sobel's diagonal ones as the Copenhagen report prints them, (4, 3, 3); the
# last row of the last one is missing there and completed by symmetry.
EDGE_KERNELS = np.array(
    [
        [[-1, -1, -1], [0, 0, 0], [1, 1, 1]],
        [[0, 1, 2], [-1, 0, 1], [-2, -1, 0]],
        [[-1, 0, 1], [-1, 0, 1], [-1, 0, 1]],
        [[2, 1, 0], [1, 0, -1], [0, -1, -2]],
    ],
    np.float32,
)
_TRUNCATED_DEVIATION = 0.87962566103423978  # deviation of a unit normal cut at -2 and 2
_CONSTANTS = {"scale": 1.0, "variance": 1.0, "offset": 0.0, "mean": 0.0}


def initial_weights(spec: NetSpec, seed: int | None = None) -> dict[str, np.ndarray]:
    """Fresh weights of `spec`; the same for the same seed, unforeseeable for None."""
    rng = np.random.default_rng(seed)
    weights: dict[str, np.ndarray] = {}
    for placed in spec.placed:
        init = getattr(placed.layer, "init", None) or spec.init
        for name, variable in placed.layer.variables(placed.input_shape).items():
            key, last = f"{placed.key}/{name}", name.rsplit("/", 1)[-1]
            if last in _CONSTANTS:
                weights[key] = np.full(variable.shape, _CONSTANTS[last], np.float32)
            elif last == "kernel":
                weights[key] = _kernel(variable.shape, init, rng)
            else:
                weights[key] = _bias(weights[key[: -len("bias")] + "kernel"].shape, init, rng)
    return weights


def check_weights(expected: dict[str, tuple[int, ...]], given: dict[str, np.ndarray]) -> None:
    """ValueError naming the first missing, unknown or wrongly shaped entry of `given`."""
    if missing := [key for key in expected if key not in given]:
        raise ValueError(f"weights: missing {_named(missing)}; the network needs them")
    if extra := [key for key in given if key not in expected]:
        raise ValueError(f"weights: unknown {_named(extra)}; the network has no such layer")
    for key, shape in expected.items():
        if np.shape(given[key]) != tuple(shape):
            raise ValueError(
                f"weights: {key!r} has shape {np.shape(given[key])}, expected {tuple(shape)}; "
                "these weights belong to another network"
            )


def _named(keys: list[str]) -> str:
    shown = ", ".join(repr(key) for key in keys[:5])
    return shown + (f" and {len(keys) - 5} more" if len(keys) > 5 else "")


def _fans(shape: tuple[int, ...]) -> tuple[int, int]:
    """(fan_in, fan_out) of a kernel (kh, kw, in, out) or (in, out)."""
    window = math.prod(shape[:-2])
    return window * shape[-2], window * shape[-1]


def _kernel(shape: tuple[int, ...], init: str, rng: np.random.Generator) -> np.ndarray:
    fan_in, fan_out = _fans(shape)
    if init == "he_normal":
        deviation = math.sqrt(2 / fan_in) / _TRUNCATED_DEVIATION
        return (deviation * _truncated_normal(shape, rng)).astype(np.float32)
    bound = 1 / math.sqrt(fan_in) if init == "torch" else math.sqrt(6 / (fan_in + fan_out))
    kernel = rng.uniform(-bound, bound, shape).astype(np.float32)
    if init == EDGE_INIT:
        kernel[:, :, 0, : len(EDGE_KERNELS)] = EDGE_KERNELS.transpose(1, 2, 0)
    return kernel


def _bias(kernel_shape: tuple[int, ...], init: str, rng: np.random.Generator) -> np.ndarray:
    if init != "torch":
        return np.zeros(kernel_shape[-1], np.float32)
    bound = 1 / math.sqrt(_fans(kernel_shape)[0])
    return rng.uniform(-bound, bound, kernel_shape[-1]).astype(np.float32)


def _truncated_normal(shape: tuple[int, ...], rng: np.random.Generator) -> np.ndarray:
    """Unit normal values, those beyond two deviations drawn again."""
    values = rng.standard_normal(shape)
    while (outside := np.abs(values) > 2).any():
        values[outside] = rng.standard_normal(int(outside.sum()))
    return values
