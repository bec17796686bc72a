"""Keeps the ids of segments from one run to the next."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import linear_sum_assignment

Ints = NDArray[np.int64]
NOISE = -1
UNKNOWN = -2
"""Previous label of a customer who had none."""


def renumber(labels: Ints, previous: Ints) -> dict[int, int]:
    """New id of each cluster, so that as many customers as possible keep the id that they had.

    The optimal assignment of clusters to the ids of the last run; a cluster that overlaps with none, or is
    one too many, gets the smallest id that is free. Noise stays noise.

    Args:
        labels: cluster of each customer, shape ``(n,)``.
        previous: id of each customer's cluster in the last run, ``UNKNOWN`` where there was none, ``(n,)``.

    Returns:
        Label to id, for every label in ``labels``.
    """
    ids = np.unique(labels[labels != NOISE])
    known = np.unique(previous[previous > NOISE])
    overlap = np.zeros((len(ids), len(known)), dtype=np.int64)
    both = (labels != NOISE) & (previous > NOISE)
    rows, columns = np.searchsorted(ids, labels[both]), np.searchsorted(known, previous[both])
    np.add.at(overlap, (rows, columns), 1)
    kept = {
        int(ids[row]): int(known[column])
        for row, column in zip(*linear_sum_assignment(overlap, maximize=True), strict=True)
        if overlap[row, column] > 0
    }
    taken = set(kept.values())
    free = (number for number in range(len(ids) + len(known)) if number not in taken)
    new = {label: kept[label] if label in kept else next(free) for label in ids.tolist()}
    return {NOISE: NOISE, **new} if (labels == NOISE).any() else new


def share_kept(ids: Ints, previous: Ints) -> float | None:
    """Share of the customers of the last run who have the same id now; None if none is here."""
    known = previous != UNKNOWN
    return float((ids[known] == previous[known]).mean()) if known.any() else None
