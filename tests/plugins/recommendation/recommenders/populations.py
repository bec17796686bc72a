"""Invented users and items."""

from __future__ import annotations

from typing import Any

import numpy as np

from plugins.recommendation.recommenders.interactions import Choices, canonical, gather


def clusters(users: int, items: int, kinds: int, each: int, stray: float, seed: int) -> list[tuple[int, int]]:
    """Pairs of users and items; each user is of a kind, and strays from its items with a probability."""
    chance = np.random.default_rng(seed)
    found = set()
    for user in range(users):
        for _ in range(each):
            kind = user % kinds if chance.random() > stray else int(chance.integers(kinds))
            found.add((user, int(chance.integers(items // kinds)) * kinds + kind))
    return sorted(found)


def low_rank(users: int, items: int, rank: int, each: int, seed: int) -> list[tuple[int, int]]:
    """Pairs as of a shop: a few directions of taste, a long tail of popularity, diligent users and others."""
    chance = np.random.default_rng(seed)
    tastes, traits = chance.gamma(0.2, 1.0, (users, rank)), chance.gamma(0.15, 1.0, (items, rank))
    appeal = tastes @ traits.T * (1 / np.arange(1, items + 1) ** 0.6)
    found = []
    for user in range(users):
        odds = appeal[user] / appeal[user].sum()
        count = min(int(each * chance.lognormal(0, 0.6)) + 3, items // 3)
        found += [(user, int(item)) for item in chance.choice(items, count, replace=False, p=odds)]
    return found


def choices(pairs: list[tuple[int, int]], users: int, items: int) -> Choices:
    """The pairs as rows of weight 1."""
    user, item = (np.array(column, np.int64) for column in zip(*pairs, strict=True))
    rating, age = np.full(len(user), np.nan), np.zeros(len(user))
    order = canonical(user, item, rating, age)
    return gather(user[order], item[order], rating, age, users=users, items=items, half_life=None)


def rows(pairs: list[tuple[int, int]]) -> list[dict[str, Any]]:
    """The pairs as a body's interactions."""
    return [{"user_id": f"U{user:04d}", "item_id": f"I{item:04d}"} for user, item in pairs]


def items(count: int, kinds: int = 1) -> list[dict[str, Any]]:
    """A body's items: each says its kind."""
    return [{"item_id": f"I{item:04d}", "metadata": f"kind{item % kinds} thing"} for item in range(count)]
