"""Muon (Jordan et al., 2024): hidden layers step equally far in every direction.

A layer's gradient, averaged over steps, is a matrix of outputs by inputs (those of a convolution
are its window's). A few of its directions are far longer than the rest, and a plain step is mostly
along them. Muon replaces the matrix by the nearest one with all singular values alike: U V^T where
the gradient is U S V^T, nearly, by five steps of a polynomial (Newton and Schulz). The step is then
scaled to be as long as one of AdamW usually is (Liu et al., 2025), so that learning rates of the
two are of one size; weight decay is decoupled in both.

Biases and batch normalisation are no matrices, and the first and the last layer are left out by
convention: AdamW moves them, with the same learning rate.
"""

from __future__ import annotations

from collections.abc import Callable

MOMENTUM = 0.95  # Jordan's, with Nesterov's look ahead
ADAM_LENGTH = 0.2  # root mean square of a step of AdamW over its rate (Liu et al.)
_A, _B, _C = 3.4445, -4.7750, 2.0315  # Jordan's


def newton_schulz(matrix, transposed: Callable):
    """Float (M, N) with M <= N and norm 1, of any framework, to one with the same singular vectors
    and singular values from about 0.7 to 1.2; those far below the largest stay below."""
    for _ in range(5):
        square = matrix @ transposed(matrix)
        matrix = _A * matrix + (_B * square + _C * (square @ square)) @ matrix
    return matrix


def length(shape: tuple[int, int]) -> float:
    """By which the result is multiplied to be as long as a step of AdamW over its rate."""
    return ADAM_LENGTH * max(shape) ** 0.5
