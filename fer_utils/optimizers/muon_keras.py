"""Muon, the optimizer (see `optimizers.muon`), in Keras, on any backend.

`keras.optimizers.Muon` leaves convolutions to AdamW, and came with a later Keras than we ask for.
"""

from __future__ import annotations

from collections.abc import Sequence

import keras
from keras import ops

from fer_utils.optimizers import muon


def orthogonalised(matrix, precision: str):
    """A float tensor (M, N) to the nearly orthogonal one in its directions (see
    `muon.newton_schulz`)."""
    upright = matrix.shape[0] > matrix.shape[1]
    x = ops.cast(matrix / (ops.norm(matrix) + 1e-7), precision)
    x = muon.newton_schulz(ops.transpose(x) if upright else x, ops.transpose)
    return ops.cast(ops.transpose(x) if upright else x, matrix.dtype)


class Muon(keras.optimizers.AdamW):
    """Muon for a network's hidden weights, AdamW for its other variables.

    The polynomial is computed in `precision`, "float32" or "bfloat16".
    """

    def __init__(self, *args, precision: str = "float32", **options):
        super().__init__(*args, **options)
        self.precision = precision
        self.hidden: tuple[int, ...] = ()

    def build(self, variables: Sequence[keras.Variable]) -> None:
        """Make the moments, and note which of the trainable variables are hidden weights."""
        super().build(variables)
        weights = [one for one in variables if len(one.shape) >= 2]
        self.hidden = tuple(self._get_variable_index(one) for one in weights[1:-1])

    def update_step(self, gradient, variable, learning_rate) -> None:
        """Move one variable; the decay of weights is made elsewhere."""
        index = self._get_variable_index(variable)
        if index not in self.hidden:
            super().update_step(gradient, variable, learning_rate)
            return
        momentum = self._momentums[index]
        self.assign(momentum, momentum + (1 - muon.MOMENTUM) * (gradient - momentum))
        ahead = gradient + muon.MOMENTUM * (momentum - gradient)
        matrix = ops.reshape(ahead, (-1, variable.shape[-1]))  # of outputs in columns
        step = orthogonalised(matrix, self.precision)
        rate = muon.length(matrix.shape) * ops.cast(learning_rate, variable.dtype)
        self.assign_sub(variable, rate * ops.reshape(step, variable.shape))

    def get_config(self) -> dict:
        """What makes the same optimizer again."""
        return super().get_config() | {"precision": self.precision}
