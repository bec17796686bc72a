"""The best of many items, in an order that does not depend on the order of the rows; and diverse lists.

Diverse lists are those of maximal marginal relevance (Carbonell & Goldstein 1998, SIGIR) with λ = 1 −
diversity.
"""

from __future__ import annotations

import numpy as np
from numba import njit
from numpy.typing import NDArray

from plugins.recommendation.recommenders.tfidf import Index, cosine

Floats = NDArray[np.float64]
Singles = NDArray[np.float32]
Ints = NDArray[np.int64]
Bools = NDArray[np.bool_]

POOL = 5
"""A diverse list is chosen from this many times its length of the best items, and from at least 50."""


@njit(cache=True, nogil=True)
def _before(first: int, second: int, scores: Floats | Singles, popularity: Ints) -> bool:
    """Whether an item ranks before another: by score, then by how many users chose it, then by number."""
    if scores[first] != scores[second]:
        return bool(scores[first] > scores[second])
    if popularity[first] != popularity[second]:
        return bool(popularity[first] > popularity[second])
    return first < second


@njit(cache=True, nogil=True)
def best(scores: Floats | Singles, popularity: Ints, left_out: Bools, count: int) -> Ints:
    """The items that rank first, in order.

    Args:
        scores: (n,) finite, or −∞ for an item that must not be in the list.
        popularity: (n,) how many users chose each item; decides between equal scores.
        left_out: (n,) items that must not be in the list.
        count: length of the list; it is shorter if there are fewer items.

    >>> best(np.array([0.1, 0.9, 0.5]), np.array([0, 0, 0]), np.array([False, True, False]), 2).tolist()
    [2, 0]
    """
    kept = np.empty(count, np.int64)
    size = 0
    for item in range(scores.size):
        if left_out[item] or scores[item] == -np.inf:
            continue
        if size == count:
            if not _before(item, kept[size - 1], scores, popularity):
                continue  # most items: not better than the last one of a full list
            size -= 1
        # Insertion by binary search; kept[:size] is in order.
        low, high = 0, size
        while low < high:
            middle = (low + high) // 2
            if _before(kept[middle], item, scores, popularity):
                low = middle + 1
            else:
                high = middle
        for moved in range(size, low, -1):
            kept[moved] = kept[moved - 1]
        kept[low] = item
        size += 1
    return kept[:size]


@njit(cache=True, nogil=True)
def _alike(first: int, second: int, index: Index, vectors: Singles) -> float:
    """How alike two items are, from 0 to 1: by their texts, or by their vectors if no text has words."""
    if index.hashes.size:
        return cosine(index, first, second)
    total = 0.0
    for a in range(vectors.shape[1]):
        total += vectors[first, a] * vectors[second, a]
    return max(total, 0.0)


@njit(cache=True, nogil=True)
def diverse(
    pool: Ints, scores: Floats | Singles, diversity: float, index: Index, vectors: Singles, count: int
) -> Ints:
    """The items of a pool that are relevant and unlike each other, in the order in which they are taken.

    Args:
        pool: items, best first.
        scores: (n,) relevance of all items; it is divided by that of the best item.
        diversity: 0 to 1, the weight of being unlike the items taken before; relevance has the rest.
        index: the texts.
        vectors: (n, f) item vectors of length 1, for a catalogue without words.
        count: how many items to take.
    """
    scale = max(float(scores[pool[0]]), 0.0) if pool.size else 0.0
    taken = np.empty(min(count, pool.size), np.int64)
    nearest, used = np.zeros(pool.size), np.zeros(pool.size, np.bool_)
    for turn in range(taken.size):
        # Equation 1 of the paper: (1 − d)·relevance − d·(similarity to the most similar item taken before).
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
                nearest[k] = max(nearest[k], _alike(pool[chosen], pool[k], index, vectors))
    return taken


@njit(cache=True, nogil=True)
def ranked(
    scores: Floats | Singles,
    popularity: Ints,
    left_out: Bools,
    count: int,
    diversity: float,
    index: Index,
    vectors: Singles,
) -> Ints:
    """The best items, or a diverse list of them if diversity is above 0."""
    if diversity <= 0.0:
        return best(scores, popularity, left_out, count)
    pool = best(scores, popularity, left_out, max(POOL * count, 50))
    return diverse(pool, scores, diversity, index, vectors, count)
