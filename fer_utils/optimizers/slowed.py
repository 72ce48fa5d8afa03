"""Discriminative learning rates in Keras: an optimizer whose steps are shorter for some variables.

Keras has one learning rate for all. Scaling gradients does not help: Adam divides it out again.
So the optimizer makes its step, and the chosen variables go back part of the way. That is the same
as a lower rate for them, in every optimizer whose state follows from gradients alone, and with
decoupled weight decay. Written in Keras alone, for any backend.
"""

from __future__ import annotations

from collections.abc import Sequence

import keras


def slowed(kind: type, chosen: Sequence[keras.Variable], factor: float) -> type:
    """A subclass of the optimizer class `kind` that takes `factor` of each step of `chosen`; for
    factor 1 `kind` itself."""
    if factor == 1:
        return kind
    identities = {id(variable) for variable in chosen}
    # Not an attribute: Keras counts what hangs on an optimizer among its state, which JAX gives
    # away once a step and a checkpoint writes.
    slow: list[keras.Variable] = []

    class Slowed(kind):
        def build(self, variables) -> None:
            slow[:] = [variable for variable in variables if id(variable) in identities]
            super().build(variables)

        def apply(self, grads, trainable_variables=None):
            if not self.built:
                self.build(trainable_variables)
            before = [keras.ops.copy(variable) for variable in slow]
            iterations = super().apply(grads, trainable_variables)
            for variable, old in zip(slow, before, strict=True):
                variable.assign(old + factor * (variable - old))
            return iterations

    return Slowed
