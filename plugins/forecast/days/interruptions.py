"""Days on which nothing was sold although something always was: a closed shop, a product out of stock."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
Bools = NDArray[np.bool_]

LEAST_DAYS = 10
"""Days in a row with next to nothing that make an interruption."""
OVER = 42
"""Days after an interruption from which on it is over: six weeks, as a step of the level needs."""
NEXT_TO_NOTHING = 0.05
"""Share of the median day up to which a day counts as interrupted."""
OTHERWISE = 0.1
"""Share of the other days that may have next to nothing: where more do, that is how demand is."""
MOST = 0.5
"""Share of all days that interruptions may be."""


def interruptions(values: Floats) -> list[tuple[int, int]]:
    """First day and day after the last of each interruption that is over.

    Args:
        values: shape ``(n,)``.

    >>> interruptions(np.concatenate([np.full(60, 5.0), np.zeros(20), np.full(60, 5.0)]))
    [(60, 80)]
    >>> interruptions(np.concatenate([np.full(60, 5.0), np.zeros(20), np.full(20, 5.0)]))
    []
    """
    some = values[values > 0]
    if len(some) == 0:
        return []
    low = values <= NEXT_TO_NOTHING * float(np.median(some))
    edges = np.flatnonzero(np.diff(np.concatenate([[False], low, [False]]).astype(np.int8)))
    runs = [(int(start), int(end)) for start, end in edges.reshape(-1, 2) if end - start >= LEAST_DAYS]
    inside = np.zeros(len(values), np.bool_)
    for start, end in runs:
        inside[start:end] = True
    if not runs or inside.mean() > MOST or low[~inside].mean() > OTHERWISE:
        return []
    return [(start, end) for start, end in runs if start > 0 and end + OVER <= len(values)]


def inside_of(runs: list[tuple[int, int]], days: int, after: int = 0) -> Bools:
    """Which days are interrupted, or within ``after`` days of the end of it; shape ``(days,)``."""
    mask = np.zeros(days, np.bool_)
    for start, end in runs:
        mask[start : end + after] = True
    return mask
