"""What users chose, as a sparse matrix: rows of a user and an item add up, weighted by rating and age.

A rating in the lower half of the scale says that the user did not like the item. Such a pair has no
weight: the item counts as seen, and as a reason against similar items.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]
Bools = NDArray[np.bool_]

BEST_RATING = 5.0
HALF_OF_SCALE = 2.5
"""A pair whose ratings have a mean of at most this is disliked."""
ENOUGH_RATINGS = 10
"""Rated pairs from which a user's own mean is known well enough to compare the user's ratings with it."""
_MOST_RELATIVE = 1.0
"""A rating counts as at most this many points above or below the user's mean: half to twice its weight."""


class Choices(NamedTuple):
    """The pairs of m users and n items with an interaction, by user, then by item.

    Attributes:
        start: (m + 1,) where the pairs of each user start.
        items: (p,) the item of each pair, ascending within a user.
        weights: (p,) the weight of each pair in training, 0 or more: log2(1 + w), where w is the sum over its
            rows of rating / 5 (1 without a rating), halved for each half-life of age; 0 if it is disliked.
        ratings: (p,) the same sum of the ratings themselves, without the logarithm; 0 if it is disliked.
        disliked: (p,) whether the user rated the item in the lower half of the scale.
        age: (p,) days from the first row of each pair to the latest row of all; zeros without times.
        users_by_item: (n,) how many users chose each item and do not dislike it.
        rows: how many rows the pairs were summed from.
    """

    start: Ints
    items: Ints
    weights: Floats
    ratings: Floats
    disliked: Bools
    age: Floats
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

    >>> user, item, age = np.zeros(4, int), np.array([2, 2, 4, 7]), np.zeros(4)
    >>> pairs = gather(user, item, np.array([5.0, np.nan, 5.0, 1.0]), age, users=1, items=8, half_life=None)
    >>> pairs.items.tolist(), pairs.weights.round(3).tolist(), pairs.ratings.tolist()
    ([2, 4, 7], [1.585, 1.0, 0.0], [6.0, 5.0, 0.0])
    """
    if not len(user):
        return Choices(
            start=np.zeros(users + 1, np.int64),
            items=np.zeros(0, np.int64),
            weights=np.zeros(0),
            ratings=np.zeros(0),
            disliked=np.zeros(0, np.bool_),
            age=np.zeros(0),
            users_by_item=np.zeros(items, np.int64),
            rows=0,
        )
    decay = np.ones(len(user)) if half_life is None else np.exp2(-age / half_life)
    rated = ~np.isnan(rating)
    worth = np.where(rated, rating, 1.0) * decay
    weight = np.where(rated, rating / BEST_RATING * _relative(user, rating), 1.0) * decay
    pair = (user << 32) | item
    first = np.flatnonzero(np.r_[True, pair[1:] != pair[:-1]])
    chosen, by_user = item[first], user[first]
    disliked = _disliked(rating, first)
    return Choices(
        start=np.r_[0, np.cumsum(np.bincount(by_user, minlength=users))].astype(np.int64),
        items=chosen,
        # ln(1 + w), divided by ln 2 so that a single choice keeps the weight 1: repeated rows saturate.
        weights=np.where(disliked, 0.0, np.log2(1.0 + np.add.reduceat(weight, first))),
        ratings=np.where(disliked, 0.0, np.add.reduceat(worth, first)),
        disliked=disliked,
        age=np.maximum.reduceat(age, first),
        users_by_item=np.bincount(chosen[~disliked], minlength=items).astype(np.int64),
        rows=len(user),
    )


def _disliked(rating: Floats, first: Ints) -> Bools:
    """(p,) whether the mean of a pair's ratings lies in the lower half of the scale."""
    rated = ~np.isnan(rating)
    count = np.add.reduceat(rated.astype(np.float64), first)
    total = np.add.reduceat(np.where(rated, rating, 0.0), first)
    return np.asarray((count > 0) & (total <= HALF_OF_SCALE * count))


def _relative(user: Ints, rating: Floats) -> Floats:
    """(r,) factor of each row's weight: 2 to the power of the rating minus the user's own mean.

    It is 1 for users with fewer than :data:`ENOUGH_RATINGS` ratings, and lies between a half and 2.

    >>> ratings = np.array([5.0] * 9 + [3.0])
    >>> _relative(np.zeros(10, int), ratings).round(2).tolist()[-2:]
    [1.15, 0.5]
    """
    rated = ~np.isnan(rating)
    count = np.bincount(user[rated], minlength=int(user.max()) + 1)
    total = np.bincount(user[rated], rating[rated], minlength=len(count))
    mean = total / np.maximum(count, 1)
    above = np.clip(rating - mean[user], -_MOST_RELATIVE, _MOST_RELATIVE)
    return np.asarray(np.where(rated & (count[user] >= ENOUGH_RATINGS), np.exp2(above), 1.0))
