"""What to recommend to users: by the factors of items, or by the texts of what they liked best; and why.

Users are ranked one by one and share nothing, so how many at a time changes no answer.
"""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor, as_completed
from typing import NamedTuple

import numpy as np
from numba import njit
from numpy.typing import NDArray

from plugins.recommendation.taste.als import ItemFactors, add_products, contributions, solve_user
from plugins.recommendation.taste.interactions import Choices
from plugins.recommendation.taste.ranking import best, ranked
from plugins.recommendation.taste.tfidf import Index, add_cosines, add_vector, build, cosine

Floats = NDArray[np.float64]
Singles = NDArray[np.float32]
Ints = NDArray[np.int64]
Bools = NDArray[np.bool_]

THREADS = 2
_CHUNK = 64
"""Users that a thread takes at a time."""


class Ranking(NamedTuple):
    """The items of m users, k at most for each, each with r reasons at most.

    Attributes:
        items: (m, k) best first; -1 where there is no further one.
        scores: (m, k) the score that they were ranked by.
        causes: (m, k, r) the user's own items that brought the score about, greatest part first; -1 where
            there is no further one.
        parts: (m, k, r) what each of them brought; all of a user's add up to the score.
        words, word_parts: (m, k, r) the same by the words of the texts; none where factors rank.
    """

    items: Ints
    scores: Floats
    causes: Ints
    parts: Floats
    words: Ints
    word_parts: Floats


class Wanted(NamedTuple):
    """What is asked for.

    Attributes:
        most: k, items for each user.
        reasons: r, causes for each item.
        exclude_seen: whether to leave out what a user chose before.
        diversity: 0 to 1, see :func:`plugins.recommendation.taste.ranking.diverse`.
    """

    most: int
    reasons: int = 0
    exclude_seen: bool = True
    diversity: float = 0.0


def by_factors(
    model: ItemFactors,
    choices: Choices,
    users: Ints,
    index: Index,
    wanted: Wanted,
    done: Callable[[float], None] = lambda share: None,
) -> Ranking:
    """The items with the greatest product of the user's factors and theirs.

    Args:
        model: the factors of the n items.
        choices: everybody's.
        users: (m,) for whom.
        index: the texts of the items, which only diversity asks for.
        wanted: how many, and which.
        done: told the share of the users that are done.
    """
    out = _empty(len(users), len(model.factors), wanted)

    def rank(first: int, last: int) -> None:
        part = slice(first, last)
        _rank_by_factors(
            users[part],
            choices.start,
            choices.items,
            choices.weights,
            choices.users_by_item,
            model.factors,
            model.across,
            model.unit,
            model.gram,
            model.regularization,
            index,
            wanted.exclude_seen,
            wanted.diversity,
            out.items[part],
            out.scores[part],
            out.causes[part],
            out.parts[part],
        )

    _in_chunks(rank, len(users), done)
    return out


def by_content(
    choices: Choices,
    users: Ints,
    index: Index,
    wanted: Wanted,
    done: Callable[[float], None] = lambda share: None,
) -> Ranking:
    """The items whose texts are nearest to the mean vector of what the user rated highest.

    Args as in :func:`by_factors`. Where a user likes nothing (rated all with 0), or nothing that has words,
    every score is 0 and the items that most users chose come first.
    """
    out = _empty(len(users), len(choices.users_by_item), wanted)

    def rank(first: int, last: int) -> None:
        part = slice(first, last)
        _rank_by_content(
            users[part],
            choices.start,
            choices.items,
            choices.ratings,
            choices.users_by_item,
            index,
            wanted.exclude_seen,
            wanted.diversity,
            out.items[part],
            out.scores[part],
            out.causes[part],
            out.parts[part],
            out.words[part],
            out.word_parts[part],
        )

    _in_chunks(rank, len(users), done)
    return out


