"""How well factors recommend, judged on choices that they have not seen; and the settings that do it best.

The pairs are dealt at random, with a fixed seed: a fifth to choose the regularisation on, a fifth to judge
the chosen one on, the rest to learn from. The final model learns from all.
"""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor, as_completed
from functools import partial
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from plugins.recommendation.taste import als
from plugins.recommendation.taste.als import ItemFactors
from plugins.recommendation.taste.interactions import Choices
from plugins.recommendation.taste.personal import THREADS, by_vectors, user_factors

Floats = NDArray[np.float64]
Singles = NDArray[np.float32]
Ints = NDArray[np.int64]
Bools = NDArray[np.bool_]

K = 10
SHARES = (0.05, 0.12, 0.25, 0.45)
"""λ that are tried, as shares of the confidences' largest singular value: about what a direction of taste
must weigh to be learned. The library's 0.01 learns the noise of 50 factors: popularity is more precise."""
QUICK = 8
"""Rounds of a candidate; the chosen one gets all."""
MOST_JUDGED = 3_000
"""Users that a model is judged on; the error of the mean is then below half a percent."""
LEAST_CHOSEN = 5
"""Users of an item that a lift assumes at least; a single one would decide it."""
_SEED = 20_250_424


class Judged(NamedTuple):
    """Figures of a ranking on held-out choices.

    Attributes:
        precision: (10,) share of the first 1, …, 10 recommended items that the user had chosen.
        hit_rate: share of users with such an item among the ten.
        ndcg: normalised discounted cumulative gain of the ten (Järvelin & Kekäläinen 2002).
        coverage: share of the items that somebody was recommended.
        lift: mean over the ten of 1 / (share of users who chose the item) where it was right, else 0: 1 is
            chance. An item that everybody chooses counts little here.
        users: judged.
    """

    precision: Floats
    hit_rate: float
    ndcg: float
    coverage: float
    lift: float
    users: int


class Trial(NamedTuple):
    """What was tried, and how the winner did.

    Attributes:
        tried: by λ, the validation figures; empty where too little can be held out.
        chosen: λ.
        winner, popular: test figures of the winner, and of recommending what most users chose; None where
            nothing could be held out.
        losses: of each round of the final fit.
    """

    tried: dict[float, Judged]
    chosen: float
    winner: Judged | None
    popular: Judged | None
    losses: list[float]


def learn(
    choices: Choices,
    *,
    factors: int,
    iterations: int,
    alike: bool,
    done: Callable[[float], None] = lambda share: None,
) -> tuple[ItemFactors, Trial]:
    """Learns the factors of items with the regularisation that ranks best.

    Args:
        choices: of which at least one has a weight.
        factors, iterations: as in :func:`plugins.recommendation.taste.als.fit`.
        alike: judge the items nearest to one that the user chose, instead of those nearest to the user.
        done: told how much is done, 0 to 1; from one thread at a time.
    """
    chance = np.random.default_rng(_SEED)
    deal = chance.random(len(choices.items))
    known = choices.weights > 0
    test, validation = deal < 0.2, (deal >= 0.2) & (deal < 0.4)
    learned, seen = _part(choices, ~test & ~validation), _part(choices, ~test)
    tried: dict[float, Judged] = {}
    strengths = [share * als.weight(choices) for share in SHARES]
    chosen, winner, popular = strengths[2], None, None
    if (learned.weights > 0).any() and (known & validation).any():
        hidden = _part(choices, validation & known)

        def attempt(strength: float) -> Judged | None:
            model = als.fit(learned, factors=factors, iterations=QUICK, regularization=strength)
            return _judge(model, learned, hidden, alike)

        with ThreadPoolExecutor(THREADS) as pool:
            futures = [pool.submit(attempt, strength) for strength in strengths]
            for count, _ in enumerate(as_completed(futures), 1):
                done(0.5 * count / len(futures))
            outcomes = [future.result() for future in futures]
        tried = {
            strength: judged
            for strength, judged in zip(strengths, outcomes, strict=True)
            if judged is not None
        }
        chosen = max(tried, key=lambda strength: _merit(tried[strength], alike), default=chosen)
    losses: list[float] = []
    final = partial(als.fit, factors=factors, iterations=iterations, regularization=chosen)
    with ThreadPoolExecutor(THREADS) as pool:
        fitted = pool.submit(final, choices, losses=losses, done=lambda share: done(0.5 + 0.5 * share))
        if (seen.weights > 0).any() and (known & test).any():
            hidden = _part(choices, test & known)
            winner = _judge(final(seen), seen, hidden, alike)
            popular = _judge(None, seen, hidden, alike)
    return fitted.result(), Trial(tried, chosen, winner, popular, losses)


