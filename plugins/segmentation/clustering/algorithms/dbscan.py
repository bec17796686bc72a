"""DBSCAN (Ester, Kriegel, Sander & Xu 1996), exact, in memory that does not grow with the neighbours."""

from __future__ import annotations

from functools import partial
from typing import NamedTuple

import numpy as np
from numba import njit

from plugins.segmentation.clustering.algorithms.algorithm import Algorithm, Attempt, Setup
from plugins.segmentation.clustering.algorithms.dbscan_search import (
    Bools,
    cloud_of,
    components,
    core_points,
    label_borders,
    nearest_of,
    number_components,
)
from plugins.segmentation.clustering.partition import Fitted, Floats, Ints, Partition


class DbscanResult(NamedTuple):
    """A clustering of n points."""

    labels: Ints
    """(n,) clusters from 0 on, numbered by their first core point; -1 for noise."""
    core: Bools
    """(n,) whether a point has ``min_samples`` neighbours, itself included."""


def dbscan(points: Floats, eps: float, min_samples: int) -> DbscanResult:
    """Clusters of points that are dense together, with scikit-learn's labels.

    Args:
        points: (n, d) finite, n of 1 or more.
        eps: neighbours are at most so far apart, by Euclidean distance; more than 0.
        min_samples: neighbours, itself included, that make a point a core point; 1 or more.

    Returns:
        A border point is in the lowest-numbered cluster of those that have a core point within eps.

    Raises:
        ValueError: no point, eps of 0 or less, or min_samples under 1.

    Source:
        Ester, Kriegel, Sander & Xu (1996), KDD-96, definitions 1 to 6; ties as scikit-learn decides them.

    >>> dbscan(np.array([[0.0], [1.0], [2.0], [9.0]]), eps=1.0, min_samples=3).labels.tolist()
    [0, 0, 0, -1]
    """
    if not len(points):
        raise ValueError("points is empty: DBSCAN needs 1 or more")
    if not eps > 0:
        raise ValueError(f"eps is {eps}: it must be more than 0")
    if min_samples < 1:
        raise ValueError(f"min_samples is {min_samples}: it must be 1 or more")
    labels, core = _cluster(np.ascontiguousarray(points, np.float64), float(eps), int(min_samples))
    return DbscanResult(labels, core)


@njit(cache=True, nogil=True)
def _cluster(points: Floats, eps: float, min_samples: int) -> tuple[Ints, Bools]:
    """Labels and core points, in the order of ``points``."""
    cloud = cloud_of(points, eps)
    order = cloud.tree.order
    core_by_slot = core_points(cloud, min_samples)
    labels_by_slot = number_components(components(cloud, core_by_slot), core_by_slot, order)
    label_borders(cloud, core_by_slot, labels_by_slot)
    labels, core = np.empty_like(labels_by_slot), np.empty_like(core_by_slot)
    labels[order] = labels_by_slot
    core[order] = core_by_slot
    return labels, core


def nearest_core(core_points: Floats, core_labels: Ints, points: Floats, eps: float) -> Ints:
    """The cluster of further points: that of the nearest core point within eps.

    Args:
        core_points: (m, d), m of 0 or more.
        core_labels: (m,)
        points: (q, d)
        eps: that of the clustering.

    Returns:
        (q,) -1 where no core point is within eps; of equally near ones the first counts.

    >>> cores, points = np.array([[0.0], [5.0]]), np.array([[0.5], [4.0], [9.0]])
    >>> nearest_core(cores, np.array([3, 4]), points, 1.0).tolist()
    [3, 4, -1]
    """
    labels = np.full(len(points), -1, np.int64)
    if len(core_points):
        nearest = nearest_of(
            np.ascontiguousarray(core_points, np.float64),
            np.ascontiguousarray(points, np.float64),
            float(eps),
        )
        labels[nearest >= 0] = core_labels[nearest[nearest >= 0]]
    return labels


def _partition(points: Floats, eps: float, min_samples: int) -> Partition:
    labels, core = dbscan(points, eps, min_samples)
    fitted = {"core": points[core], "core_labels": labels[core], "eps": np.array([eps])}
    return Partition("dbscan", None, labels, fitted)


def _attempts(setup: Setup) -> list[Attempt]:
    return [Attempt(None, partial(_partition, setup.points, setup.eps, setup.min_samples))]


def _assign(fitted: Fitted, points: Floats) -> Ints:
    return nearest_core(
        fitted["core"].astype(np.float64),
        fitted["core_labels"].astype(np.int64),
        points,
        float(fitted["eps"].astype(np.float64)[0]),
    )


DBSCAN = Algorithm("dbscan", "DBSCAN", _attempts, _assign)


def warm() -> None:
    """Compiles what :func:`dbscan` and :func:`nearest_core` run."""
    points = np.arange(3.0)[:, None]
    result = dbscan(points, 1.0, 2)
    nearest_core(points, result.labels, points, 1.0)
