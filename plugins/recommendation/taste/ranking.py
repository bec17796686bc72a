"""The best of many items: ties broken alike in every order of rows, sameness held down where asked for.

Maximal marginal relevance is that of Carbonell & Goldstein (1998), SIGIR, with λ = 1 − diversity.
"""

from __future__ import annotations

import numpy as np
from numba import njit
from numpy.typing import NDArray

from plugins.recommendation.taste.tfidf import Index, cosine

Floats = NDArray[np.float64]
Singles = NDArray[np.float32]
Ints = NDArray[np.int64]
Bools = NDArray[np.bool_]

POOL = 5
"""Diversity chooses among so many times the items that are wanted, and among 50 at least."""


@njit(cache=True, nogil=True)
def _before(one: int, other: int, scores: Floats | Singles, popularity: Ints) -> bool:
    """Whether an item ranks before another: by score, then by the users who chose it, then by place."""
    if scores[one] != scores[other]:
        return bool(scores[one] > scores[other])
    if popularity[one] != popularity[other]:
        return bool(popularity[one] > popularity[other])
    return one < other


@njit(cache=True, nogil=True)
def best(scores: Floats | Singles, popularity: Ints, left_out: Bools, count: int) -> Ints:
    """The items that rank first, in order.

    Args:
        scores: (n,) finite.
        popularity: (n,) decides between equal scores, and the lower place between equally popular ones.
        left_out: (n,) items that must not be among them.
        count: how many; fewer if there are not so many.
    """
    found = np.empty(count, np.int64)
    there = 0
    for item in range(scores.size):
        if left_out[item]:
            continue
        if there == count:
            if not _before(item, found[there - 1], scores, popularity):
                continue
            there -= 1
        low, high = 0, there
        while low < high:
            middle = (low + high) // 2
            if _before(found[middle], item, scores, popularity):
                low = middle + 1
            else:
                high = middle
        for place in range(there, low, -1):
            found[place] = found[place - 1]
        found[low] = item
        there += 1
    return found[:there]


@njit(cache=True, nogil=True)
def _alike(one: int, other: int, index: Index, unit: Singles) -> float:
    """How alike two items are, from 0 to 1: by their texts, or, where no text has words, by their factors."""
    if index.hashes.size:
        return cosine(index, one, other)
    total = 0.0
    for a in range(unit.shape[1]):
        total += unit[one, a] * unit[other, a]
    return max(total, 0.0)


@njit(cache=True, nogil=True)
def diverse(
    pool: Ints, scores: Floats | Singles, diversity: float, index: Index, unit: Singles, count: int
) -> Ints:
    """The items of a pool that are relevant and unlike each other, in the order they were taken.

    Args:
        pool: items, the best first.
        scores: (n,) their relevance; it counts in relation to the best's.
        diversity: 0 to 1, what being unlike those before counts; relevance counts the rest.
        index: the texts.
        unit: (n, f) factors of length 1, for a catalogue without words.
        count: how many.
    """
    scale = max(float(scores[pool[0]]), 0.0) if pool.size else 0.0
    taken = np.empty(min(count, pool.size), np.int64)
    nearest, used = np.zeros(pool.size), np.zeros(pool.size, np.bool_)
    for turn in range(taken.size):
        chosen, highest = -1, -np.inf
        for k in range(pool.size):
            if used[k]:
                continue
            relevance = scores[pool[k]] / scale if scale > 0 else 0.0
            marginal = (1.0 - diversity) * relevance - diversity * nearest[k]
            if marginal > highest:
                chosen, highest = k, marginal
        used[chosen] = True
        taken[turn] = pool[chosen]
        for k in range(pool.size):
            if not used[k]:
                nearest[k] = max(nearest[k], _alike(pool[chosen], pool[k], index, unit))
    return taken


@njit(cache=True, nogil=True)
def ranked(
    scores: Floats | Singles,
    popularity: Ints,
    left_out: Bools,
    count: int,
    diversity: float,
    index: Index,
    unit: Singles,
) -> Ints:
    """The best items, or with a diversity above 0 those of the best that are unlike each other."""
    if diversity <= 0.0:
        return best(scores, popularity, left_out, count)
    pool = best(scores, popularity, left_out, max(POOL * count, 50))
    return diverse(pool, scores, diversity, index, unit, count)
