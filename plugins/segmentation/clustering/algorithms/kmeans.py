"""K-Means (Lloyd 1982), the best of ten starts by k-means++ (Arthur & Vassilvitskii 2007)."""

from __future__ import annotations

from functools import partial

import numpy as np

from plugins.segmentation.clustering.algorithms.algorithm import Algorithm, Attempt, Setup, cheapest
from plugins.segmentation.clustering.partition import (
    Fitted,
    Floats,
    Ints,
    Partition,
    cluster_means,
    compact_labels,
)

SEED = 42


def kmeans(points: Floats, k: int, starts: int = 10) -> Partition:
    """K-Means, the best of several starts.

    >>> kmeans(np.array([[0.0], [1.0], [8.0], [9.0]]), 2).fitted["centers"].ravel().tolist()
    [0.5, 8.5]
    """
    from sklearn.cluster import KMeans

    model = KMeans(k, n_init=starts, random_state=SEED).fit(points)
    labels = model.labels_.astype(np.int64)
    return Partition("kmeans", k, labels, {"centers": cluster_means(compact_labels(labels), points)})


def nearest_centre(fitted: Fitted, points: Floats) -> Ints:
    """The cluster whose centre is nearest, for each of the points ``(m, d)``."""
    return cheapest(_squared_distances, fitted, points)


def _squared_distances(fitted: Fitted, points: Floats) -> Floats:
    """Squared distance to each centre, shape ``(m, clusters)``."""
    centres = fitted["centers"].astype(np.float64)
    return np.column_stack([((points - centre) ** 2).sum(axis=1) for centre in centres])


def _attempts(setup: Setup) -> list[Attempt]:
    return [Attempt(k, partial(kmeans, setup.points, k, setup.starts)) for k in setup.ks]


KMEANS = Algorithm("kmeans", "KMeans", _attempts, nearest_centre)
