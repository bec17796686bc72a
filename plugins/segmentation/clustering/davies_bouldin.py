"""How widely clusters spread relative to the distances between them (Davies & Bouldin 1979)."""

from __future__ import annotations

import numpy as np
from scipy.spatial.distance import cdist

from plugins.segmentation.clustering.partition import Floats, Ints, cluster_means, compact_labels

_BLOCK = 512
"""Clusters whose distances to all others are held at a time: DBSCAN may give tens of thousands."""


def davies_bouldin(points: Floats, labels: Ints) -> float:
    """The index, as scikit-learn defines it; lower is better, 0 is perfect.

    Args:
        points: shape ``(n, d)``.
        labels: cluster of each point, any integers, shape ``(n,)``; 2 different ones or more.

    >>> davies_bouldin(np.array([[0.0], [2.0], [8.0], [10.0]]), np.array([0, 0, 1, 1]))
    0.25
    """
    cluster = compact_labels(labels)
    sizes = np.bincount(cluster)
    centres = cluster_means(cluster, points)
    # S_i of the paper: the mean distance of a cluster's points from its centre.
    to_centre = np.sqrt(((points - centres[cluster]) ** 2).sum(axis=1))
    spread = np.bincount(cluster, weights=to_centre) / sizes
    if np.allclose(spread, 0):
        return 0.0
    worst = np.empty(len(sizes))
    apart = False
    for start in range(0, len(sizes), _BLOCK):
        rows = slice(start, start + _BLOCK)
        distances = cdist(centres[rows], centres)
        apart = apart or not np.allclose(distances, 0)
        distances[distances == 0] = np.inf
        # R_i: the largest (S_i + S_j) / M_ij over the other clusters j.
        worst[rows] = ((spread[rows, None] + spread) / distances).max(axis=1)
    return float(worst.mean()) if apart else 0.0