def user_factors(model: ItemFactors, choices: Choices, users: Ints) -> Singles:
    """(m, f) the factors of users."""
    out = np.empty((len(users), model.gram.shape[0]), np.float32)

    def solve(first: int, last: int) -> None:
        _solve_users(
            users[first:last],
            *(choices.start, choices.items, choices.weights),
            *(model.factors, model.gram, model.regularization),
            out[first:last],
        )

    _in_chunks(solve, len(users))
    return out


def by_vectors(vectors: Singles, across: Singles, choices: Choices, users: Ints, count: int) -> Ints:
    """(m, count) the items that users did not choose with the greatest products of (m, f) and (f, n)."""
    out = np.full((len(users), min(count, across.shape[1])), -1, np.int64)

    def rank(first: int, last: int) -> None:
        _rank_by_vectors(
            *(users[first:last], vectors[first:last], across),
            *(choices.start, choices.items, choices.users_by_item, out[first:last]),
        )

    _in_chunks(rank, len(users))
    return out


def _empty(users: int, items: int, wanted: Wanted) -> Ranking:
    shape = (users, min(wanted.most, items))
    return Ranking(
        np.full(shape, -1, np.int64),
        np.zeros(shape),
        np.full((*shape, wanted.reasons), -1, np.int64),
        np.zeros((*shape, wanted.reasons)),
        np.full((*shape, wanted.reasons), -1, np.int64),
        np.zeros((*shape, wanted.reasons)),
    )


def _in_chunks(
    work: Callable[[int, int], None], count: int, done: Callable[[float], None] = lambda share: None
) -> None:
    if count <= _CHUNK:
        work(0, count)
        done(1.0)
        return
    firsts = range(0, count, _CHUNK)
    with ThreadPoolExecutor(THREADS) as pool:
        futures = [pool.submit(work, first, min(first + _CHUNK, count)) for first in firsts]
        for ended, future in enumerate(as_completed(futures), 1):
            future.result()
            done(ended / len(futures))


@njit(cache=True, nogil=True)
def _note_causes(own: Ints, brought: Floats, causes: Ints, parts: Floats) -> None:
    """The greatest positive parts, in order; of equal ones the first counts."""
    there = 0
    for k in range(own.size):
        if brought[k] <= 0.0:
            continue
        place = there
        while place > 0 and brought[k] > parts[place - 1]:
            place -= 1
        if place == causes.size:
            continue
        there = min(there + 1, causes.size)
        for later in range(there - 1, place, -1):
            causes[later], parts[later] = causes[later - 1], parts[later - 1]
        causes[place], parts[place] = own[k], brought[k]


@njit(cache=True, nogil=True)
def _rank_by_factors(
    users: Ints,
    start: Ints,
    chosen: Ints,
    weights: Floats,
    popularity: Ints,
    factors: Singles,
    across: Singles,
    unit: Singles,
    gram: Floats,
    regularization: float,
    index: Index,
    exclude_seen: bool,
    diversity: float,
    items: Ints,
    scores: Floats,
    causes: Ints,
    parts: Floats,
) -> None:
    products, left_out = np.empty(across.shape[1], np.float32), np.zeros(across.shape[1], np.bool_)
    triangle = np.empty_like(gram)
    for u in range(users.size):
        own = chosen[start[users[u]] : start[users[u] + 1]]
        weight = weights[start[users[u]] : start[users[u] + 1]]
        x = solve_user(own, weight, factors, gram, regularization, triangle)
        products[:] = np.float32(0)
        add_products(x.astype(np.float32), across, products)
        for item in own:
            left_out[item] = exclude_seen
        taken = ranked(products, popularity, left_out, items.shape[1], diversity, index, unit)
        for item in own:
            left_out[item] = False
        for k in range(taken.size):
            items[u, k], scores[u, k] = taken[k], products[taken[k]]
            if causes.shape[2] and products[taken[k]] > 0:
                brought = contributions(taken[k], own, weight, factors, triangle)
                _note_causes(own, brought, causes[u, k], parts[u, k])


