"""Which learner and settings recommend best, judged on choices that they have not seen.

A fifth of the pairs is held out: the latest ones if interactions carry times, else pairs drawn with a
fixed seed. Candidates learn from the rest. Half of the users choose the winner, and the other half judge
it. The final model learns from all pairs.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor, as_completed
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from plugins.recommendation.recommenders.interactions import Choices
from plugins.recommendation.recommenders.linear.popularity import Popular
from plugins.recommendation.recommenders.lists import THREADS, unseen
from plugins.recommendation.recommenders.recommender import Learner, Recommender

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]
Bools = NDArray[np.bool_]

K = 10
"""Length of the judged lists."""
HELD_OUT = 0.2
"""Share of the pairs."""
LEAST_JUDGED = 50
"""Users with choices before and within the latest fifth; with fewer, pairs are drawn at random."""
MOST_JUDGED = 3_000
"""Users that a model is judged on; the standard error of the mean is then below half a percent."""
LEAST_CHOSEN = 5
"""Fewest users that the lift assumes for an item; an item with one user would decide the mean."""
_SEED = 20_250_424


class Judged(NamedTuple):
    """Figures of a ranking on held-out choices.

    Attributes:
        precision: (10,) share of the first 1, …, 10 recommended items that the user had chosen.
        hit_rate: share of users with such an item among the ten.
        ndcg: normalised discounted cumulative gain of the ten (Järvelin & Kekäläinen 2002).
        coverage: share of the chosen items that was recommended to at least one user.
        catalogue: the same share of all items.
        lift: mean over the ten of 1 / (share of users who chose the item) if the user had chosen it, else 0.
        A
            random list has a lift of 1. An item that everyone chooses adds little.
        users: how many users it was judged on.
    """

    precision: Floats
    hit_rate: float
    ndcg: float
    coverage: float
    catalogue: float
    lift: float
    users: int


class Candidate(NamedTuple):
    """A learner with settings to try, and their name."""

    learner: Learner
    settings: Any
    name: str


class Trial(NamedTuple):
    """What was tried, and how good the winner is.

    Attributes:
        tried: validation figures by candidate; empty if too few choices can be held out.
        chosen: the winner.
        winner: figures of the winner, of users that did not choose it; None if nothing could be held out.
        popular: the same of recommending what most users chose; None as above.
        losses: losses of the final fit, by round.
    """

    tried: dict[Candidate, Judged]
    chosen: Candidate
    winner: Judged | None
    popular: Judged | None
    losses: dict[int, float]


def learn(
    choices: Choices,
    learners: Sequence[Learner],
    *,
    alike: bool,
    done: Callable[[float], None] = lambda share: None,
) -> tuple[Recommender, Trial]:
    """Learns with the learner and settings that rank best.

    Args:
        choices: at least one of them has a weight.
        learners: those that compete; the first one wins a tie.
        alike: judge the items most similar to one that the user chose, instead of the items for the user.
        done: told the finished share, 0 to 1, by one thread at a time.
    """
    liked = _part(choices, choices.weights > 0)
    hidden_pairs = _held_out(liked)
    learned, hidden = _part(liked, ~hidden_pairs), _part(liked, hidden_pairs)
    candidates = [
        Candidate(learner, settings, name)
        for learner in learners
        for name, settings in learner.candidates(choices, alike).items()
    ]
    of_first = [candidate for candidate in candidates if candidate.learner is candidates[0].learner]
    tried: dict[Candidate, Judged] = {}
    tested: dict[Candidate, Judged] = {}
    if len(learned.items) and len(hidden.items):
        tried, tested = _tried(candidates, learned, hidden, alike, lambda share: done(0.5 * share))
    popular = _judged(None, learned, hidden, alike)[1] if tested else None
    chosen = _chosen(tried, tested, alike) if tried else of_first[len(of_first) // 2]
    losses: dict[int, float] = {}
    model = chosen.learner.fit(
        choices, chosen.settings, losses=losses, done=lambda share: done(0.5 + 0.5 * share)
    )
    return model, Trial(tried, chosen, tested.get(chosen), popular, losses)


def _held_out(choices: Choices) -> Bools:
    """(p,) the pairs to judge by."""
    if np.ptp(choices.age) > 0:
        latest = np.asarray(choices.age <= np.quantile(choices.age, HELD_OUT))
        users = np.repeat(np.arange(choices.users), np.diff(choices.start))
        both = np.bincount(users[latest], minlength=choices.users) > 0
        both &= np.bincount(users[~latest], minlength=choices.users) > 0
        if both.sum() >= LEAST_JUDGED:
            return latest
    return np.random.default_rng(_SEED).random(len(choices.items)) < HELD_OUT


def _chosen(tried: dict[Candidate, Judged], tested: dict[Candidate, Judged], alike: bool) -> Candidate:
    """The best one on the users that choose; what most users chose, if it is as good on all users."""
    best = max(tried, key=lambda candidate: _merit(tried[candidate], alike))

    def of_all(candidate: Candidate) -> float:
        return _merit(tried[candidate], alike) + _merit(tested[candidate], alike)

    floor = [candidate for candidate in tested if candidate.learner.source == Popular.source]
    if best in tested and floor and of_all(floor[0]) > of_all(best):
        return floor[0]
    return best


def _tried(
    candidates: Sequence[Candidate],
    learned: Choices,
    hidden: Choices,
    alike: bool,
    done: Callable[[float], None],
) -> tuple[dict[Candidate, Judged], dict[Candidate, Judged]]:
    """Figures of quick fits by candidate, of the users that choose and of those that judge."""

    def attempt(candidate: Candidate) -> tuple[Judged | None, Judged | None]:
        model = candidate.learner.fit(learned, candidate.settings, quick=True)
        return _judged(model, learned, hidden, alike)

    with ThreadPoolExecutor(THREADS) as pool:
        futures = [pool.submit(attempt, candidate) for candidate in candidates]
        for count, _ in enumerate(as_completed(futures), 1):
            done(count / len(futures))
        outcomes = [future.result() for future in futures]
    both = list(zip(candidates, outcomes, strict=True))
    return (
        {candidate: first for candidate, (first, _) in both if first is not None},
        {candidate: second for candidate, (_, second) in both if second is not None},
    )


def _merit(judged: Judged, alike: bool) -> float:
    """What decides. By precision alone, the items that everyone chooses would be similar to every item."""
    return judged.lift if alike else judged.ndcg


def _part(choices: Choices, kept: Bools) -> Choices:
    """Some of the pairs."""
    users = np.repeat(np.arange(choices.users), np.diff(choices.start))[kept]
    items = choices.items[kept]
    return Choices(
        start=np.r_[0, np.cumsum(np.bincount(users, minlength=choices.users))].astype(np.int64),
        items=items,
        weights=choices.weights[kept],
        ratings=choices.ratings[kept],
        disliked=choices.disliked[kept],
        age=choices.age[kept],
        users_by_item=np.bincount(items, minlength=len(choices.users_by_item)).astype(np.int64),
        rows=int(kept.sum()),
    )


def _judged(
    model: Recommender | None, seen: Choices, hidden: Choices, alike: bool
) -> tuple[Judged | None, Judged | None]:
    """How well the hidden choices are found from the seen ones, for every other user and for the rest.

    Without a model, by popularity. None where there are no users.
    """
    users = np.flatnonzero((np.diff(hidden.start) > 0) & (np.diff(seen.start) > 0))
    if not len(users):
        return None, None
    users = users[np.linspace(0, len(users) - 1, min(len(users), MOST_JUDGED)).astype(np.int64)]
    references = _references(seen, users)

    def score(part: slice) -> Any:
        if model is None:
            return np.tile(seen.users_by_item.astype(np.float32), (len(users[part]), 1))
        return model.similarities(references[part]) if alike else model.scores(seen, users[part]).values

    recommended = unseen(score, seen, users, K)
    # A pair as one number, to look up all recommended pairs among the hidden ones at once.
    n = len(hidden.users_by_item)
    hidden_users = np.repeat(np.arange(hidden.users), np.diff(hidden.start))
    hits = np.isin(users[:, None] * n + recommended, hidden_users * n + hidden.items) & (recommended >= 0)
    sizes = np.diff(hidden.start)[users]

    def half(start: int) -> Judged | None:
        part = slice(start, None, 2)
        if not len(users[part]):
            return None
        return _figures(hits[part], sizes[part], recommended[part], seen.users_by_item, seen.users)

    return half(0), half(1)


def _references(seen: Choices, users: Ints) -> Ints:
    """One of the items of each user, at random."""
    chance = np.random.default_rng(_SEED)
    sizes = np.diff(seen.start)[users]
    picked: Ints = seen.items[seen.start[users] + (chance.random(len(users)) * sizes).astype(np.int64)]
    return picked


def _figures(hits: Bools, sizes: Ints, recommended: Ints, popularity: Ints, users: int) -> Judged:
    """The figures of lists.

    Args:
        hits: (m, k) whether each recommended item was hidden, k up to 10.
        sizes: (m,) hidden items of each user.
        recommended: (m, k) the lists; -1 after the last item.
        popularity: (n,) users of each item.
        users: all users, judged or not.
    """
    padded = np.zeros((len(hits), K))
    padded[:, : hits.shape[1]] = hits
    gains = 1 / np.log2(np.arange(2, K + 2))  # of positions 1 to 10
    ideal = np.cumsum(gains)[np.minimum(sizes, K) - 1]  # all hidden items first
    lifts = hits * users / np.maximum(popularity[recommended], LEAST_CHOSEN)
    return Judged(
        precision=np.cumsum(padded, axis=1).mean(axis=0) / np.arange(1, K + 1),
        hit_rate=float(padded.any(axis=1).mean()),
        ndcg=float(((padded @ gains) / ideal).mean()),
        coverage=len(np.unique(recommended[recommended >= 0])) / max(int(np.count_nonzero(popularity)), 1),
        catalogue=len(np.unique(recommended[recommended >= 0])) / max(len(popularity), 1),
        lift=float(lifts.sum() / hits.shape[0] / K),
        users=len(hits),
    )
