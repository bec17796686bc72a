"""Items that share users: cosines with TF-IDF weights, and the nearest neighbours of each item (Deshpande &
Karypis 2004, ACM TOIS 22).

A user who chose few items tells more about their likeness than one who chose many: the weight of user u
is ln(n / (1 + items of u)), as the idf of a word is.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any, NamedTuple

import numpy as np
from numba import njit
from numpy.typing import NDArray

from plugins.recommendation.recommenders.interactions import Choices
from plugins.recommendation.recommenders.linear.weights import ItemWeights, by_source, restored, strongest

Floats = NDArray[np.float64]
Singles = NDArray[np.float32]
Ints = NDArray[np.int64]
Numbers = NDArray[np.int32]

NEIGHBOURS = 50


class Settings(NamedTuple):
    """How many neighbours an item has."""

    neighbours: int


class ItemKnn:
    """The learner."""

    name = "ItemKNN"
    source = "item-knn"
    file = "neighbours.npz"
    requirements: Sequence[str] = ("scipy",)

    def candidates(self, choices: Choices, alike: bool) -> Mapping[str, Settings]:
        """One number of neighbours."""
        return {f"neighbours_{NEIGHBOURS}": Settings(NEIGHBOURS)}

    def fit(
        self,
        choices: Choices,
        settings: Settings,
        *,
        quick: bool = False,
        losses: dict[int, float] | None = None,
        done: Callable[[float], None] = lambda share: None,
    ) -> ItemWeights:
        """Counts the users that items share."""
        liked = choices.weights > 0
        users = np.repeat(np.arange(choices.users), np.diff(choices.start))[liked]
        items = choices.items[liked]
        sizes = np.bincount(users, minlength=choices.users)
        rarity = np.maximum(np.log(len(choices.users_by_item) / (1.0 + sizes)), 0.0)
        by_item = np.argsort(items, kind="stable")
        holders = users[by_item]
        ends = np.cumsum(np.bincount(items, minlength=len(choices.users_by_item)))
        mine = np.r_[0, np.cumsum(sizes)]
        sources, weights = _neighbours(items, mine, holders, ends, rarity, settings.neighbours)
        done(1.0)
        return by_source(sources, weights, self.source)

    def params(self, settings: Settings) -> Mapping[str, float]:
        """The number of neighbours."""
        return settings._asdict()

    def arrays(self, model: ItemWeights) -> Mapping[str, NDArray[Any]]:
        """The weights by number of the items."""
        return model.arrays()

    def restored(self, arrays: Mapping[str, NDArray[Any]]) -> ItemWeights:
        """The model of :meth:`arrays`."""
        return restored(arrays, self.source)

    def smallest(self) -> ItemWeights:
        """A model of two items."""
        items, mine, ends = np.array([0, 1]), np.array([0, 2]), np.array([1, 2])
        return by_source(*_neighbours(items, mine, np.zeros(2, np.int64), ends, np.ones(1), 1), self.source)


@njit(cache=True, nogil=True)
def _neighbours(
    items: Ints, mine: Ints, holders: Ints, ends: Ints, rarity: Floats, kept: int
) -> tuple[Numbers, Singles]:
    """(n, k) the neighbours of each item, and their cosines.

    Args:
        items: the items of each user.
        mine: (m + 1,) where the items of each user start.
        holders: the users of each item.
        ends: (n,) where the users of each item end.
        rarity: (m,) weight of each user.
        kept: k.
    """
    n = ends.size
    lengths = np.zeros(n)
    for i in range(n):
        for holder in range(ends[i - 1] if i else 0, ends[i]):
            lengths[i] += rarity[holders[holder]] ** 2
    lengths = np.sqrt(lengths)
    sources, weights = np.full((n, kept), -1, np.int32), np.zeros((n, kept), np.float32)
    together = np.zeros(n, np.float32)
    for i in range(n):
        if lengths[i] == 0.0:
            continue
        together[:] = 0.0
        for holder in range(ends[i - 1] if i else 0, ends[i]):
            user = holders[holder]
            square = np.float32(rarity[user] ** 2)
            for k in range(mine[user], mine[user + 1]):
                together[items[k]] += square
        together[i] = 0.0
        for j in range(n):
            if together[j] != 0.0:
                together[j] /= np.float32(lengths[i] * lengths[j])
        chosen = strongest(together, kept)
        sources[i, : chosen.size] = chosen
        weights[i, : chosen.size] = together[chosen]
    return sources, weights
