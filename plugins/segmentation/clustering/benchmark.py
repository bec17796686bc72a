"""Runs the algorithms at every k, scores what they give, and finds the best partition."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor, as_completed
from typing import Any, NamedTuple

import numpy as np

from plugins.segmentation.clustering.algorithms import ALGORITHMS
from plugins.segmentation.clustering.algorithms.algorithm import Setup
from plugins.segmentation.clustering.algorithms.ward_tree import linkage
from plugins.segmentation.clustering.davies_bouldin import davies_bouldin
from plugins.segmentation.clustering.partition import Floats, Ints, Partition, compact_labels
from plugins.segmentation.clustering.silhouette import silhouette_samples

THREADS = 2
MOST_CELLS = 400
"""One pass over all pairs scores several partitions, as long as they divide the points into so few cells."""
MANY_CUSTOMERS = 200
"""From this number of customers on, each cluster of the best partition must have a least share of them."""
FITTING_SHARE = 0.7
"""Of the progress that a caller sees: the fits; the scores are the rest."""

Progress = Callable[[float], None]
"""Takes the share of the work that is done, 0 to 1."""


class Candidate(NamedTuple):
    """A partition and its scores; None where it cannot be scored.

    Attributes:
        partition: the partition.
        silhouette: mean silhouette, −1 to 1; higher is better.
        davies_bouldin: lower is better.
        calinski_harabasz: higher is better.
        samples: silhouette of each point, shape ``(n,)``.
        eligible: whether it may be the best: two clusters or more, noise not counted, and none of them too
            small; see :func:`is_eligible`.
    """

    partition: Partition
    silhouette: float | None = None
    davies_bouldin: float | None = None
    calinski_harabasz: float | None = None
    samples: Floats | None = None
    eligible: bool = True


class Benchmark(NamedTuple):
    """Everything that was tried.

    Attributes:
        candidates: in the order of the roster of algorithms, then of k.
        best: the best of them by :func:`best`; None if none can be scored.
        tree: Ward's linkage matrix, shape ``(n - 1, 4)``.
        unfitted: code and k of the attempts that gave no partition.
    """

    candidates: tuple[Candidate, ...]
    best: Candidate | None
    tree: Floats
    unfitted: tuple[tuple[str, int | None], ...]

    @property
    def scored(self) -> list[Candidate]:
        """The candidates that could be scored."""
        return [candidate for candidate in self.candidates if candidate.silhouette is not None]


def benchmark(
    points: Floats,
    ks: Sequence[int],
    algorithms: Sequence[str],
    *,
    eps: float,
    min_samples: int,
    min_share: float = 0.0,
    done: Progress = lambda share: None,
) -> Benchmark:
    """Fits every algorithm at every k, and scores the partitions.

    Args:
        points: shape ``(n, d)``, at least 2 of them.
        ks: numbers of clusters to try, each below the number of distinct points.
        algorithms: codes of the algorithms to try.
        eps: radius of DBSCAN.
        min_samples: neighbours, itself included, that make a core point of DBSCAN.
        min_share: least share of the customers in each cluster of the best partition.
        done: see ``Progress``.
    """
    with ThreadPoolExecutor(THREADS) as pool:
        # The tree goes first: Ward's attempts wait for it in a thread of the same pool.
        tree = pool.submit(linkage, points)
        setup = Setup(points, ks, eps, min_samples, tree.result)
        attempts = [
            (code, attempt)
            for code, algorithm in ALGORITHMS.items()
            if code in algorithms
            for attempt in algorithm.attempts(setup)
        ]
        fits = [pool.submit(attempt.fit) for _, attempt in attempts]
        running: list[Future[Any]] = [tree, *fits]
        for count, _ in enumerate(as_completed(running), 1):
            done(FITTING_SHARE * count / len(running))
        partitions = [fit.result() for fit in fits]
        linked = tree.result()
    unfitted = [
        (code, attempt.k)
        for (code, attempt), partition in zip(attempts, partitions, strict=True)
        if partition is None
    ]
    candidates = score(
        points,
        [partition for partition in partitions if partition is not None],
        lambda share: done(FITTING_SHARE + (1 - FITTING_SHARE) * share),
        min_share=min_share,
    )
    return Benchmark(tuple(candidates), best(candidates), linked, tuple(unfitted))


def score(
    points: Floats,
    partitions: Sequence[Partition],
    done: Progress = lambda share: None,
    *,
    min_share: float = 0.0,
) -> list[Candidate]:
    """The scores of each partition that can have some, and whether it may be the best."""
    from sklearn.metrics import calinski_harabasz_score

    scorable = [partition.labels for partition in partitions if partition.scorable]
    samples = (each for run in _runs(scorable) for each in silhouette_samples(points, run))
    candidates = []
    for count, partition in enumerate(partitions):
        done(count / len(partitions))
        if not partition.scorable:
            candidates.append(Candidate(partition, eligible=False))
            continue
        silhouettes = next(samples)
        candidates.append(
            Candidate(
                partition,
                silhouette=float(silhouettes.mean()),
                davies_bouldin=davies_bouldin(points, partition.labels),
                calinski_harabasz=float(calinski_harabasz_score(points, partition.labels)),
                samples=silhouettes,
                eligible=is_eligible(partition, min_share),
            )
        )
    return candidates


def _runs(labels: Sequence[Ints]) -> Iterator[list[Ints]]:
    """Successive label vectors that together divide the points into few cells.

    Points of one cell share a cluster in every vector of the run. :func:`silhouette_samples` sums distances
    by cell, so that the vectors of a run cost little more than one.
    """
    run: list[Ints] = []
    cells = np.zeros(0, dtype=np.int64)
    for vector in labels:
        clusters = compact_labels(vector)
        joint = compact_labels(cells * (clusters.max() + 1) + clusters) if run else clusters
        if run and joint.max() >= MOST_CELLS:
            yield run
            run, joint = [], clusters
        run.append(vector)
        cells = joint
    if run:
        yield run


def is_eligible(partition: Partition, min_share: float) -> bool:
    """Whether a partition may be the best: it divides, and among many customers no cluster is too small."""
    if len(partition.labels) < MANY_CUSTOMERS:
        return partition.divides
    return partition.divides and partition.least_share() >= min_share


def best(candidates: Sequence[Candidate]) -> Candidate | None:
    """The eligible one with the highest silhouette, then the lowest Davies-Bouldin index, then the first.

    If none is eligible, those with two clusters or more compete, and then all.
    """
    scored = [candidate for candidate in candidates if candidate.silhouette is not None]
    eligible = [candidate for candidate in scored if candidate.eligible]
    divided = [candidate for candidate in scored if candidate.partition.divides]
    return min(eligible or divided or scored, key=_rank, default=None)


def _rank(candidate: Candidate) -> tuple[float, float]:
    # Two attempts may give the same partition. Their scores must tie, although the sums ran in another order.
    return -round(candidate.silhouette or 0.0, 12), round(candidate.davies_bouldin or 0.0, 12)
