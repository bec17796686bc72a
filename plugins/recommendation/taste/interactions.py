"""What users chose, as a matrix: rows of one pair summed, weighed by rating and age."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]

BEST_RATING = 5.0


class Choices(NamedTuple):
    """The pairs of m users and n items that there are, by user, then by item.

    Attributes:
        start: (m + 1,) where each user's pairs begin.
        items: (p,) the item of each pair, ascending within a user.
        weights: (p,) what the pair weighs in training: each row counts its rating / 5, or 1 without a rating,
            halved with every half-life of its age; 0 or more.
        ratings: (p,) the same with the rating itself for the rating / 5.
        users_by_item: (n,) how many users chose each item.
        rows: how many rows there were before summing.
    """

    start: Ints
    items: Ints
    weights: Floats
    ratings: Floats
    users_by_item: Ints
    rows: int

    @property
    def users(self) -> int:
        """How many users there are."""
        return len(self.start) - 1

    @property
    def chosen_items(self) -> int:
        """How many items somebody chose."""
        return int(np.count_nonzero(self.users_by_item))

    def of(self, user: int) -> slice:
        """Where a user's pairs are."""
        return slice(int(self.start[user]), int(self.start[user + 1]))


def canonical(user: Ints, item: Ints, rating: Floats, age: Floats) -> Ints:
    """The order of rows that does not depend on the order they came in: by user, item, rating and age.

    Args:
        user, item: (r,) codes, 0 or more, below 2³¹.
        rating: (r,) NaN for a row without one.
        age: (r,) in days.
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
        user, item, rating, age: (r,) rows in canonical order (:func:`canonical`).
        users, items: how many there are of each.
        half_life: days in which a row's weight halves; None: it does not.
    """
    worth = np.where(np.isnan(rating), 1.0, rating)
    weight = np.where(np.isnan(rating), 1.0, rating / BEST_RATING)
    if half_life is not None:
        kept = np.exp2(-age / half_life)
        worth, weight = worth * kept, weight * kept
    if not len(user):
        nothing = np.zeros(0)
        return Choices(
            np.zeros(users + 1, np.int64),
            np.zeros(0, np.int64),
            nothing,
            nothing,
            np.zeros(items, np.int64),
            0,
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
