"""Utilities of *Reading Faces*, an executable course on facial expression recognition.

Rooms, each importing only those before it: `data` (what is learned from), `models` (what learns),
`records` (what was done and what came out), `training` (how it learns), then `plots`, `labelling`
and `cli`. Importing `fer_utils` loads no deep-learning framework.
"""

__version__ = "0.1.0"
