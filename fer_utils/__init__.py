"""Utilities of *Reading Faces*, an executable course on facial expression recognition.

Rooms, each importing only those before it: `data` (what is learned from), `models` (what learns),
`metrics` (what a figure is), `experiments` (what is run), `records` (what was done and what came
out), `optimizers` (how weights move), `training` (how it learns), `search` (how settings are
found), `multitask` (two tasks at once), then `plots`, `interpret`, `labelling`, `faces`,
`exercises` and `cli`. Importing `fer_utils` loads no deep-learning framework.

It asks TensorFlow and JAX, whichever Keras runs on, to take GPU memory as they need it: by default
either takes nearly all of it at its start, and PyTorch, which computes what teachers answer, finds
none left. What is set in the environment stays.
"""

import os

os.environ.setdefault("TF_FORCE_GPU_ALLOW_GROWTH", "true")
os.environ.setdefault("XLA_PYTHON_CLIENT_PREALLOCATE", "false")

__version__ = "0.1.0"
