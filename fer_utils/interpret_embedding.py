"""Many faces on a plane: what a network's last features put side by side.

t-SNE (van der Maaten & Hinton 2008) keeps neighbours together and little else: the size of a group
and the distance between two say nothing. So what is read off the picture is counted in the features
too: `neighbours_alike`.
"""

from __future__ import annotations

import numpy as np
from sklearn.decomposition import PCA
from sklearn.manifold import TSNE
from sklearn.neighbors import NearestNeighbors

COMPONENTS = 30  # principal components that t-SNE gets


def on_a_plane(features: np.ndarray, perplexity: float = 30.0, seed: int = 0) -> np.ndarray:
    """Points (N, 2) in 0..1 of features (N, D), by principal components and t-SNE.

    Starts from the principal components, so seeds differ little. Raises ValueError for fewer faces
    than three times the perplexity, about the neighbours that it looks at.
    """
    if len(features) < 3 * perplexity:
        raise ValueError(
            f"{len(features)} faces for a perplexity of {perplexity:g}: "
            f"give {3 * perplexity:.0f} at least, or a smaller perplexity"
        )
    few = min(COMPONENTS, *features.shape)
    reduced = PCA(few, random_state=seed).fit_transform(features)
    points = TSNE(perplexity=perplexity, init="pca", random_state=seed).fit_transform(reduced)
    low, high = points.min(0), points.max(0)
    return (points - low) / np.where(high > low, high - low, 1)


def neighbours_alike(points: np.ndarray, labels: np.ndarray, k: int = 10) -> np.ndarray:
    """Share of each point's k nearest others that have its label, float (N,).

    points: (N, D), by Euclidean distance. Raises ValueError for k others or fewer.
    """
    if len(points) <= k:
        raise ValueError(
            f"{len(points)} points have no {k} neighbours each; expected more than {k}"
        )
    found = NearestNeighbors(n_neighbors=k).fit(points).kneighbors(return_distance=False)
    labels = np.asarray(labels)
    return (labels[found] == labels[:, None]).mean(1)