def _merit(judged: Judged, alike: bool) -> float:
    """What λ is chosen by. By precision alone, look-alikes of everything would be the items in fashion."""
    return judged.lift if alike else judged.ndcg


def _part(choices: Choices, kept: Bools) -> Choices:
    """Some of the pairs."""
    rows = np.repeat(np.arange(choices.users), np.diff(choices.start))[kept]
    items = choices.items[kept]
    return Choices(
        start=np.r_[0, np.cumsum(np.bincount(rows, minlength=choices.users))].astype(np.int64),
        items=items,
        weights=choices.weights[kept],
        ratings=choices.ratings[kept],
        users_by_item=np.bincount(items, minlength=len(choices.users_by_item)).astype(np.int64),
        rows=int(kept.sum()),
    )


def _judge(model: ItemFactors | None, seen: Choices, hidden: Choices, alike: bool) -> Judged | None:
    """How the choices of ``hidden`` are found from ``seen``; by popularity if there is no model."""
    users = np.flatnonzero((np.diff(hidden.start) > 0) & (np.diff(seen.start) > 0))
    if not len(users):
        return None
    users = users[np.linspace(0, len(users) - 1, min(len(users), MOST_JUDGED)).astype(np.int64)]
    if model is None:
        across = seen.users_by_item[None, :].astype(np.float32)
        vectors = np.ones((len(users), 1), np.float32)
    elif alike:
        across = np.ascontiguousarray(model.unit.T)
        vectors = model.unit[_references(seen, users)]
    else:
        across, vectors = model.across, user_factors(model, seen, users)
    found = by_vectors(vectors, across, seen, users, K)
    rows = np.repeat(np.arange(hidden.users), np.diff(hidden.start))
    n = len(hidden.users_by_item)
    hits = np.isin(users[:, None] * n + found, rows * n + hidden.items) & (found >= 0)
    return _figures(hits, np.diff(hidden.start)[users], found, seen.users_by_item, seen.users)


def _references(seen: Choices, users: Ints) -> Ints:
    """One of the items of each user, at random."""
    chance = np.random.default_rng(_SEED)
    sizes = np.diff(seen.start)[users]
    picked: Ints = seen.items[seen.start[users] + (chance.random(len(users)) * sizes).astype(np.int64)]
    return picked


def _figures(hits: Bools, sizes: Ints, found: Ints, popularity: Ints, users: int) -> Judged:
    wide = np.zeros((len(hits), K))
    chosen_items = int(np.count_nonzero(popularity))
    wide[:, : hits.shape[1]] = hits
    gains = 1 / np.log2(np.arange(2, K + 2))
    ideal = np.cumsum(gains)[np.minimum(sizes, K) - 1]
    return Judged(
        precision=np.cumsum(wide, axis=1).mean(axis=0) / np.arange(1, K + 1),
        hit_rate=float(wide.any(axis=1).mean()),
        ndcg=float(((wide @ gains) / ideal).mean()),
        coverage=len(np.unique(found[found >= 0])) / max(chosen_items, 1),
        lift=float((hits * users / np.maximum(popularity[found], LEAST_CHOSEN)).sum() / hits.shape[0] / K),
        users=len(hits),
    )
