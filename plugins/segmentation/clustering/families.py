"""Four families of clustering, judged side by side: K-Means, Gaussian mixture, Ward's tree and DBSCAN."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import Future, ThreadPoolExecutor, as_completed
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from plugins.segmentation.clustering.davies_bouldin import davies_bouldin
from plugins.segmentation.clustering.dbscan import dbscan
from plugins.segmentation.clustering.silhouette import silhouette_samples
from plugins.segmentation.clustering.ward import cut, linkage

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]

FAMILIES = ("kmeans", "gmm", "agglo", "dbscan")
SEED = 42
RESTARTS = 10
NOISE = -1
THREADS = 2
MOST_CELLS = 400
"""Cells of several partitions' common refinement up to which one pass over all pairs serves them."""


class Partition(NamedTuple):
    """A way to divide the customers.

    Attributes:
        family: one of ``FAMILIES``.
        k: clusters that were asked for, None for DBSCAN.
        labels: cluster of each point, ``NOISE`` for none, shape ``(n,)``.
        fitted: arrays that assign a further point, by name; see :func:`assign.assign`.
    """

    family: str
    k: int | None
    labels: Ints
    fitted: Mapping[str, NDArray[np.generic]]

    @property
    def clusters(self) -> int:
        """How many clusters there are; noise is none."""
        return len(np.unique(self.labels[self.labels != NOISE]))

    @property
    def scorable(self) -> bool:
        """Whether it can be judged: 2 to n - 1 groups (noise counts as one), at most half of it noise."""
        noise = int((self.labels == NOISE).sum())
        groups = self.clusters + (noise > 0)
        return 2 <= groups < len(self.labels) and self.clusters > 0 and 2 * noise <= len(self.labels)


class Candidate(NamedTuple):
    """A partition and its figures; None where it cannot be judged.

    Attributes:
        partition: the partition.
        silhouette: mean silhouette, −1 to 1; higher is better.
        davies_bouldin: higher is worse.
        calinski_harabasz: higher is better.
        samples: silhouette of each customer, shape ``(n,)``.
    """

    partition: Partition
    silhouette: float | None
    davies_bouldin: float | None
    calinski_harabasz: float | None
    samples: Floats | None


class Benchmark(NamedTuple):
    """What was tried.

    Attributes:
        candidates: in order of ``FAMILIES``, then of k.
        best: the winner: highest silhouette, then lowest Davies-Bouldin, then first; None if none can be
            judged.
        tree: Ward's linkage matrix, shape ``(n - 1, 4)``.
        unfitted: family and k of what gave no partition.
    """

    candidates: tuple[Candidate, ...]
    best: Candidate | None
    tree: Floats
    unfitted: tuple[tuple[str, int], ...]


def benchmark(
    points: Floats,
    ks: Sequence[int],
    families: Sequence[str],
    *,
    eps: float,
    min_samples: int,
    done: Callable[[float], None] = lambda share: None,
) -> Benchmark:
    """Fits every family at every k, and judges what came out.

    Args:
        points: shape ``(n, d)``, at least 2 of them.
        ks: numbers of clusters to try, each below the number of distinct points.
        families: which of ``FAMILIES`` to try.
        eps: radius of DBSCAN.
        min_samples: neighbours, itself included, that make a core point of DBSCAN.
        done: told how much is done, 0 to 1.
    """
    with ThreadPoolExecutor(THREADS) as pool:
        tree = pool.submit(linkage, points)
        tasks: list[tuple[str, int, Callable[[Floats, int], Partition | None]]] = [
            (family, k, fit)
            for family, fit in (("kmeans", kmeans), ("gmm", gmm))
            if family in families
            for k in ks
        ]
        fits = [pool.submit(fit, points, k) for _, k, fit in tasks]
        densities = [pool.submit(_dbscan, points, eps, min_samples)] if "dbscan" in families else []
        running: list[Future[Any]] = [tree, *fits, *densities]
        for count, _ in enumerate(as_completed(running), 1):
            done(0.7 * count / len(running))
        fitted = [future.result() for future in fits]
        unfitted = [task[:2] for task, partition in zip(tasks, fitted, strict=True) if partition is None]
        partitions = [partition for partition in fitted if partition is not None]
        if "agglo" in families:
            partitions += [ward(points, tree.result(), k) for k in ks]
        partitions += [future.result() for future in densities]
        linked = tree.result()
    candidates = judge(points, partitions, lambda share: done(0.7 + 0.3 * share))
    return Benchmark(tuple(candidates), best(candidates), linked, tuple(unfitted))


