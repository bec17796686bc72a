"""A division of the customers into clusters, as every algorithm returns it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]
Fitted = Mapping[str, NDArray[np.generic]]
"""The arrays with which an algorithm assigns further points, by name."""

NOISE = -1
"""Label of a point that belongs to no cluster."""


class Partition(NamedTuple):
    """A division of n points into clusters.

    Attributes:
        algorithm: code of the algorithm that made it.
        k: clusters that were asked for; None if the algorithm finds the number by itself.
        labels: cluster of each point, ``NOISE`` for none, shape ``(n,)``.
        fitted: arrays that assign a further point; see the algorithm's ``assign``.
    """

    algorithm: str
    k: int | None
    labels: Ints
    fitted: Fitted

    @property
    def clusters(self) -> int:
        """How many clusters there are; noise is not one."""
        return len(np.unique(self.labels[self.labels != NOISE]))

    @property
    def divides(self) -> bool:
        """Whether it has two clusters or more. One cluster and its noise divide nobody."""
        return self.clusters >= 2

    def least_share(self) -> float:
        """Share of the customers in the smallest cluster; 0 if there is none."""
        sizes = np.unique(self.labels[self.labels != NOISE], return_counts=True)[1]
        return float(sizes.min(initial=len(self.labels)) / len(self.labels)) if len(sizes) else 0.0

    @property
    def scorable(self) -> bool:
        """Whether it can be scored: 2 to n − 1 groups (noise counts as one), at most half of it noise."""
        noise = int((self.labels == NOISE).sum())
        groups = self.clusters + (noise > 0)
        return 2 <= groups < len(self.labels) and self.clusters > 0 and 2 * noise <= len(self.labels)


def compact_labels(labels: NDArray[np.integer]) -> Ints:
    """Labels renumbered from 0 without gaps, in ascending order.

    >>> compact_labels(np.array([7, -1, 7, 30])).tolist()
    [1, 0, 1, 2]
    """
    compact: Ints = np.unique(labels, return_inverse=True)[1].astype(np.int64, copy=False)
    return compact


def cluster_means(cluster: Ints, figures: Floats) -> Floats:
    """Mean of each cluster.

    Args:
        cluster: cluster of each row, 0 to k − 1, each of them with a row or more, shape ``(n,)``.
        figures: shape ``(n, m)``.

    Returns:
        Shape ``(k, m)``.

    >>> cluster_means(np.array([0, 1, 0]), np.array([[1.0, 10.0], [5.0, 20.0], [3.0, 30.0]])).tolist()
    [[2.0, 20.0], [5.0, 20.0]]
    """
    sizes = np.bincount(cluster)
    return np.column_stack([np.bincount(cluster, weights=column) / sizes for column in figures.T])
