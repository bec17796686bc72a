"""Keeps the ids of clusters from one run to the next."""

from __future__ import annotations

import numpy as np
from scipy.sparse import csr_array, eye_array, hstack
from scipy.sparse.csgraph import min_weight_full_bipartite_matching

from plugins.segmentation.clustering.partition import NOISE, Ints

UNKNOWN = -2
"""Previous label of a customer who had none."""


def renumber(labels: Ints, previous: Ints) -> dict[int, int]:
    """New id of each cluster, so that as many customers as possible keep the id that they had.

    This is the optimal assignment of clusters to the ids of the last run (Kuhn 1955). A cluster that gets no
    old id takes the smallest number that the last run did not use, so that an old id never stands for other
    customers. Noise stays noise.

    Args:
        labels: cluster of each customer, shape ``(n,)``.
        previous: id of each customer's cluster in the last run, ``UNKNOWN`` where there was none, ``(n,)``.

    Returns:
        Label to id, for every label in ``labels``.

    >>> renumber(np.array([0, 0, 1, 1, 2]), np.array([5, 5, 0, 0, UNKNOWN]))
    {0: 5, 1: 0, 2: 1}
    """
    ids = np.unique(labels[labels != NOISE])
    known = np.unique(previous[previous > NOISE])
    kept = {int(ids[row]): int(known[column]) for row, column in _matched(labels, previous, ids, known)}
    taken = set(known.tolist())
    free = (number for number in range(len(ids) + len(known)) if number not in taken)
    new = {label: kept[label] if label in kept else next(free) for label in ids.tolist()}
    return {NOISE: NOISE, **new} if (labels == NOISE).any() else new


def _matched(labels: Ints, previous: Ints, ids: Ints, known: Ints) -> list[tuple[int, int]]:
    """Pairs of new and old clusters with the largest total overlap, as indices of ``ids`` and ``known``.

    The matrix is sparse, as there may be thousands of both. Each new cluster may also stay unmatched, in a
    column of its own with weight 1, so that a full matching exists. Every other weight is the overlap + 1.
    """
    if not len(ids):
        return []
    both = (labels != NOISE) & (previous > NOISE)
    cells = np.searchsorted(ids, labels[both]), np.searchsorted(known, previous[both])
    overlap = csr_array((np.ones(int(both.sum())), cells), shape=(len(ids), len(known)))
    overlap.sum_duplicates()
    overlap.data += 1
    unmatched = eye_array(len(ids), format="csr")
    rows, columns = min_weight_full_bipartite_matching(
        hstack([overlap, unmatched], format="csr"), maximize=True
    )
    pairs = zip(rows.tolist(), columns.tolist(), strict=True)
    return [(row, column) for row, column in pairs if column < len(known)]


def share_kept(ids: Ints, previous: Ints) -> float | None:
    """Share of the customers of the last run who have the same id now; None if none of them is here.

    >>> share_kept(np.array([0, 1, 1]), np.array([0, 0, UNKNOWN]))
    0.5
    """
    known = previous != UNKNOWN
    return float((ids[known] == previous[known]).mean()) if known.any() else None
