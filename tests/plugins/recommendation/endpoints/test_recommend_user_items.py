import random
from typing import Any

import pytest

from abintel.problem import Problem
from plugins.recommendation.endpoints.recommend_user_items import ENDPOINT
from tests.plugins.calls import Registry, answered, faults, golden
from tests.plugins.recommendation.recommenders.populations import clusters, items, rows

PUBLISHED = golden("recommend_user_items")
SHOP = PUBLISHED["request"]["items"]
CATALOGUE = items(60, 4)
CHOICES = rows(clusters(160, 60, 4, 25, 0.1, 0))


@pytest.fixture(scope="module")
def learned() -> Registry:
    return Registry(ENDPOINT)


def body(**changes: Any) -> dict[str, Any]:
    return {"user_id": "U0000", "interactions": CHOICES, "items": CATALOGUE, "top_k": 5, **changes}


def small(**changes: Any) -> dict[str, Any]:
    return {**PUBLISHED["request"], **changes}


def ids(answer: dict[str, Any]) -> list[str]:
    return [row["item_id"] for row in answer["recommendations"]]


def test_the_published_example_without_what_the_user_has() -> None:
    answer = answered(ENDPOINT, PUBLISHED["request"])
    assert answer["model_info"] == PUBLISHED["response"]["model_info"]
    assert answer["recommendations"] == [
        {"item_id": name, "score": 0.0, "source": "content-fallback"}
        for name in ("SKU-C3", "SKU-D7", "SKU-E2")
    ]


def test_the_published_similarity_where_seen_items_stay() -> None:
    answer = answered(ENDPOINT, small(exclude_seen=False))
    assert answer["recommendations"][0] == {
        "item_id": "SKU-A1",
        "score": 1.0,
        "source": "content-fallback",
        "explanation": "This user has chosen it before.",
    }
    assert answer["recommendations"][1] == {
        "item_id": "SKU-B9",
        "score": 0.1783,
        "source": "content-fallback",
        "explanation": "Shares similar attributes/keywords with SKU-A1: shoes.",
    }
    assert len(answer["recommendations"]) == 5


def test_als_recommends_what_users_of_the_same_kind_choose(learned: Registry) -> None:
    answer = answered(ENDPOINT, body(), learned)
    info = answer["model_info"]
    assert (info["algorithm"], info["metric"]) == ("ALS", "precision_at_10")
    assert info["train_rows"] == len(CHOICES)
    assert info["value"] > info["popularity_value"]
    seen = {row["item_id"] for row in CHOICES if row["user_id"] == "U0000"}
    for row in answer["recommendations"]:
        assert row["source"] == "als"
        assert row["item_id"] not in seen
    scores = [row["score"] for row in answer["recommendations"]]
    assert scores == sorted(scores, reverse=True)
    assert int(ids(answer)[0][1:]) % 4 == 0


def test_als_explains_itself_by_items_of_the_user(learned: Registry) -> None:
    answer = answered(ENDPOINT, body(), learned, headers={"x-explain-features": "true"})
    seen = {row["item_id"] for row in CHOICES if row["user_id"] == "U0000"}
    first = answer["recommendations"][0]
    assert first["explanation"].startswith("Fits this user's choice of ")
    named = {factor.split(" (")[0] for factor in first["top_factors"]}
    assert 1 <= len(named) <= 10
    assert named <= seen
    assert first["top_factors"][0].split(" (")[0] in first["explanation"]


@pytest.mark.parametrize("settings", [{}, {"diversity": 0.4}, {"exclude_seen": False, "top_k": 200}])
def test_the_order_of_rows_changes_nothing(learned: Registry, settings: dict[str, Any]) -> None:
    chance = random.Random(0)
    expected = answered(ENDPOINT, body(**settings), learned)
    shuffled = body(
        **settings,
        interactions=chance.sample(CHOICES, len(CHOICES)),
        items=chance.sample(CATALOGUE, len(CATALOGUE)),
    )
    assert answered(ENDPOINT, shuffled, Registry(ENDPOINT)) == expected


