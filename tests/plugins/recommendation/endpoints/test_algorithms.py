"""The algorithm that a request asks for."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from plugins.recommendation.endpoints.bulk_recommend_user_items import ENDPOINT as BULK
from plugins.recommendation.endpoints.recommend_similar_items import ENDPOINT as SIMILAR
from plugins.recommendation.endpoints.recommend_user_items import ENDPOINT
from tests.plugins.calls import answered, faults
from tests.plugins.recommendation.recommenders.populations import clusters, items, rows

CHOICES = rows(clusters(160, 60, 4, 25, 0.1, 0))
BODY: dict[str, Any] = {"interactions": CHOICES, "items": items(60, 4), "top_k": 5, "user_ids": ["U0000"]}


@pytest.mark.parametrize(
    ("algorithm", "named", "source"),
    [
        ("ALS", "ALS", "als"),
        ("ItemKNN", "ItemKNN", "item-knn"),
        ("EASE", "EASE", "ease"),
        ("TF-IDF", "TF-IDF cosine", "content-fallback"),
    ],
)
def test_a_named_algorithm_answers_and_explains_itself(algorithm: str, named: str, source: str) -> None:
    answer = answered(BULK, {**BODY, "algorithm": algorithm}, headers={"x-explain-features": "true"})
    assert answer["model_info"]["algorithm"] == named
    [user] = answer["results"]
    seen = {row["item_id"] for row in CHOICES if row["user_id"] == "U0000"}
    for row in user["recommendations"]:
        assert row["source"] == source
        assert row["item_id"] not in seen
        if source != "content-fallback":
            assert {factor.split(" (")[0] for factor in row["top_factors"]} <= seen
    assert int(user["recommendations"][0]["item_id"][1:]) % 4 == 0
    if source != "content-fallback":
        assert 0 < answer["model_info"]["catalogue_coverage"] <= 1


def test_a_user_with_one_item_is_answered_by_a_named_algorithm() -> None:
    new = [*CHOICES, {"user_id": "new", "item_id": "I0004"}]
    body = {**BODY, "interactions": new, "user_ids": ["new"]}
    [forced] = answered(BULK, {**body, "algorithm": "ItemKNN"})["results"]
    assert {row["source"] for row in forced["recommendations"]} == {"item-knn"}
    [auto] = answered(BULK, body)["results"]
    assert {row["source"] for row in auto["recommendations"]} == {"content-fallback"}


def test_too_few_interactions_for_a_named_algorithm_are_said() -> None:
    few = {"user_id": "U0000", "interactions": CHOICES[:40], "items": items(60, 4), "algorithm": "EASE"}
    [warning] = answered(ENDPOINT, few)["warnings"]
    assert warning == {
        "code": "algorithm_not_used",
        "message": "EASE needs 1,500 interactions of 75 users and 50 items; words rank instead.",
    }


def test_similar_items_take_a_named_algorithm_too() -> None:
    body = {**BODY, "item_id": "I0000", "blend_cf": 1.0}
    assert answered(SIMILAR, {**body, "algorithm": "ItemKNN"})["model_info"]["algorithm"] == (
        "ItemKNN + TF-IDF cosine"
    )
    assert answered(SIMILAR, {**body, "algorithm": "TF-IDF"})["model_info"]["algorithm"] == "TF-IDF cosine"


def test_a_catalogue_that_ease_cannot_take_is_a_400_that_says_so() -> None:
    body = {"user_id": "U0000", "interactions": CHOICES, "items": items(6_001), "algorithm": "EASE"}
    assert faults(ENDPOINT, body) == [
        ("/algorithm", "EASE takes at most 6,000 items; items has 6,001. Send another one.")
    ]


def test_choices_without_taste_are_answered_by_popularity_that_says_so() -> None:
    chance = np.random.default_rng(3)
    appeal = 1 / np.arange(1, 101) ** 1.2
    pairs = [
        (user, int(item))
        for user in range(200)
        for item in chance.choice(100, 12, replace=False, p=appeal / appeal.sum())
    ]
    answer = answered(
        ENDPOINT, {"user_id": "U0000", "interactions": rows(pairs), "items": items(100, 3), "top_k": 5}
    )
    assert answer["model_info"]["algorithm"] == "Popularity"
    assert [warning["code"] for warning in answer["warnings"]] == ["popularity_wins"]
    seen = {item for user, item in pairs if user == 0}
    counts = np.bincount([item for _, item in pairs], minlength=100)
    unseen = sorted(set(range(100)) - seen, key=lambda item: -counts[item])
    assert [row["item_id"] for row in answer["recommendations"]] == [f"I{item:04d}" for item in unseen[:5]]
    assert {row["source"] for row in answer["recommendations"]} == {"popularity"}
    assert {row["explanation"] for row in answer["recommendations"]} == {"Chosen by many users."}
