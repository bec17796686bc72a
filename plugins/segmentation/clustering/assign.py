"""Which cluster of a finished segmentation a further customer belongs to."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
from numpy.typing import NDArray

from plugins.segmentation.clustering.dbscan import nearest_core

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]
_CHUNK = 4096
"""Points at a time; bounds the memory."""


def assign(family: str, fitted: Mapping[str, NDArray[np.generic]], points: Floats) -> Ints:
    """Clusters of points, by the family's own rule.

    K-Means and Ward: the nearest centroid. Gaussian mixture: the most probable component. DBSCAN: the
    nearest core point within eps, else −1.

    Args:
        family: one of :data:`families.FAMILIES`.
        fitted: the arrays of its :class:`families.Partition`, with the ids of the clusters as
            ``ids`` where the family has centres or components.
        points: shape ``(m, d)``.

    Returns:
        Shape ``(m,)``.
    """
    if family == "dbscan":
        return nearest_core(
            fitted["core"].astype(np.float64),
            fitted["core_labels"].astype(np.int64),
            points,
            float(fitted["eps"].astype(np.float64)[0]),
        )
    if not len(points):
        return np.empty(0, dtype=np.int64)
    cost = _surprise if family == "gmm" else _squared_distance
    nearest = [
        cost(fitted, points[start : start + _CHUNK]).argmin(axis=1) for start in range(0, len(points), _CHUNK)
    ]
    clusters: Ints = fitted["ids"].astype(np.int64)[np.concatenate(nearest)]
    return clusters


def _squared_distance(fitted: Mapping[str, NDArray[np.generic]], points: Floats) -> Floats:
    """Squared distance to each centre, shape ``(m, clusters)``."""
    centers = fitted["centers"].astype(np.float64)
    return np.column_stack([((points - center) ** 2).sum(axis=1) for center in centers])


def _surprise(fitted: Mapping[str, NDArray[np.generic]], points: Floats) -> Floats:
    """Negative log posterior of each component, up to a constant, shape ``(m, components)``."""
    costs = []
    for weight, mean, root in zip(
        fitted["weights"].astype(np.float64),
        fitted["means"].astype(np.float64),
        fitted["precisions_cholesky"].astype(np.float64),
        strict=True,
    ):
        whitened = points @ root - mean @ root
        log_determinant = np.log(np.diag(root)).sum()
        costs.append(0.5 * (whitened**2).sum(axis=1) - log_determinant - np.log(weight))
    return np.column_stack(costs)
