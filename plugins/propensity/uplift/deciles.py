"""Customers in tenths by their score: decile 10 has the highest uplift, decile 1 the lowest."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]

DECILES = 10
FEWEST = 15
"""Customers of a decile; fewer than 150 customers make fewer deciles."""


def deciles(scores: Floats, names: Sequence[str]) -> Ints:
    """Decile of each customer, ``(n,)``.

    Customers of equal score share the lower decile, as long as every decile keeps 15 customers; otherwise
    ties are split in the order of names. Fewer than 150 customers make one decile per 15 of them, numbered
    from 1 to 10 with gaps. Fewer than 30, or customers who all have the same score, are decile 1.

    >>> deciles(np.arange(30.0), [str(row) for row in range(30)]).tolist() == [1] * 15 + [10] * 15
    True

    Args:
        scores: ``(n,)``, one or more.
        names: ``(n,)`` all different.
    """
    wanted = min(DECILES, len(scores) // FEWEST)
    if wanted < 2 or scores.min() == scores.max():
        return np.ones(len(scores), dtype=np.int64)
    edges = np.quantile(scores, np.arange(1, wanted) / wanted)
    group = np.searchsorted(edges, scores, side="left")
    if np.bincount(group, minlength=wanted).min() < FEWEST:
        order = sorted(range(len(scores)), key=lambda row: (scores[row], names[row]))
        group = np.empty(len(scores), dtype=np.int64)
        group[order] = np.arange(len(scores)) * wanted // len(scores)
    numbers = 1 + np.round(np.arange(wanted) * (DECILES - 1) / (wanted - 1)).astype(np.int64)
    return numbers[group]
