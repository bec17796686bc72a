"""Scores that are sums over the user's items: each item of the user adds its weight for every other item.

Explanations are exact: what an item adds is its part of the score.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
import scipy.sparse as sp
from numba import njit
from numpy.typing import NDArray

from plugins.recommendation.recommenders.causes import note_causes
from plugins.recommendation.recommenders.interactions import Choices
from plugins.recommendation.recommenders.recommender import Ranking, Scores

Floats = NDArray[np.float64]
Singles = NDArray[np.float32]
Ints = NDArray[np.int64]
Numbers = NDArray[np.int32]

MOST = 1.0
"""A user's item counts at most this much, however often it was chosen. On online_retail that ranks better
than the logarithm of the purchases."""


class ItemWeights:
    """The weights of n items for each other.

    Args:
        start, targets, weights: item j adds ``weights[start[j]:start[j + 1]]`` to the scores of the items
            ``targets[start[j]:start[j + 1]]``, which ascend.
        source: of the rows in answers.
    """

    def __init__(self, start: Ints, targets: Numbers, weights: Singles, source: str) -> None:
        self.start, self.targets, self.weights, self.source = start, targets, weights, source
        self.vectors = np.empty((len(start) - 1, 0), np.float32)

    def scores(self, choices: Choices, users: Ints) -> Scores:
        """Sums of the weights of the items of users (m,), each times the weight of the choice, at most 1."""
        return Scores(_scores(users, choices, self.start, self.targets, self.weights))

    def explain(self, choices: Choices, users: Ints, scores: Scores, ranking: Ranking) -> None:
        """Fills in what each of the user's items adds to a score."""
        _explain(users, choices, self.start, self.targets, self.weights, ranking)

    def similarities(self, items: Ints) -> Singles:
        """(m, n) weights of items (m,) for every item, divided by the item's largest; 1 for itself."""
        alike = np.zeros((len(items), len(self.start) - 1), np.float32)
        for row, item in zip(alike, items.tolist(), strict=True):
            span = slice(self.start[item], self.start[item + 1])
            if self.weights[span].size:
                row[self.targets[span]] = self.weights[span] / max(float(self.weights[span].max()), 1e-12)
            row[item] = 1.0
        return np.clip(alike, -1.0, 1.0)

    def arrays(self) -> Mapping[str, NDArray[Any]]:
        """What is stored: numbers of items and their weights."""
        return {"start": self.start, "targets": self.targets, "weights": self.weights}


def restored(arrays: Mapping[str, NDArray[Any]], source: str) -> ItemWeights:
    """The model of :meth:`ItemWeights.arrays`.

    Raises:
        ValueError: shapes, types or values are impossible.
    """
    start, targets, weights = arrays["start"], arrays["targets"], arrays["weights"]
    kinds = [array.dtype.name for array in (start, targets, weights)]
    if kinds != ["int64", "int32", "float32"] or not start.ndim == targets.ndim == weights.ndim == 1:
        raise ValueError("an array is of another kind")
    n = len(start) - 1
    ends_fit = n >= 1 and start[0] == 0 and start[-1] == len(targets) == len(weights)
    if not ends_fit or (np.diff(start) < 0).any():
        raise ValueError("the arrays do not fit together")
    if len(targets) and not 0 <= targets.min() <= targets.max() < n:
        raise ValueError("a number is of no item")
    if not np.isfinite(weights).all():
        raise ValueError("a figure is not finite")
    return ItemWeights(start, targets, weights, source)


def by_source(sources: Numbers, weights: Singles, source: str) -> ItemWeights:
    """Weights that were found by target.

    Args:
        sources: (n, k) the items that add to each item; -1 for none.
        weights: (n, k) what they add.
        source: of the rows in answers.
    """
    n = len(sources)
    used = sources >= 0
    targets = np.repeat(np.arange(n, dtype=np.int32), used.sum(axis=1))
    matrix = sp.csr_matrix((weights[used], (sources[used], targets)), (n, n))
    matrix.sort_indices()
    return ItemWeights(
        matrix.indptr.astype(np.int64),
        matrix.indices.astype(np.int32),
        matrix.data.astype(np.float32),
        source,
    )


@njit(cache=True, nogil=True)
def _scores(users: Ints, choices: Choices, start: Ints, targets: Numbers, weights: Singles) -> Singles:
    scores = np.zeros((users.size, start.size - 1), np.float32)
    for u in range(users.size):
        for pair in range(choices.start[users[u]], choices.start[users[u] + 1]):
            strength, item = choices.weights[pair], choices.items[pair]
            if strength > 0.0:
                factor = np.float32(min(strength, MOST))
                for k in range(start[item], start[item + 1]):
                    scores[u, targets[k]] += factor * weights[k]
    return scores


@njit(cache=True, nogil=True)
def _explain(
    users: Ints, choices: Choices, start: Ints, targets: Numbers, weights: Singles, out: Ranking
) -> None:
    for u in range(users.size):
        span = slice(choices.start[users[u]], choices.start[users[u] + 1])
        own, strengths = choices.items[span], choices.weights[span]
        added = np.empty(own.size)
        for k in range(out.items.shape[1]):
            if out.scores[u, k] > 0.0:
                for j in range(own.size):
                    row = targets[start[own[j]] : start[own[j] + 1]]
                    at = np.searchsorted(row, out.items[u, k])
                    found = at < row.size and row[at] == out.items[u, k]
                    added[j] = min(strengths[j], MOST) * weights[start[own[j]] + at] if found else 0.0
                note_causes(own, added, out.causes[u, k], out.parts[u, k])


@njit(cache=True, nogil=True)
def gram(choices: Choices, number: Ints, count: int, rows: Singles) -> Singles:
    """(count, count) how many users chose two items, each user by a weight.

    Args:
        choices: those of all users.
        number: (n,) the number of each item in the result; -1 to leave it out.
        count: how many items are in it.
        rows: (m,) weight of each user.
    """
    result = np.zeros((count, count), np.float32)
    own = np.empty(count, np.int64)
    for user in range(rows.size):
        size = 0
        for pair in range(choices.start[user], choices.start[user + 1]):
            item = number[choices.items[pair]]
            if choices.weights[pair] > 0.0 and item >= 0:
                own[size] = item
                size += 1
        for a in range(size):
            row = result[own[a]]
            for b in range(size):
                row[own[b]] += rows[user]
    return result


@njit(cache=True, nogil=True)
def strongest(values: Singles, count: int) -> Ints:
    """The numbers of the values with the largest magnitudes, ascending; zeros are left out."""
    least = np.float32(0.0)
    if values.size > count:
        least = np.partition(np.abs(values), values.size - count)[values.size - count]
    kept = np.empty(count, np.int64)
    size = 0
    for k in range(values.size):
        if values[k] != 0.0 and abs(values[k]) >= least and size < count:
            kept[size] = k
            size += 1
    return kept[:size]


def row_weights(choices: Choices) -> Singles:
    """(m,) how much each user counts: users with far more items than others count less.

    A user adds to the product of every two of their items. Beyond ``most`` items the weight falls with their
    square, so nobody adds more than a diligent user does, whatever a crawler or a reseller clicks.
    """
    sizes = np.diff(choices.start)
    typical = float(np.quantile(sizes[sizes > 0], 0.99)) if (sizes > 0).any() else 1.0
    most = max(typical, 50.0)
    return np.minimum(1.0, (most / np.maximum(sizes, 1)) ** 2).astype(np.float32)
