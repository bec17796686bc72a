"""A rating in the lower half of its scale is not a preference."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from plugins.recommendation.endpoints.bulk_recommend_user_items import ENDPOINT as BULK
from plugins.recommendation.endpoints.recommend_user_items import ENDPOINT
from tests.plugins.calls import Registry, answered

FILMS = {
    "A": "horror movie zombie",
    "B": "horror movie vampire",
    "C": "romance movie wedding",
    "D": "documentary nature",
    "E": "romance movie dance",
}
CATALOGUE = [{"item_id": name, "metadata": text} for name, text in FILMS.items()]
KINDS = ("HOR", "ROM")
SHOP = [{"item_id": f"{kind}-{number}"} for kind in KINDS for number in range(30)]


def rated(user: str, ratings: dict[str, float | None]) -> list[dict[str, Any]]:
    return [
        {"user_id": user, "item_id": item, **({} if rating is None else {"rating": rating})}
        for item, rating in ratings.items()
    ]


OTHERS = [*rated("V", {"C": 5}), *rated("W", {"D": 5})]


def by_text(ratings: dict[str, float | None], **asked: Any) -> dict[str, Any]:
    mine = rated("U", ratings)
    return answered(
        ENDPOINT, {"user_id": "U", "top_k": 5, "interactions": [*mine, *OTHERS], "items": CATALOGUE, **asked}
    )


def ids(answer: dict[str, Any]) -> list[str]:
    return [row["item_id"] for row in answer["recommendations"]]


def lovers(dislikes: bool) -> list[dict[str, Any]]:
    """Two kinds of users, each of whom rates its kind 4 or 5, and some of the other kind 1."""
    chance = np.random.default_rng(3)
    rows = []
    for user in range(120):
        loved, other = KINDS[user % 2], KINDS[1 - user % 2]
        for number in chance.choice(30, 12, replace=False):
            rows += rated(f"U{user}", {f"{loved}-{number}": float(chance.integers(4, 6))})
        for number in chance.choice(30, 4, replace=False) if dislikes else ():
            rows += rated(f"U{user}", {f"{other}-{number}": 1.0})
    return rows


@pytest.fixture(scope="module")
def learned() -> Registry:
    return Registry(BULK)


@pytest.mark.parametrize("rating", [0, 1, 2, 2.5])
def test_nothing_like_what_a_user_disliked_is_recommended_by_text(rating: float) -> None:
    answer = by_text({"A": rating})
    assert ids(answer) == ["D", "C", "E"]
    assert all("explanation" not in row for row in answer["recommendations"])


def test_a_disliked_item_is_no_reason_and_lowers_similar_items_by_text() -> None:
    answer = by_text(
        {"C": 1, "E": 5, "A": 1}, items=[*CATALOGUE, {"item_id": "F", "metadata": "horror dance"}]
    )
    assert "B" not in ids(answer)
    assert ids(answer)[0] == "F"
    assert answer["recommendations"][0]["explanation"] == "Shares similar attributes/keywords with E: dance."


def test_an_item_that_was_bought_and_rated_1_is_disliked() -> None:
    twice = [*rated("U", {"A": None}), *rated("U", {"A": 1}), *OTHERS]
    answer = answered(ENDPOINT, {"user_id": "U", "interactions": twice, "items": CATALOGUE})
    assert "B" not in ids(answer)


def test_a_disliked_item_stays_seen() -> None:
    assert "A" not in ids(by_text({"A": 1, "C": 5}))


@pytest.mark.parametrize("count", [3, 5, 8])
def test_a_user_with_dislikes_only_gets_the_other_kind(learned: Registry, count: int) -> None:
    haters = [
        *rated("hates horror", {f"HOR-{number}": 1 for number in range(count)}),
        *rated("hates romance", {f"ROM-{number}": 2 for number in range(count)}),
    ]
    body = {"interactions": [*lovers(dislikes=True), *haters], "items": SHOP}
    answer = answered(BULK, {**body, "user_ids": ["hates horror", "hates romance"]}, learned)
    kinds = [{name[:3] for name in ids(row)} for row in answer["results"]]
    assert kinds == [{"ROM"}, {"HOR"}]
    assert [len(row["recommendations"]) for row in answer["results"]] == [10, 10]


def test_a_disliked_item_is_never_a_reason(learned: Registry) -> None:
    mixed = rated("U", {**{f"HOR-{number}": 1 for number in range(3)}, **{f"ROM-{n}": 5 for n in range(6)}})
    body = {"interactions": [*lovers(dislikes=True), *mixed], "items": SHOP, "user_ids": ["U"]}
    answer = answered(BULK, body, learned, headers={"x-explain-features": "true"})
    [row] = answer["results"]
    assert {name[:3] for name in ids(row)} == {"ROM"}
    for item in row["recommendations"]:
        assert "HOR" not in item.get("explanation", "")
        assert not any(factor.startswith("HOR") for factor in item["top_factors"])


def test_dislikes_of_others_lift_nothing(learned: Registry) -> None:
    """One hundred one-star ratings of an item do not make it popular."""
    hated = [row for user in range(100) for row in rated(f"H{user}", {"HOR-29": 1, "ROM-29": 1, "ROM-28": 1})]
    body = {"interactions": [*lovers(dislikes=False), *hated], "items": SHOP, "user_ids": ["H0", "U0"]}
    answer = answered(BULK, body, learned)
    for row in answer["results"]:
        assert not {"HOR-29"} & set(ids(row)[:5])


def test_a_user_who_has_seen_everything_gets_nothing_and_a_note() -> None:
    everything = rated("U", dict.fromkeys(FILMS))
    answer = answered(ENDPOINT, {"user_id": "U", "interactions": everything, "items": CATALOGUE})
    assert answer["recommendations"] == []
    assert answer["note"].startswith("This user has interacted with every item of the catalogue, or ")
    [bulk] = answered(BULK, {"interactions": everything, "items": CATALOGUE})["results"]
    assert bulk["note"] == answer["note"]
    again = {"user_id": "U", "interactions": everything, "items": CATALOGUE, "exclude_seen": False}
    assert len(answered(ENDPOINT, again)["recommendations"]) == 5
