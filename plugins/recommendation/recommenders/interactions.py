"""What users chose, as a sparse matrix: rows of a user and an item add up, weighted by rating and age."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]

BEST_RATING = 5.0


class Choices(NamedTuple):
    """The pairs of m users and n items with an interaction, by user, then by item.

    Attributes:
        start: (m + 1,) where the pairs of each user start.
        items: (p,) the item of each pair, ascending within a user.
        weights: (p,) the weight of each pair in training, 0 or more: the sum over its rows of rating / 5 (1
        without
            a rating), halved for each half-life of age.
        ratings: (p,) the same sum of the ratings themselves.
        users_by_item: (n,) how many users chose each item.
        rows: how many rows the pairs were summed from.
    """

    start: Ints
    items: Ints
    weights: Floats
    ratings: Floats
    users_by_item: Ints
    rows: int

    @property
    def users(self) -> int:
        """Number of users."""
        return len(self.start) - 1

    @property
    def chosen_items(self) -> int:
        """Number of items that at least one user chose."""
        return int(np.count_nonzero(self.users_by_item))

    def of(self, user: int) -> slice:
        """The pairs of a user."""
        return slice(int(self.start[user]), int(self.start[user + 1]))


def canonical(user: Ints, item: Ints, rating: Floats, age: Floats) -> Ints:
    """An order of the rows that does not depend on how they were sent: by user, item, rating and age.

    Args:
        user, item: (r,) numbers from 0 to 2³¹ − 1.
        rating: (r,) NaN for a row without a rating.
        age: (r,) in days.

    >>> canonical(np.array([1, 0]), np.array([0, 5]), np.array([4.0, 4.0]), np.zeros(2)).tolist()
    [1, 0]
    """
    pair = (user << 32) | item
    order = np.argsort(pair)
    ordered = pair[order]
    if (ordered[1:] == ordered[:-1]).any():
        order = np.lexsort((age, rating, pair))
    return order


def gather(
    user: Ints, item: Ints, rating: Floats, age: Floats, *, users: int, items: int, half_life: float | None
) -> Choices:
    """Sums the rows of each pair.

    Args:
        user, item, rating, age: (r,) rows in the order of :func:`canonical`.
        users, items: how many there are of each.
        half_life: days in which the weight of a row halves; None if age does not count.

    >>> user, item, age = np.zeros(3, int), np.array([2, 2, 4]), np.zeros(3)
    >>> pairs = gather(user, item, np.array([5.0, np.nan, 3.0]), age, users=1, items=5, half_life=None)
    >>> pairs.items.tolist(), pairs.weights.tolist(), pairs.ratings.tolist()
    ([2, 4], [2.0, 0.6], [6.0, 3.0])
    """
    worth = np.where(np.isnan(rating), 1.0, rating)
    weight = np.where(np.isnan(rating), 1.0, rating / BEST_RATING)
    if half_life is not None:
        decay = np.exp2(-age / half_life)
        worth, weight = worth * decay, weight * decay
    if not len(user):
        return Choices(
            start=np.zeros(users + 1, np.int64),
            items=np.zeros(0, np.int64),
            weights=np.zeros(0),
            ratings=np.zeros(0),
            users_by_item=np.zeros(items, np.int64),
            rows=0,
        )
    pair = (user << 32) | item
    first = np.flatnonzero(np.r_[True, pair[1:] != pair[:-1]])
    chosen = item[first]
    counts = np.bincount(user[first], minlength=users)
    return Choices(
        start=np.r_[0, np.cumsum(counts)].astype(np.int64),
        items=chosen,
        weights=np.add.reduceat(weight, first),
        ratings=np.add.reduceat(worth, first),
        users_by_item=np.bincount(chosen, minlength=items).astype(np.int64),
        rows=len(user),
    )
