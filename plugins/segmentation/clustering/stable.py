"""Keeps the ids of segments from one run to the next."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import csr_array, eye_array, hstack
from scipy.sparse.csgraph import min_weight_full_bipartite_matching

from plugins.segmentation.clustering.families import NOISE

Ints = NDArray[np.int64]
UNKNOWN = -2
"""Previous label of a customer who had none."""


def renumber(labels: Ints, previous: Ints) -> dict[int, int]:
    """New id of each cluster, so that as many customers as possible keep the id that they had.

    The optimal assignment of clusters to the ids of the last run; a cluster that overlaps with none, or is
    one too many, gets the smallest id that the last run had not: whoever acts on an old id must not meet
    other customers under it. Noise stays noise.

    Args:
        labels: cluster of each customer, shape ``(n,)``.
        previous: id of each customer's cluster in the last run, ``UNKNOWN`` where there was none, ``(n,)``.

    Returns:
        Label to id, for every label in ``labels``.
    """
    ids = np.unique(labels[labels != NOISE])
    known = np.unique(previous[previous > NOISE])
    kept = {int(ids[row]): int(known[column]) for row, column in _matched(labels, previous, ids, known)}
    taken = set(known.tolist())
    free = (number for number in range(len(ids) + len(known)) if number not in taken)
    new = {label: kept[label] if label in kept else next(free) for label in ids.tolist()}
    return {NOISE: NOISE, **new} if (labels == NOISE).any() else new


def _matched(labels: Ints, previous: Ints, ids: Ints, known: Ints) -> list[tuple[int, int]]:
    """Pairs of new and old clusters with the largest overlap in all, as places in ``ids`` and ``known``.

    Sparse, for there may be thousands of both. Each new cluster may also stay alone, in a column of its own
    at weight 1, so that a full matching exists; every weight is one more than the overlap.
    """
    if not len(ids):
        return []
    both = (labels != NOISE) & (previous > NOISE)
    places = np.searchsorted(ids, labels[both]), np.searchsorted(known, previous[both])
    overlap = csr_array((np.ones(int(both.sum())), places), shape=(len(ids), len(known)))
    overlap.sum_duplicates()
    overlap.data += 1
    alone = eye_array(len(ids), format="csr")
    rows, columns = min_weight_full_bipartite_matching(hstack([overlap, alone], format="csr"), maximize=True)
    pairs = zip(rows.tolist(), columns.tolist(), strict=True)
    return [(row, column) for row, column in pairs if column < len(known)]


def share_kept(ids: Ints, previous: Ints) -> float | None:
    """Share of the customers of the last run who have the same id now; None if none is here."""
    known = previous != UNKNOWN
    return float((ids[known] == previous[known]).mean()) if known.any() else None
