"""Ranked lists for many users, from the scores of any recommender.

Users are ranked independently of each other, so how many are ranked at a time changes no answer.
"""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor, as_completed
from typing import Any, NamedTuple

import numpy as np
from numba import njit
from numpy.typing import NDArray

from plugins.recommendation.recommenders.dislikes import lowered
from plugins.recommendation.recommenders.interactions import Choices
from plugins.recommendation.recommenders.ranking import best, ranked
from plugins.recommendation.recommenders.recommender import Ranking, Recommender
from plugins.recommendation.recommenders.tfidf import Index

Ints = NDArray[np.int64]
Singles = NDArray[np.float32]

THREADS = 2
_MOST_USERS = 128
"""Users that a thread scores at a time."""
_MOST_SCORES = 4_000_000
"""Scores that a thread holds at a time, 32 MB of them."""


class Wanted(NamedTuple):
    """What is asked for.

    Attributes:
        most: k, items for each user.
        reasons: r, causes for each item.
        exclude_seen: whether to leave out what a user chose before.
        diversity: 0 to 1, see :func:`plugins.recommendation.recommenders.ranking.diverse`.
    """

    most: int
    reasons: int = 0
    exclude_seen: bool = True
    diversity: float = 0.0


def rank(
    model: Recommender,
    choices: Choices,
    users: Ints,
    index: Index,
    wanted: Wanted,
    done: Callable[[float], None] = lambda share: None,
) -> Ranking:
    """The items with the highest scores for each user, with their causes. Items like those that the user
    disliked rank lower, or are left out.

    Args:
        model: scores the n items.
        choices: those of all users.
        users: (m,) the users to rank for.
        index: the texts of the items, for diversity.
        wanted: how many items, and which.
        done: told the finished share of the users, by the calling thread.
    """
    n = len(choices.users_by_item)
    all_users = _empty(len(users), n, wanted)
    dislikes = bool(choices.disliked.any())

    def rank_part(part: slice) -> None:
        ranking = _part_of(all_users, part)
        scores = model.scores(choices, users[part])
        values = lowered(model, choices, users[part], scores.values) if dislikes else scores.values
        _rank_users(users[part], choices, values, model.vectors, index, wanted, ranking)
        if wanted.reasons:
            model.explain(choices, users[part], scores, ranking)

    _in_parts(rank_part, len(users), n, done)
    return all_users


def unseen(score: Callable[[slice], Any], choices: Choices, users: Ints, count: int) -> Ints:
    """(m, count) the items with the highest scores among those that a user did not choose.

    Args:
        score: gives the scores (users of the part, n) of a part of ``users``.
        choices: those of all users.
        users: (m,) the users to rank for.
        count: items for each user.
    """
    n = len(choices.users_by_item)
    items = np.full((len(users), min(count, n)), -1, np.int64)
    _in_parts(lambda part: _best_unseen(users[part], choices, score(part), items[part]), len(users), n)
    return items


def _empty(users: int, items: int, wanted: Wanted) -> Ranking:
    shape = (users, min(wanted.most, items))
    with_causes = (*shape, wanted.reasons)
    return Ranking(
        items=np.full(shape, -1, np.int64),
        scores=np.zeros(shape),
        causes=np.full(with_causes, -1, np.int64),
        parts=np.zeros(with_causes),
        words=np.full(with_causes, -1, np.int64),
        word_parts=np.zeros(with_causes),
    )


def _part_of(ranking: Ranking, users: slice) -> Ranking:
    """Views of the rows of some users."""
    return Ranking(
        items=ranking.items[users],
        scores=ranking.scores[users],
        causes=ranking.causes[users],
        parts=ranking.parts[users],
        words=ranking.words[users],
        word_parts=ranking.word_parts[users],
    )


def _in_parts(
    work: Callable[[slice], None],
    users: int,
    items: int,
    done: Callable[[float], None] = lambda share: None,
) -> None:
    """Works on parts of the users in two threads; the parts are so small that their scores fit in memory."""
    size = max(1, min(_MOST_USERS, _MOST_SCORES // items))
    parts = [slice(first, min(first + size, users)) for first in range(0, users, size)]
    if len(parts) == 1:
        work(parts[0])
        done(1.0)
        return
    with ThreadPoolExecutor(THREADS) as pool:
        futures = [pool.submit(work, part) for part in parts]
        for ended, future in enumerate(as_completed(futures), 1):
            future.result()
            done(ended / len(futures))


@njit(cache=True, nogil=True)
def _rank_users(
    users: Ints, choices: Choices, scores: Any, vectors: Singles, index: Index, wanted: Wanted, out: Ranking
) -> None:
    left_out = np.zeros(scores.shape[1], np.bool_)
    for u in range(users.size):
        own = choices.items[choices.start[users[u]] : choices.start[users[u] + 1]]
        left_out[own] = wanted.exclude_seen
        taken = ranked(
            scores[u],
            choices.users_by_item,
            left_out,
            out.items.shape[1],
            wanted.diversity,
            index,
            vectors,
        )
        left_out[own] = False
        for k in range(taken.size):
            out.items[u, k], out.scores[u, k] = taken[k], scores[u, taken[k]]


@njit(cache=True, nogil=True)
def _best_unseen(users: Ints, choices: Choices, scores: Any, out: Ints) -> None:
    left_out = np.zeros(scores.shape[1], np.bool_)
    for u in range(users.size):
        own = choices.items[choices.start[users[u]] : choices.start[users[u] + 1]]
        left_out[own] = True
        taken = best(scores[u], choices.users_by_item, left_out, out.shape[1])
        left_out[own] = False
        out[u, : taken.size] = taken
