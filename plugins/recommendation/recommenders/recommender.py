"""What a recommender is. A new one is a file here that implements these protocols, and a line in
``roster.py``.

A recommender knows items and users by number only. It scores all items for a user, explains a score by the
user's own items, and says how alike two items are.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any, NamedTuple, Protocol

import numpy as np
from numpy.typing import NDArray

from plugins.recommendation.recommenders.interactions import Choices

Floats = NDArray[np.float64]
Singles = NDArray[np.float32]
Ints = NDArray[np.int64]


class Ranking(NamedTuple):
    """The items of m users, at most k for each, and at most r causes for each item.

    Attributes:
        items: (m, k) best first; -1 after the last one.
        scores: (m, k) the scores that the items are ranked by.
        causes: (m, k, r) the user's own items that contribute to the score, largest part first; -1 after the
            last one.
        parts: (m, k, r) what each cause contributes. All parts of a score add up to it.
        words: (m, k, r) the words that contribute to the score, where texts decide it; -1 elsewhere.
        word_parts: (m, k, r) what each word contributes.
    """

    items: Ints
    scores: Floats
    causes: Ints
    parts: Floats
    words: Ints
    word_parts: Floats


class Scores(NamedTuple):
    """Scores of all items for some users.

    Attributes:
        values: (m, n) float32 or float64; higher is better.
        state: whatever the recommender needs to explain these scores.
    """

    values: Any
    state: Any = None


class Recommender(Protocol):
    """A recommender that is ready to score the n items of a catalogue."""

    @property
    def source(self) -> str:
        """The ``source`` of its rows in answers."""
        ...

    @property
    def vectors(self) -> Singles:
        """(n, f) item vectors of length 1, whose products say how alike two items are; f may be 0."""
        ...

    def scores(self, choices: Choices, users: Ints) -> Scores:
        """Scores of all items for users (m,); each user's scores depend on that user's choices only."""
        ...

    def explain(self, choices: Choices, users: Ints, scores: Scores, ranking: Ranking) -> None:
        """Fills in the causes and parts of a ranking of these users, in place."""
        ...

    def similarities(self, items: Ints) -> Any:
        """(m, n) how alike each of these items is to every item, -1 to 1."""
        ...


class Learner(Protocol):
    """A recommender that learns from what all users chose.

    Its settings are a named tuple of numbers that only the learner itself reads.
    """

    name: str
    """As ``model_info.algorithm`` prints it."""
    source: str
    """The ``source`` of its rows in answers."""
    file: str
    """File name of the stored arrays. No other learner may use it: it says which learner stored a model."""
    requirements: Sequence[str]
    """Distributions that it imports, in addition to NumPy and Numba."""

    def candidates(self, choices: Choices, alike: bool) -> Mapping[str, Any]:
        """The settings to try, by name, the usual one in the middle.

        Args:
            choices: at least one of them has a weight.
            alike: whether the recommender is for finding similar items, instead of items for users.
        """
        ...

    def fit(
        self,
        choices: Choices,
        settings: Any,
        *,
        quick: bool = False,
        losses: dict[int, float] | None = None,
        done: Callable[[float], None] = lambda share: None,
    ) -> Recommender:
        """Learns from choices.

        Args:
            choices: at least one of them has a weight.
            settings: one of the candidates.
            quick: whether a rougher model will do, to compare settings.
            losses: receives the loss after some rounds, by round, if the learner works in rounds.
            done: told the finished share of the work.
        """
        ...

    def params(self, settings: Any) -> Mapping[str, float]:
        """All settings by name, for the reviewer."""
        ...

    def arrays(self, model: Any) -> Mapping[str, NDArray[Any]]:
        """What is stored of a model: arrays without ids and texts."""
        ...

    def restored(self, arrays: Mapping[str, NDArray[Any]]) -> Recommender:
        """The model of stored arrays.

        Raises:
            ValueError: the arrays do not form a model.
        """
        ...

    def smallest(self) -> Recommender:
        """A model of two items, for compiling before the first request."""
        ...
