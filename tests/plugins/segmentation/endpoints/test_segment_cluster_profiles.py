"""A card per segment."""

from __future__ import annotations

import copy
from typing import Any

from plugins.segmentation.endpoints.segment_cluster_profiles import ENDPOINT
from tests.plugins.calls import answered, faults, golden
from tests.plugins.segmentation.endpoints.test_purchasing_segmentation import purchases

EXAMPLE: dict[str, Any] = copy.deepcopy(dict(ENDPOINT.example))


def test_published_example_but_for_ties() -> None:
    example = golden("segment_cluster_profiles")
    answer, expected = answered(ENDPOINT, example["request"]), example["response"]
    tops = answer["cluster_profiles"][0].pop("top_categories").split(", ")
    assert set(tops[:2]) == {"wine", "cheese"}
    assert len(tops) == 5
    del expected["cluster_profiles"][0]["top_categories"]
    assert answer == expected


def test_noise_gets_its_card_and_ids_need_not_be_in_a_row() -> None:
    labels = {customer: {0: -1, 1: 7, 2: 3}[label] for customer, label in EXAMPLE["labels"].items()}
    cards = answered(ENDPOINT, {**EXAMPLE, "labels": labels})["cluster_profiles"]
    assert [card["cluster_id"] for card in cards] == [-1, 3, 7]
    assert sum(card["n_customers"] for card in cards) == 12


def test_as_many_categories_as_wanted() -> None:
    cards = answered(ENDPOINT, {**EXAMPLE, "top_n_categories": 1})["cluster_profiles"]
    assert all(", " not in card["top_categories"] for card in cards)
    assert faults(ENDPOINT, {**EXAMPLE, "top_n_categories": 0})[0].pointer == "/top_n_categories"


def test_a_repeated_product_type_counts_once_and_a_rare_one_weighs_more() -> None:
    body = {
        "customers": purchases((1, 1.0, "a a a b"), (1, 1.0, "b"), (1, 1.0, "b c"), (1, 1.0, "c")),
        "labels": {"C0": 0, "C1": 0, "C2": 1, "C3": 1},
    }
    first, second = answered(ENDPOINT, body)["cluster_profiles"]
    assert first["top_categories"] == "b, a"  # two buyers at weight 1, one at ln(3/2) + 1
    assert second["top_categories"] == "c, b"


def test_nobody_spent() -> None:
    body = {"customers": purchases((1, 0.0, "a"), (2, 0.0, "b")), "labels": {"C0": 0, "C1": 1}}
    cards = answered(ENDPOINT, body)["cluster_profiles"]
    assert [card["share_of_revenue_pct"] for card in cards] == [0.0, 0.0]
    assert {card["insight"] for card in cards} == {"Growth-potential segment"}


def test_the_insight_turns_at_thirty_percent() -> None:
    body = {"customers": purchases((1, 70.0, "a"), (1, 30.0, "b")), "labels": {"C0": 0, "C1": 1}}
    for lang, sentence in (
        ("en", "Focus on retention & upsell"),
        ("es", "Priorizar la retención y la venta de mayor valor"),
        ("pt", "Priorizar a retenção e a venda de maior valor"),
    ):
        cards = answered(ENDPOINT, body, lang=lang)["cluster_profiles"]
        assert [card["insight"] for card in cards] == [sentence, sentence]