@njit(cache=True, nogil=True)
def _rank_by_content(
    users: Ints,
    start: Ints,
    chosen: Ints,
    ratings: Floats,
    popularity: Ints,
    index: Index,
    exclude_seen: bool,
    diversity: float,
    items: Ints,
    scores: Floats,
    causes: Ints,
    parts: Floats,
    words: Ints,
    word_parts: Floats,
) -> None:
    n = popularity.size
    cosines, left_out = np.empty(n), np.zeros(n, np.bool_)
    vector, touched = np.zeros(index.hashes.size), np.empty(index.hashes.size, np.int64)
    no_factors = np.empty((n, 0), np.float32)
    for u in range(users.size):
        own = chosen[start[users[u]] : start[users[u] + 1]]
        rating = ratings[start[users[u]] : start[users[u] + 1]]
        highest = rating.max() if rating.size else 0.0
        liked = own[rating >= highest * (1 - 1e-12)] if highest > 0 else own[:0]
        count = 0
        for item in liked:
            count = add_vector(index, item, 1.0, vector, touched, count)
        cosines[:] = 0.0
        add_cosines(index, vector, touched, count, cosines)
        squares = 0.0
        for word in np.sort(touched[:count]):
            squares += vector[word] * vector[word]
        for item in own:
            left_out[item] = exclude_seen
        taken = ranked(cosines, popularity, left_out, items.shape[1], diversity, index, no_factors)
        for item in own:
            left_out[item] = False
        for k in range(taken.size):
            items[u, k], scores[u, k] = taken[k], cosines[taken[k]]
            if causes.shape[2] and cosines[taken[k]] > 0:
                norm = np.sqrt(squares)
                brought = np.array([cosine(index, item, taken[k]) for item in liked]) / norm
                _note_causes(liked, brought, causes[u, k], parts[u, k])
                said = slice(index.start[taken[k]], index.start[taken[k] + 1])
                own_words = index.words[said].astype(np.int64)
                _note_causes(
                    own_words, index.weights[said] * vector[own_words] / norm, words[u, k], word_parts[u, k]
                )
        vector[touched[:count]] = 0.0


@njit(cache=True, nogil=True)
def _solve_users(
    users: Ints,
    start: Ints,
    chosen: Ints,
    weights: Floats,
    factors: Singles,
    gram: Floats,
    regularization: float,
    out: Singles,
) -> None:
    triangle = np.empty_like(gram)
    for u in range(users.size):
        own = slice(start[users[u]], start[users[u] + 1])
        out[u] = solve_user(chosen[own], weights[own], factors, gram, regularization, triangle)


@njit(cache=True, nogil=True)
def _rank_by_vectors(
    users: Ints,
    vectors: Singles,
    across: Singles,
    start: Ints,
    chosen: Ints,
    popularity: Ints,
    out: Ints,
) -> None:
    products, left_out = np.empty(across.shape[1], np.float32), np.zeros(across.shape[1], np.bool_)
    for u in range(users.size):
        own = chosen[start[users[u]] : start[users[u] + 1]]
        products[:] = np.float32(0)
        add_products(vectors[u], across, products)
        left_out[own] = True
        taken = best(products, popularity, left_out, out.shape[1])
        left_out[own] = False
        out[u, : taken.size] = taken


def warm() -> None:
    """Compiles what a first request would otherwise wait for."""
    choices = Choices(
        start=np.array([0, 1]),
        items=np.array([0]),
        weights=np.ones(1),
        ratings=np.ones(1),
        users_by_item=np.array([1, 0]),
        rows=1,
    )
    model = ItemFactors(np.ones((2, 2), np.float32), np.ones((2, 2)), 1.0)
    index, users = build(["a word", "another word"]), np.array([0])
    for diversity in (0.0, 0.5):
        wanted = Wanted(1, 1, diversity=diversity)
        by_factors(model, choices, users, index, wanted)
        by_content(choices, users, index, wanted)
    by_vectors(user_factors(model, choices, users), model.across, choices, users, 1)
    model.similar(0)
    best(np.zeros(2), choices.users_by_item, np.zeros(2, np.bool_), 1)
