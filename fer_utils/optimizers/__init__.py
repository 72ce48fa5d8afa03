"""How weights move: optimizers of both frameworks, learning rates, averaged weights."""

ADAM_EPSILON = 1e-7  # of Adam and its kin in both frameworks: Keras' default
