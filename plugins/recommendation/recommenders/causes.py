"""The causes of a score: the largest of its parts."""

from __future__ import annotations

import numpy as np
from numba import njit
from numpy.typing import NDArray

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]


@njit(cache=True, nogil=True)
def note_causes(candidates: Ints, contributed: Floats, causes: Ints, parts: Floats) -> None:
    """Keeps the candidates with the largest positive contributions, largest first; of equal ones, the first.

    Args:
        candidates: (c,) what contributed to a score.
        contributed: (c,) how much each one did.
        causes: (r,) receives the candidates.
        parts: (r,) zeros; receives their contributions.

    >>> causes, parts = np.full(2, -1), np.zeros(2)
    >>> note_causes(np.array([7, 8, 9]), np.array([0.2, -0.1, 0.5]), causes, parts)
    >>> causes.tolist(), parts.tolist()
    ([9, 7], [0.5, 0.2])
    """
    filled = 0
    for k in range(candidates.size):
        if contributed[k] <= 0.0:
            continue
        # Insertion sort into the r positions: causes[:filled] is in order after each candidate.
        position = filled
        while position > 0 and contributed[k] > parts[position - 1]:
            position -= 1
        if position == causes.size:
            continue
        filled = min(filled + 1, causes.size)
        for moved in range(filled - 1, position, -1):
            causes[moved], parts[moved] = causes[moved - 1], parts[moved - 1]
        causes[position], parts[position] = candidates[k], contributed[k]