def kmeans(points: Floats, k: int) -> Partition:
    """K-Means, the best of ten starts."""
    from sklearn.cluster import KMeans

    model = KMeans(k, n_init=RESTARTS, random_state=SEED).fit(points)
    labels = model.labels_.astype(np.int64)
    return Partition("kmeans", k, labels, {"centers": means(points, labels)})


def gmm(points: Floats, k: int) -> Partition | None:
    """Gaussian mixture with full covariances.

    None if a covariance degenerates, as on collinear data, or a single component takes all points.
    """
    from sklearn.mixture import GaussianMixture

    try:
        model = GaussianMixture(k, random_state=SEED).fit(points)
    except ValueError:
        return None
    labels = model.predict(points).astype(np.int64)
    kept = np.unique(labels)
    if len(kept) < 2:
        return None
    fitted = {
        "component": kept,
        "weights": model.weights_[kept],
        "means": model.means_[kept],
        "precisions_cholesky": model.precisions_cholesky_[kept],
    }
    return Partition("gmm", k, labels, fitted)


def ward(points: Floats, tree: Floats, k: int) -> Partition:
    """Ward's tree, cut into k."""
    labels = cut(tree, k)
    return Partition("agglo", k, labels, {"centers": means(points, labels)})


def _dbscan(points: Floats, eps: float, min_samples: int) -> Partition:
    found = dbscan(points, eps, min_samples)
    fitted = {
        "core": points[found.core],
        "core_labels": found.labels[found.core],
        "eps": np.array([eps]),
    }
    return Partition("dbscan", None, found.labels, fitted)


def means(points: Floats, labels: Ints) -> Floats:
    """Mean of each cluster, in order of label, noise left out, shape ``(clusters, d)``."""
    ids = np.unique(labels[labels != NOISE])
    return np.array([points[labels == label].mean(axis=0) for label in ids]).reshape(len(ids), -1)


def judge(
    points: Floats, partitions: Sequence[Partition], done: Callable[[float], None] = lambda share: None
) -> list[Candidate]:
    """The figures of each partition that can have some.

    Raises:
        ValueError: no partition.
    """
    from sklearn.metrics import calinski_harabasz_score

    scorable = [partition for partition in partitions if partition.scorable]
    if not scorable:
        return [Candidate(partition, None, None, None, None) for partition in partitions]
    labels = [partition.labels for partition in scorable]
    samples = (own for group in _groups(labels) for own in silhouette_samples(points, group))
    candidates = []
    for count, partition in enumerate(partitions):
        done(count / len(partitions))
        if not partition.scorable:
            candidates.append(Candidate(partition, None, None, None, None))
            continue
        own = next(samples)
        candidates.append(
            Candidate(
                partition,
                float(own.mean()),
                davies_bouldin(points, partition.labels),
                float(calinski_harabasz_score(points, partition.labels)),
                own,
            )
        )
    return candidates


def _groups(labels: Sequence[Ints]) -> Iterator[list[Ints]]:
    """Label vectors in runs that together divide the points into few cells: a run is one pass over pairs."""
    group: list[Ints] = []
    cells = np.zeros(0, dtype=np.int64)
    for own in labels:
        codes = np.unique(own, return_inverse=True)[1]
        joint = np.unique(cells * (codes.max() + 1) + codes, return_inverse=True)[1] if group else codes
        if group and joint.max() >= MOST_CELLS:
            yield group
            group, joint = [], codes
        group.append(own)
        cells = joint
    yield group


def best(candidates: Sequence[Candidate]) -> Candidate | None:
    """The winner: highest silhouette, then lowest Davies-Bouldin, then the first."""
    judged = [candidate for candidate in candidates if candidate.silhouette is not None]
    return min(judged, key=_rank, default=None)


def _rank(candidate: Candidate) -> tuple[float, float]:
    # The same partition found twice must tie, although its figures were added up in another order.
    return -round(candidate.silhouette or 0.0, 12), round(candidate.davies_bouldin or 0.0, 12)
