"""What a clustering algorithm provides: attempts at a set of points, and how it assigns further points."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import NamedTuple

import numpy as np

from plugins.segmentation.clustering.partition import Fitted, Floats, Ints, Partition

_CHUNK = 4096
"""Points that are assigned at a time; bounds the memory."""


class Setup(NamedTuple):
    """What is clustered, and with which settings.

    Attributes:
        points: shape ``(n, d)``.
        ks: numbers of clusters to try.
        eps: radius of DBSCAN.
        min_samples: neighbours, itself included, that make a core point of DBSCAN.
        tree: gives Ward's linkage matrix, shape ``(n - 1, 4)``; waits until it is there.
        starts: starts of K-Means, the best of which counts.
    """

    points: Floats
    ks: Sequence[int]
    eps: float
    min_samples: int
    tree: Callable[[], Floats]
    starts: int = 10


class Attempt(NamedTuple):
    """One fit: the k it tries, None without one, and a function that gives its partition, or None."""

    k: int | None
    fit: Callable[[], Partition | None]


class Algorithm(NamedTuple):
    """A clustering algorithm.

    Attributes:
        code: as requests name it.
        name: as answers name it.
        attempts: the fits that a setup asks for.
        assign: clusters of further points ``(m, d)``, from the arrays of a partition, shape ``(m,)``.
    """

    code: str
    name: str
    attempts: Callable[[Setup], list[Attempt]]
    assign: Callable[[Fitted, Floats], Ints]


def cheapest(cost: Callable[[Fitted, Floats], Floats], fitted: Fitted, points: Floats) -> Ints:
    """The cluster of least cost for each point.

    Args:
        cost: gives shape ``(m, clusters)`` for points of shape ``(m, d)``.
        fitted: the arrays that ``cost`` needs, and ``ids``, the id of each cluster.
        points: shape ``(q, d)``.
    """
    if not len(points):
        return np.empty(0, dtype=np.int64)
    starts = range(0, len(points), _CHUNK)
    nearest = [cost(fitted, points[start : start + _CHUNK]).argmin(axis=1) for start in starts]
    clusters: Ints = fitted["ids"].astype(np.int64)[np.concatenate(nearest)]
    return clusters
