"""What most users chose. It is the floor: a recommender that is no better than this is not served."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from plugins.recommendation.recommenders.interactions import Choices
from plugins.recommendation.recommenders.recommender import Ranking, Scores

Ints = NDArray[np.int64]
Singles = NDArray[np.float32]


class Settings(NamedTuple):
    """There are none."""


class Popular:
    """The share of users who chose each of n items.

    Args:
        shares: (n,) 0 to 1.
    """

    source = "popularity"

    def __init__(self, shares: Singles) -> None:
        self.shares = shares
        self.vectors = np.empty((len(shares), 0), np.float32)

    def scores(self, choices: Choices, users: Ints) -> Scores:
        """The same for every user."""
        return Scores(np.tile(self.shares, (len(users), 1)))

    def explain(self, choices: Choices, users: Ints, scores: Scores, ranking: Ranking) -> None:
        """No item of the user is a cause."""

    def similarities(self, items: Ints) -> Singles:
        """(m, n) popular items are like no item."""
        return np.zeros((len(items), len(self.shares)), np.float32)


class Popularity:
    """The learner."""

    name = "Popularity"
    source = Popular.source
    file = "popularity.npz"
    requirements: Sequence[str] = ()

    def candidates(self, choices: Choices, alike: bool) -> Mapping[str, Settings]:
        """One, for users."""
        return {} if alike else {"users": Settings()}

    def fit(
        self,
        choices: Choices,
        settings: Settings,
        *,
        quick: bool = False,
        losses: dict[int, float] | None = None,
        done: Callable[[float], None] = lambda share: None,
    ) -> Popular:
        """Counts the users of each item."""
        done(1.0)
        return Popular((choices.users_by_item / max(choices.users, 1)).astype(np.float32))

    def params(self, settings: Settings) -> Mapping[str, float]:
        """None."""
        return {}

    def arrays(self, model: Popular) -> Mapping[str, NDArray[Any]]:
        """The shares by number of the items."""
        return {"shares": model.shares}

    def restored(self, arrays: Mapping[str, NDArray[Any]]) -> Popular:
        """The model of :meth:`arrays`.

        Raises:
            ValueError: a share is impossible.
        """
        shares = arrays["shares"]
        if shares.ndim != 1 or shares.dtype != np.float32 or not ((shares >= 0) & (shares <= 1)).all():
            raise ValueError("a share is not between 0 and 1")
        return Popular(shares)

    def smallest(self) -> Popular:
        """A model of two items."""
        return Popular(np.ones(2, np.float32))
