import random
from typing import Any

import pytest

from plugins.recommendation.endpoints.recommend_similar_items import ENDPOINT
from tests.plugins.calls import Registry, answered, faults, golden
from tests.plugins.recommendation.recommenders.populations import clusters, items, rows

PUBLISHED = golden("recommend_similar_items")
CATALOGUE = items(60, 3)
CHOICES = rows(clusters(160, 60, 4, 25, 0.1, 0))


@pytest.fixture(scope="module")
def learned() -> Registry:
    return Registry(ENDPOINT)


def body(**changes: Any) -> dict[str, Any]:
    """Sixty items: kinds of three by their words, of four by who chooses them."""
    return {"item_id": "I0000", "interactions": CHOICES, "items": CATALOGUE, "top_k": 100, **changes}


def scores(answer: dict[str, Any]) -> dict[str, float]:
    return {row["item_id"]: row["score"] for row in answer["recommendations"]}


def test_the_published_example() -> None:
    answer = answered(ENDPOINT, PUBLISHED["request"])
    assert answer["recommendations"][0] == PUBLISHED["response"]["recommendations_first"]
    assert answer["model_info"] == PUBLISHED["response"]["model_info"]
    assert [row["source"] for row in answer["recommendations"]] == ["content"] * 4


def test_the_score_is_the_blend_of_both_similarities(learned: Registry) -> None:
    by_choice = scores(answered(ENDPOINT, body(blend_cf=1), learned))
    by_words = scores(answered(ENDPOINT, body(blend_cf=0), learned))
    blended = scores(answered(ENDPOINT, body(blend_cf=0.3), learned))
    for name, score in blended.items():
        assert score == pytest.approx(0.3 * by_choice[name] + 0.7 * by_words[name], abs=1e-4)


def test_items_of_one_kind_are_alike_by_choice(learned: Registry) -> None:
    answer = answered(ENDPOINT, body(blend_cf=1, top_k=10), learned)
    assert sum(int(row["item_id"][1:]) % 4 == 0 for row in answer["recommendations"]) >= 9
    assert answer["model_info"]["algorithm"] == "ALS + TF-IDF cosine"
    assert answer["model_info"]["train_rows"] == len(CHOICES)


def test_the_source_is_true_of_each_item(learned: Registry) -> None:
    texts = [{**item, "metadata": None} if k % 2 else item for k, item in enumerate(CATALOGUE)]
    more = [*texts, {"item_id": "new", "metadata": "kind0 thing"}]
    by_choice = scores(answered(ENDPOINT, body(items=more, blend_cf=1)))
    by_words = scores(answered(ENDPOINT, body(items=more, blend_cf=0)))
    answer = answered(ENDPOINT, body(items=more))
    sources = {row["item_id"]: row["source"] for row in answer["recommendations"]}
    assert sources["new"] == "content"
    assert {"cf", "blend"} <= set(sources.values())
    for row in answer["recommendations"]:
        name = row["item_id"]
        if by_choice[name] > 0.001:
            assert sources[name] == ("blend" if by_words[name] else "cf")
        assert ("explanation" in row) == (row["score"] > 0)


def test_an_item_that_nobody_chose_is_compared_by_words_alone() -> None:
    more = [*CATALOGUE, {"item_id": "new", "metadata": "kind0 thing"}]
    answer = answered(ENDPOINT, body(items=more, item_id="new", top_k=3))
    assert answer["model_info"]["algorithm"] == "TF-IDF cosine"
    assert {row["source"] for row in answer["recommendations"]} == {"content"}
    assert answer["recommendations"][0]["score"] == 1.0


def test_factors_say_what_the_score_is_made_of(learned: Registry) -> None:
    answer = answered(ENDPOINT, body(top_k=1), learned, headers={"x-explain-features": "true"})
    [row] = answer["recommendations"]
    parts = [float(factor.split("(")[1][:-1]) for factor in row["top_factors"]]
    assert parts == sorted(parts, reverse=True)
    assert sum(parts) == pytest.approx(row["score"], abs=3e-4)
    assert any(factor.startswith("taste of the same users (+") for factor in row["top_factors"])


def test_without_interactions_words_decide() -> None:
    request = {key: value for key, value in body(top_k=5).items() if key != "interactions"}
    answer = answered(ENDPOINT, request)
    assert [row["item_id"] for row in answer["recommendations"]] == [f"I{k:04d}" for k in (3, 6, 9, 12, 15)]


def test_the_order_of_rows_changes_nothing(learned: Registry) -> None:
    chance = random.Random(0)
    shuffled = body(
        interactions=chance.sample(CHOICES, len(CHOICES)), items=chance.sample(CATALOGUE, len(CATALOGUE))
    )
    assert answered(ENDPOINT, shuffled, Registry(ENDPOINT)) == answered(ENDPOINT, body(), learned)


def test_the_only_item_resembles_nothing() -> None:
    assert answered(ENDPOINT, {"item_id": "A", "items": [{"item_id": "A"}]})["recommendations"] == []


@pytest.mark.parametrize(
    ("changes", "expected"),
    [
        ({"item_id": "SKU-X"}, [("/item_id", "'SKU-X' is not in items; add it there.")]),
        ({"top_k": 101}, [("/top_k", "Input should be less than or equal to 100; got 101.")]),
        (
            {"interactions": [{"user_id": "u", "item_id": "Z"}]},
            [("/interactions/0/item_id", "'Z' is not in items; add it there, or leave the row out.")],
        ),
    ],
)
def test_faults_are_named(changes: dict[str, Any], expected: list[tuple[str, str]]) -> None:
    found = faults(ENDPOINT, {**PUBLISHED["request"], **changes})
    assert [tuple(fault) for fault in found] == expected
