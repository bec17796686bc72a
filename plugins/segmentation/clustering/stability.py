"""How stable a clustering is: its algorithm is run again on bootstrap samples (Hennig 2007), and the clusters
are compared by the adjusted Rand index (Hubert & Arabie 1985).
"""

from __future__ import annotations

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from typing import NamedTuple

import numpy as np

from plugins.segmentation.clustering.algorithms import ALGORITHMS
from plugins.segmentation.clustering.algorithms.algorithm import Setup
from plugins.segmentation.clustering.algorithms.ward_tree import linkage
from plugins.segmentation.clustering.benchmark import THREADS
from plugins.segmentation.clustering.feature_space import distinct
from plugins.segmentation.clustering.partition import Floats, Ints, Partition

LEAST_CUSTOMERS = 50
"""From this number of customers on stability is measured; smaller samples say little."""
UNSTABLE = 0.6
"""Below this mean index the segments are called unstable; Hennig (2007) calls 0.6 to 0.75 doubtful."""
SAMPLES = {"kmeans": 20, "gmm": 10, "agglo": 20, "dbscan": 20}
"""Bootstrap samples by algorithm: together they cost a fraction of the benchmark before them."""
STARTS = 3
"""Starts of K-Means per sample."""
WHOLE = 1000
"""Of more customers Ward samples a quarter, as its time grows with their square."""
SEED = 42
BOUNDS = (0.05, 0.95)
"""Quantiles of the indices that are given as bounds."""


class Stability(NamedTuple):
    """Adjusted Rand index (1: the same clusters, 0: as by chance) over bootstrap samples.

    Attributes:
        ari: its mean.
        lower, upper: its 5 % and 95 % quantile.
    """

    ari: float
    lower: float
    upper: float


def stability(points: Floats, winner: Partition, *, eps: float, min_samples: int) -> Stability | None:
    """Runs the algorithm of a partition on bootstrap samples and compares the labels.

    A sample draws customers with replacement. Its clusters and those of the partition then assign all
    customers, as they would assign further ones, and the index compares both. Noise counts as a cluster.

    Args:
        points: shape ``(n, d)``.
        winner: the partition of them.
        eps, min_samples: settings of DBSCAN.

    Returns:
        None for fewer than :data:`LEAST_CUSTOMERS`.
    """
    if len(points) < LEAST_CUSTOMERS:
        return None
    # In an order of their own, so that the order of a body's rows does not choose the samples.
    points = points[np.lexsort(points.T)]
    index = partial(_index, points, winner, assigned(winner, points), eps, min_samples)
    with ThreadPoolExecutor(THREADS) as pool:
        indices = list(pool.map(index, _samples(len(points), winner.algorithm)))
    low, high = np.quantile(indices, BOUNDS).tolist()
    return Stability(float(np.mean(indices)), low, high)


def _samples(customers: int, algorithm: str) -> Iterator[Ints]:
    """Rows of each bootstrap sample."""
    chance = np.random.default_rng(SEED)
    size = customers
    if algorithm == "agglo" and customers > WHOLE:
        size = max(WHOLE, customers // 4)
    for _ in range(SAMPLES[algorithm]):
        yield chance.integers(0, customers, size)


def assigned(partition: Partition, points: Floats) -> Ints:
    """Cluster of each point by the rule that assigns further points, shape ``(n,)``."""
    fitted = {"ids": np.unique(partition.labels), **partition.fitted}
    return ALGORITHMS[partition.algorithm].assign(fitted, points)


def _index(
    points: Floats, winner: Partition, labels: Ints, eps: float, min_samples: int, rows: Ints
) -> float:
    """The adjusted Rand index of the labels of a sample's clusters and of the partition's."""
    from sklearn.metrics import adjusted_rand_score

    sample = points[rows]
    # A sample may hold fewer distinct points than there are clusters.
    ks = () if winner.k is None else (min(winner.k, distinct(sample)),)
    setup = Setup(sample, ks, eps, min_samples, lambda: linkage(sample), starts=STARTS)
    (attempt,) = ALGORITHMS[winner.algorithm].attempts(setup)
    again = attempt.fit()
    return 0.0 if again is None else float(adjusted_rand_score(labels, assigned(again, points)))
