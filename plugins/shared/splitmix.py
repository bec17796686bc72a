"""SplitMix64 (Steele, Lea & Flood 2014, doi:10.1145/2714064.2660195): random numbers from a count.

The generator adds a constant to a 64-bit state and mixes the bits of the sum. The mixing alone turns a digest
into another one in which no pattern of the first is left.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numba import njit
from numpy.typing import NDArray

Words = NDArray[np.uint64]

GOLDEN = np.uint64(0x9E3779B97F4A7C15)
"""2⁶⁴ over the golden ratio, odd: the step of the state (figure 17 of the paper, ``GOLDEN_GAMMA``)."""


def mixed(words: Words) -> Words:
    """Each 64-bit word with its bits mixed, any shape (figure 17 of the paper, ``mix64``, variant 13).

    >>> hex(mixed(np.array([GOLDEN]))[0])
    '0xe220a8397b1dcdaf'
    """
    words = (words ^ (words >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
    words = (words ^ (words >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
    return words ^ (words >> np.uint64(31))


_mixed: Any = njit(cache=True, nogil=True)(mixed)


@njit(cache=True, nogil=True)
def below(state: Words, limit: int) -> Any:
    """The next random whole number from 0 to ``limit − 1``.

    Args:
        state: ``(1,)`` the generator's state; moved on in place.
        limit: far below 2³², so that the multiplication favours no number noticeably.

    >>> state = np.array([42], np.uint64)
    >>> [below(state, 6) for _ in range(8)]
    [4, 0, 1, 2, 0, 5, 1, 4]
    """
    state[0] += GOLDEN
    high = _mixed(state[0]) >> np.uint64(32)
    return np.int64((high * np.uint64(limit)) >> np.uint64(32))
