"""Items for users and beside items: a catalogue described in words, choices of many users, and orders."""

from __future__ import annotations

from functools import partial
from typing import Any

import numpy as np

from benchmarks.work import Work

WORDS = 20_000
USERS, ITEMS = 10_000, 5_000
KINDS = 50
SKUS, CATEGORIES = 5_000, 30


def catalogue(items: int, chance: np.random.Generator) -> list[dict[str, Any]]:
    """Items with eight words each, of which some are far more frequent than others."""
    weights = 1 / np.arange(1, WORDS + 1)
    drawn = chance.choice(WORDS, (items, 8), p=weights / weights.sum())
    return [
        {"item_id": f"I{place:05d}", "metadata": " ".join(f"word{word}" for word in words)}
        for place, words in enumerate(drawn.tolist())
    ]


def chosen(rows: int, chance: np.random.Generator) -> list[dict[str, str]]:
    """Choices of users of fifty kinds, one in five astray, the popular items of a kind far ahead."""
    user = chance.integers(USERS, size=rows)
    kind = np.where(chance.random(rows) < 0.8, user % KINDS, chance.integers(KINDS, size=rows))
    item = (chance.random(rows) ** 2 * (ITEMS // KINDS)).astype(int) * KINDS + kind
    pairs = zip(user.tolist(), item.tolist(), strict=True)
    return [{"user_id": f"U{one:04d}", "item_id": f"I{other:05d}"} for one, other in pairs]


def tastes(rows: int, seed: int, route: int = 0, **asked: Any) -> dict[str, Any]:
    """A shop's catalogue and what its users chose.

    Args:
        rows: interactions.
        seed: of the draws.
        route: routes of the same size get other data each, so that none finds what another has learned.
        asked: further members of the body.
    """
    chance = np.random.default_rng([seed, route])
    return {"top_k": 10, **asked, "items": catalogue(ITEMS, chance), "interactions": chosen(rows, chance)}


def described(items: int, seed: int, route: int = 0) -> dict[str, Any]:
    """A large catalogue, and a user with three choices or an item to compare with."""
    chance = np.random.default_rng([seed, route])
    body: dict[str, Any] = {"top_k": 10, "items": catalogue(items, chance)}
    if route:
        return {**body, "item_id": "I00001"}
    mine = [{"user_id": "U0000", "item_id": f"I{place:05d}"} for place in (1, 2, 3)]
    return {**body, "user_id": "U0000", "interactions": mine}


def baskets(orders: int, seed: int, prices: bool = False, **asked: Any) -> dict[str, Any]:
    """Orders of 1 to a dozen SKUs, of skewed popularity, by a fifth as many customers."""
    chance = np.random.default_rng(seed)
    sizes = chance.poisson(3, orders) + 1
    weights = 1 / np.arange(1, SKUS + 1) ** 0.7
    drawn = chance.choice(SKUS, int(sizes.sum()), p=weights / weights.sum())
    names = [f"S{number:04d}" for number in range(SKUS)]
    items = [names[code] for code in drawn.tolist()]
    ends = np.cumsum(sizes).tolist()
    customers = chance.integers(max(1, orders // 5), size=orders).tolist()
    body = {
        **asked,
        "transactions": [
            {"customer_id": f"C-{customer}", "items": items[end - size : end]}
            for customer, size, end in zip(customers, sizes.tolist(), ends, strict=True)
        ],
    }
    if prices:
        paid = (chance.gamma(3, 20, SKUS).round(2) + 1).tolist()
        body["item_catalog"] = [
            {"item_id": name, "category": f"category-{number % CATEGORIES}", "price": price}
            for number, (name, price) in enumerate(zip(names, paid, strict=True))
        ]
    return body


READING = "reading and fingerprinting the body"
LEARNING = "rounds of ALS: four regularisations, a fit to judge by and one of all"
HELD_OUT = {"model_info.train_rows": 0.0, "model_info.value": 0.05}
BY_WORDS = {"recommendations.*.item_id": 0.0, "recommendations.*.score": 2e-4}

_ALS: dict[str, Any] = {
    "route": "recommend_user_items",
    "name": "ALS, 10,000 users × 5,000 items",
    "unit": "interactions",
    "body": partial(tastes, user_id="U0000"),
    "maximum": 500_000,
    "documented": "about 60 ms, cached",
    "same": HELD_OUT | {"recommendations.0.score": 0.1},
}
_TF_IDF: dict[str, Any] = {
    "route": "recommend_user_items",
    "name": "TF-IDF",
    "unit": "items",
    "body": described,
    "maximum": 200_000,
    "documented": "about 15 ms at 100,000, cached",
    "same": BY_WORDS,
}
_WITH_CF: dict[str, Any] = {
    "route": "recommend_similar_items",
    "name": "with CF, 10,000 users × 5,000 items",
    "unit": "interactions",
    "body": partial(tastes, route=1, item_id="I00001"),
    "maximum": 500_000,
    "documented": "80 ms, cached",
    "same": {"model_info.train_rows": 0.0, "recommendations.0.score": 0.1},
}
_CONTENT: dict[str, Any] = {
    "route": "recommend_similar_items",
    "name": "content only",
    "unit": "items",
    "body": partial(described, route=1),
    "maximum": 200_000,
    "documented": "20 ms, cached",
    "same": BY_WORDS,
}
_BULK: dict[str, Any] = {
    "route": "bulk_recommend_user_items",
    "name": "10,000 users × 5,000 items",
    "unit": "interactions",
    "body": partial(tastes, route=2),
    "maximum": 500_000,
    "same": HELD_OUT,
    "alike": ("results.*.recommendations.0.score", 0.9),
}

WORKS = (
    Work(**_ALS, bound=LEARNING),
    Work(**_ALS, bound=READING, again=True),
    Work(**_TF_IDF, bound="counting words", targets={100_000: 1.5}),
    Work(**_TF_IDF, bound=READING, again=True),
    Work(**_WITH_CF, bound=LEARNING),
    Work(**_WITH_CF, bound=READING, again=True),
    Work(**_CONTENT, bound="counting words"),
    Work(**_CONTENT, bound=READING, again=True),
    Work(**_BULK, bound=LEARNING, targets={500_000: 20.0}),
    Work(**_BULK, bound="ranking, and the answer's 100,000 sentences", targets={500_000: 3.0}, again=True),
    Work(
        route="cross_sell_matrix",
        name="dense, 5,000 SKUs",
        unit="orders",
        body=baskets,
        maximum=250_000,
        documented="< 500 ms",
        bound="writing 25 million cells, and sending a hundred megabytes",
        same={"items_or_categories.*": 0.0, "matrix.0.*": 2e-4, "matrix.1234.*": 2e-4, "matrix.4321.*": 2e-4},
    ),
    Work(
        route="cross_sell_matrix",
        name="sparse, 20 for each of 5,000 SKUs",
        unit="orders",
        body=partial(baskets, format="sparse", top_n=20),
        maximum=250_000,
        documented="< 500 ms",
        bound="reading the body",
        same={
            "pairs.*.i": 0.0,
            "pairs.*.j": 0.0,
            "pairs.*.support": 0.0,
            "pairs.*.confidence": 2e-4,
            "pairs.*.lift": 2e-4,
        },
    ),
    Work(
        route="upsell_suggestions",
        name="for all customers, 5,000 SKUs",
        unit="orders",
        body=partial(baskets, prices=True, customer_id=None, top_k=5),
        maximum=250_000,
        bound="writing an answer of eighty megabytes",
        same={
            "customers.*.customer_id": 0.0,
            "customers.*.suggestions.*.item_id": 0.0,
            "customers.*.suggestions.*.base_item_id": 0.0,
            "customers.*.suggestions.*.expected_incremental_revenue": 1e-6,
            "customers.*.suggestions.*.explanation": 0.0,
        },
    ),
)