def test_the_order_of_rows_changes_nothing_where_texts_rank() -> None:
    shuffled = small(items=SHOP[::-1], interactions=PUBLISHED["request"]["interactions"][::-1])
    assert answered(ENDPOINT, shuffled) == answered(ENDPOINT, PUBLISHED["request"])


@pytest.mark.parametrize("most", [1, 2])
def test_with_one_or_two_items_texts_rank_even_where_there_is_enough_to_learn(most: int) -> None:
    mine = [{"user_id": "new", "item_id": f"I{4 * k:04d}"} for k in range(most)] * 3
    answer = answered(ENDPOINT, body(user_id="new", interactions=[*CHOICES, *mine]))
    assert answer["model_info"]["algorithm"] == "TF-IDF cosine"
    assert {row["source"] for row in answer["recommendations"]} == {"content-fallback"}
    assert all(int(name[1:]) % 4 == 0 for name in ids(answer))


def test_a_user_without_interactions_gets_nothing_and_a_note() -> None:
    answer = answered(ENDPOINT, small(user_id="nobody"))
    assert answer["recommendations"] == []
    assert answer["note"] == (
        "No interactions of this user were sent; send three or more, such as the last views."
    )


def test_a_lower_top_k_is_the_beginning_of_a_higher(learned: Registry) -> None:
    assert ids(answered(ENDPOINT, body(top_k=3), learned)) == ids(answered(ENDPOINT, body(), learned))[:3]


def test_a_top_k_beyond_the_catalogue_gives_all_that_was_not_seen(learned: Registry) -> None:
    seen = {row["item_id"] for row in CHOICES if row["user_id"] == "U0000"}
    found = ids(answered(ENDPOINT, body(top_k=200), learned))
    assert sorted(found) == sorted({item["item_id"] for item in CATALOGUE} - seen)


def test_diversity_brings_other_kinds(learned: Registry) -> None:
    def kinds(diversity: float) -> int:
        answer = answered(ENDPOINT, body(user_id="U0001", diversity=diversity, top_k=8), learned)
        return len({int(name[1:]) % 4 for name in ids(answer)})

    assert kinds(1.0) == 4
    assert kinds(1.0) >= kinds(0.0)


def test_what_was_liked_lately_counts_more_with_a_half_life() -> None:
    mine = [
        {"user_id": "U-42", "item_id": "SKU-C3", "timestamp": "2024-01-01"},
        {"user_id": "U-42", "item_id": "SKU-A1", "timestamp": "2025-04-01T08:00:00Z"},
        {"user_id": "U-17", "item_id": "SKU-D7"},
    ]
    new = [*SHOP, {"item_id": "SKU-F1", "metadata": "soccer goal"}]
    request = small(interactions=mine, items=new, top_k=1)
    assert ids(answered(ENDPOINT, request)) == ["SKU-F1"]
    assert ids(answered(ENDPOINT, {**request, "half_life_days": 30})) == ["SKU-B9"]


def test_zero_scores_are_filled_with_what_most_users_chose() -> None:
    others = [{"user_id": f"V{k}", "item_id": name} for k in range(3) for name in ("SKU-E2", "SKU-D7")]
    mine = [*PUBLISHED["request"]["interactions"], *others, {"user_id": "W", "item_id": "SKU-E2"}]
    assert ids(answered(ENDPOINT, small(interactions=mine))) == ["SKU-E2", "SKU-D7", "SKU-C3"]


@pytest.mark.parametrize(
    "catalogue",
    [
        [{"item_id": "A"}],
        [{"item_id": name, "metadata": "same words"} for name in "ABC"],
        [{"item_id": name} for name in "ABC"],
        [{"item_id": name, "metadata": text} for name, text in (("A", "–"), ("B", ""), ("C", None))],
    ],
)
def test_catalogues_that_say_little_are_answered(catalogue: list[dict[str, Any]]) -> None:
    mine = [{"user_id": "u", "item_id": "A"}] * 3
    answer = answered(ENDPOINT, {"user_id": "u", "interactions": mine, "items": catalogue})
    assert ids(answer) == [item["item_id"] for item in catalogue if item["item_id"] != "A"]


