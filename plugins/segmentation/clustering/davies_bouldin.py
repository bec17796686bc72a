"""How much clusters spread beside how far apart they are (Davies & Bouldin 1979)."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from scipy.spatial.distance import cdist

_BLOCK = 512
"""Clusters whose distances to all others are held at a time: DBSCAN may find tens of thousands."""


def davies_bouldin(points: NDArray[np.float64], labels: NDArray[np.int64]) -> float:
    """The index; lower is better, 0 is perfect. scikit-learn's, in memory that follows the clusters.

    Args:
        points: shape ``(n, d)``.
        labels: cluster of each point, any integers, shape ``(n,)``; 2 different ones or more.
    """
    place = np.unique(labels, return_inverse=True)[1]
    sizes = np.bincount(place)
    centers = np.column_stack([np.bincount(place, weights=column) / sizes for column in points.T])
    spread = np.bincount(place, weights=np.sqrt(((points - centers[place]) ** 2).sum(axis=1))) / sizes
    if np.allclose(spread, 0):
        return 0.0
    worst = np.empty(len(sizes))
    apart = False
    for start in range(0, len(sizes), _BLOCK):
        rows = slice(start, start + _BLOCK)
        distances = cdist(centers[rows], centers)
        apart = apart or not np.allclose(distances, 0)
        distances[distances == 0] = np.inf
        worst[rows] = ((spread[rows, None] + spread) / distances).max(axis=1)
    return float(worst.mean()) if apart else 0.0
