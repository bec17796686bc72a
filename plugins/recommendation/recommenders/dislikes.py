"""Lowers the scores of items that are like those a user rated in the lower half of the scale.

The same recommender says how well an item would fit the disliked ones. Its answer counts against the
item, by the share of the user's items that are disliked. A recommender therefore learns nothing from
dislikes, and its explanations name only what the user chose.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from plugins.recommendation.recommenders.interactions import Choices
from plugins.recommendation.recommenders.recommender import Recommender

Ints = NDArray[np.int64]

CLOSE = 0.5
"""An item is left out if it fits the disliked items better than the chosen ones, and at least this share as
well as the item that fits them best."""


def lowered(model: Recommender, choices: Choices, users: Ints, scores: Any) -> Any:
    """(m, n) the scores of users (m,), lowered; −∞ for an item that must not be recommended.

    Args:
        model: gave the scores.
        choices: those of all users.
        users: (m,) their numbers.
        scores: (m, n) of the users' choices.
    """
    number_of_pairs = np.diff(choices.start)[users]
    disliked = [
        choices.items[choices.of(user)][choices.disliked[choices.of(user)]] for user in users.tolist()
    ]
    sizes = np.array([len(items) for items in disliked], np.int64)
    rows = np.flatnonzero(sizes)
    if not len(rows):
        return scores
    alike = model.scores(_as_chosen([disliked[row] for row in rows], choices), np.arange(len(rows))).values
    scores = np.array(scores)
    for row, against in zip(rows.tolist(), alike, strict=True):
        against = np.maximum(against, 0.0)
        scores[row] -= against * (sizes[row] / number_of_pairs[row])
        fitting = against.copy()
        fitting[choices.items[choices.of(users[row])]] = 0.0  # the user's own items fit themselves best
        scores[row][(scores[row] < 0) & (fitting > 0) & (fitting >= CLOSE * fitting.max())] = -np.inf
    return scores


def _as_chosen(items: list[Ints], choices: Choices) -> Choices:
    """Users who chose what others dislike."""
    joined = np.concatenate(items)
    return Choices(
        start=np.r_[0, np.cumsum([len(each) for each in items])].astype(np.int64),
        items=joined,
        weights=np.ones(len(joined)),
        ratings=np.ones(len(joined)),
        disliked=np.zeros(len(joined), np.bool_),
        age=np.zeros(len(joined)),
        users_by_item=choices.users_by_item,
        rows=len(joined),
    )
