from typing import Any

import pytest

from plugins.recommendation.endpoints import recommend_user_items
from plugins.recommendation.endpoints.bulk_recommend_user_items import ENDPOINT
from tests.plugins.calls import Registry, answered, faults
from tests.plugins.recommendation.recommenders.populations import clusters, items, rows

CATALOGUE = items(60, 4)
CHOICES = [
    *rows(clusters(160, 60, 4, 25, 0.1, 0)),
    {"user_id": "two", "item_id": "I0000"},
    {"user_id": "two", "item_id": "I0004"},
]


def body(**changes: Any) -> dict[str, Any]:
    return {"interactions": CHOICES, "items": CATALOGUE, "top_k": 4, **changes}


@pytest.mark.parametrize("settings", [{}, {"diversity": 0.5, "exclude_seen": False}])
def test_each_user_gets_what_the_route_for_one_gives(settings: dict[str, Any]) -> None:
    users = ["U0042", "two", "nobody", "U0000"]
    bulk = answered(ENDPOINT, body(user_ids=users, **settings))
    assert [result["user_id"] for result in bulk["results"]] == users
    registry = Registry(recommend_user_items.ENDPOINT)
    for result in bulk["results"]:
        one = body(user_id=result["user_id"], **settings)
        single = answered(recommend_user_items.ENDPOINT, one, registry)
        assert result["recommendations"] == single["recommendations"]
        assert result.get("note") == single.get("note")
        if result["user_id"].startswith("U"):
            assert bulk["model_info"] == single["model_info"]


def test_null_is_every_user_in_order_of_appearance() -> None:
    found = answered(ENDPOINT, body(user_ids=None))["results"]
    assert [result["user_id"] for result in found] == list(dict.fromkeys(row["user_id"] for row in CHOICES))
    sources = {result["user_id"]: result["recommendations"][0]["source"] for result in found}
    assert sources.pop("two") == "content-fallback"
    assert set(sources.values()) == {"als"}


def test_a_user_named_twice_is_a_fault() -> None:
    assert [tuple(fault) for fault in faults(ENDPOINT, body(user_ids=["a", "b", "a"]))] == [
        ("/user_ids/2", "'a' is already at /user_ids/0; send each user once.")
    ]


def test_more_than_can_be_answered_is_a_fault() -> None:
    many = body(user_ids=[str(user) for user in range(8334)], top_k=200)
    assert [tuple(fault) for fault in faults(ENDPOINT, many)] == [
        (
            "/top_k",
            "60 items for each of 8,334 users are more than 500,000; send fewer users, or a lower top_k.",
        )
    ]