def test_ratings_of_0_alone_are_no_taste(learned: Registry) -> None:
    hated = [{**row, "rating": 0} for row in CHOICES]
    answer = answered(ENDPOINT, body(interactions=hated))
    assert {(row["score"], row.get("explanation")) for row in answer["recommendations"]} == {(0.0, None)}


def test_one_pair_thousands_of_times_is_answered() -> None:
    heavy = [*CHOICES, *[{"user_id": "U0000", "item_id": "I0004", "rating": 5}] * 5000]
    answer = answered(ENDPOINT, body(interactions=heavy))
    assert all(0 <= row["score"] <= 1 for row in answer["recommendations"])


def test_sentences_follow_the_language(learned: Registry) -> None:
    answer = answered(ENDPOINT, body(), learned, lang="es")
    assert answer["recommendations"][0]["explanation"].startswith("Encaja con lo que este usuario eligió: ")


@pytest.mark.parametrize(
    ("changes", "expected"),
    [
        (
            {"items": [*SHOP, {"item_id": "SKU-A1"}]},
            [("/items/5/item_id", "'SKU-A1' is already at /items/0; send each item once.")],
        ),
        (
            {"items": SHOP[:2]},
            [("/interactions/2/item_id", "'SKU-C3' is not in items; add it there, or leave the row out.")],
        ),
        (
            {"half_life_days": 30},
            [
                (
                    "/half_life_days",
                    "No interaction has a timestamp to tell its age by; send some, or leave this out.",
                )
            ],
        ),
        ({"top_k": 201}, [("/top_k", "Input should be less than or equal to 200; got 201.")]),
        ({"diversity": 1.5}, [("/diversity", "Input should be less than or equal to 1; got 1.5.")]),
    ],
)
def test_faults_are_named(changes: dict[str, Any], expected: list[tuple[str, str]]) -> None:
    assert [tuple(fault) for fault in faults(ENDPOINT, small(**changes))] == expected


@pytest.mark.parametrize(
    ("stamp", "message"),
    [
        ("yesterday", "'yesterday' is not an ISO 8601 date or date-time, such as 2025-04-28T12:00:00Z."),
        ("2025-02-30", "'2025-02-30' is not an ISO 8601 date or date-time, such as 2025-04-28T12:00:00Z."),
        (
            "2025-04-30",
            "'2025-04-30' is after the server's date, 2025-04-28, by more than a day; send history only.",
        ),
    ],
)
def test_stamps_that_cannot_be_are_named(stamp: str, message: str) -> None:
    mine = [{**row, "timestamp": stamp} for row in PUBLISHED["request"]["interactions"][:1]]
    request = small(interactions=[*PUBLISHED["request"]["interactions"], *mine])
    assert [tuple(fault) for fault in faults(ENDPOINT, request)] == [("/interactions/3/timestamp", message)]


@pytest.mark.parametrize("stamp", ["2025-04-29T23:59:59Z", "0001-01-01", "2025-04-28T12:00:00+05:30"])
def test_stamps_that_can_be_are_taken(stamp: str) -> None:
    mine = [{**row, "timestamp": stamp} for row in PUBLISHED["request"]["interactions"]]
    assert faults(ENDPOINT, small(interactions=mine, half_life_days=30)) == []


@pytest.mark.parametrize("rating", [5.01, -1])
def test_ratings_are_from_0_to_5(rating: float) -> None:
    [fault] = faults(
        ENDPOINT, small(interactions=[{"user_id": "u", "item_id": "SKU-A1", "rating": rating}] * 3)
    )[:1]
    assert fault.pointer == "/interactions/0/rating"


def test_a_header_that_is_neither_true_nor_false_is_refused() -> None:
    with pytest.raises(Problem) as refused:
        answered(ENDPOINT, PUBLISHED["request"], headers={"x-explain-features": "maybe"})
    assert refused.value.detail == "X-Explain-Features: 'maybe' is not one of true, false."
