"""What is bought together."""

from __future__ import annotations

import datetime
from typing import Any

import httpx
import numpy as np
import pytest

from plugins.recommendation.endpoints.cross_sell_matrix import ENDPOINT
from tests.plugins.calls import answered, faults, golden

ITEMS = dict(ENDPOINT.examples["items"])
CATEGORIES = dict(ENDPOINT.examples["categories"])
DATED = [
    {"customer_id": "C-1", "items": ["A", "B"], "date": "2025-03-01"},
    {"customer_id": "C-2", "items": ["A"], "date": "2025-03-15"},
    {"customer_id": "C-1", "items": ["B", "C"], "date": "2025-03-31"},
]


@pytest.mark.parametrize("name", ["cross_sell_matrix_item", "cross_sell_matrix_category"])
def test_published_example_of_sections_4_2_6_and_4_2_7(name: str) -> None:
    published = golden(name)
    answer = answered(ENDPOINT, published["request"])
    for key in published["check"]["equal"]:
        assert answer[key] == published["response"][key]


def test_generated_at_is_written_as_published() -> None:
    now = datetime.datetime(2025, 5, 21, 10, 33, 37, 149247, tzinfo=datetime.UTC)
    assert answered(ENDPOINT, ITEMS, now=now)["generated_at"] == "2025-05-21T10:33:37.149247Z"


def test_a_personal_matrix_counts_one_customers_orders() -> None:
    answer = answered(ENDPOINT, {**ITEMS, "customer_id": "C-1"})
    assert answer["items_or_categories"] == ["SKU-A1", "SKU-B9", "SKU-E2"]
    assert answer["matrix"] == [[1.0, 1.0, 0.0], [0.5, 1.0, 0.5], [0.0, 1.0, 1.0]]


def test_lift_is_confidence_by_the_share_of_orders_with_j() -> None:
    answer = answered(ENDPOINT, {**ITEMS, "metric": "lift"})
    assert answer["matrix"][0] == [1.5, 0.75, 1.5, 0.75]
    assert answer["metric"] == "(orders_with_i_and_j / orders_with_i) / share_of_orders_with_j"


def test_symmetric_is_the_mean_of_both_directions() -> None:
    answer = answered(ENDPOINT, {**CATEGORIES, "symmetric": True})
    assert answer["matrix"] == [[1.0, 0.45, 0.5], [0.45, 1.0, 0.675], [0.5, 0.675, 1.0]]
    assert answer["metric"] == "mean of both directions of orders_with_i_and_j / orders_with_i"


def test_order_by_support_puts_the_most_bought_first_and_ties_by_name() -> None:
    answer = answered(ENDPOINT, {**CATEGORIES, "order": "support"})
    assert answer["items_or_categories"] == ["Shoes", "Accessories", "Wearables"]
    assert answer["matrix"][0] == [1.0, 0.4, 0.6]


def test_min_support_leaves_rare_items_out_of_rows_and_columns_and_no_order() -> None:
    answer = answered(ENDPOINT, {**ITEMS, "min_support": 2, "metric": "lift"})
    assert answer["items_or_categories"] == ["SKU-A1", "SKU-B9", "SKU-E2"]
    assert answer["matrix"][0][0] == 1.5  # of three orders, still


def test_time_range_includes_both_ends() -> None:
    span = {"start": "2025-03-01", "end": "2025-03-31"}
    body = {"transactions": DATED, "time_range": span}
    assert answered(ENDPOINT, body)["matrix"] == [[1.0, 0.5, 0.0], [0.5, 1.0, 0.5], [0.0, 1.0, 1.0]]
    body["time_range"] = {"start": "2025-03-02", "end": "2025-03-30"}
    assert answered(ENDPOINT, body)["items_or_categories"] == ["A"]
    body["time_range"] = {"start": "2025-03-31", "end": "2030-01-01"}
    assert answered(ENDPOINT, body)["items_or_categories"] == ["B", "C"]


def test_an_item_twice_in_an_order_counts_once_and_an_empty_order_is_an_order() -> None:
    body = {
        "metric": "lift",
        "transactions": [{"customer_id": "C", "items": ["A", "A"]}, {"customer_id": "C", "items": []}],
    }
    assert answered(ENDPOINT, body)["matrix"] == [[2.0]]


def test_sparse_gives_pairs_with_support_confidence_and_lift() -> None:
    answer = answered(ENDPOINT, {**ITEMS, "format": "sparse", "top_n": 1})
    assert "matrix" not in answer
    first = {"i": "SKU-A1", "j": "SKU-B9", "support": 1, "confidence": 0.5, "lift": 0.75, "rare": True}
    assert answer["pairs"][0] == first
    assert [pair["i"] for pair in answer["pairs"]] == answer["items_or_categories"]


def test_sparse_of_one_item_has_no_pairs() -> None:
    body = {"format": "sparse", "transactions": [{"customer_id": "C", "items": ["A"]}]}
    assert answered(ENDPOINT, body)["pairs"] == []


def test_names_are_written_as_they_were_sent() -> None:
    names = ["a", 'q"\\', "\u0000é", "日本"]
    body = {"format": "sparse", "transactions": [{"customer_id": "C", "items": names}]}
    answer = answered(ENDPOINT, body)
    assert answer["items_or_categories"] == sorted(names)
    assert {pair["j"] for pair in answer["pairs"]} == set(names)


def test_the_order_of_the_orders_changes_nothing() -> None:
    chance = np.random.default_rng(5)
    orders = [
        {"customer_id": "C", "items": [f"S{code}" for code in chance.integers(0, 30, 3)]} for _ in range(200)
    ]
    answers = [
        answered(ENDPOINT, {"transactions": each, "order": "support"}) for each in (orders, orders[::-1])
    ]
    assert answers[0] == answers[1]


def test_more_than_five_thousand_rows_are_a_400_that_says_to_use_sparse() -> None:
    orders = [{"customer_id": "C", "items": [f"S{number}", "S0"]} for number in range(5_001)]
    [fault] = faults(ENDPOINT, {"transactions": orders})
    assert fault.pointer == "/format"
    assert fault.message == (
        "The matrix would have 5,001 rows; a dense one has at most 5,000. "
        'Send "format": "sparse", or a higher min_support.'
    )
    assert len(answered(ENDPOINT, {"transactions": orders, "format": "sparse"})["pairs"]) == 10_000
    assert len(answered(ENDPOINT, {"transactions": orders[1:], "min_support": 2})["matrix"]) == 1


UNKNOWN = {"customer_id": "C-9", "items": ["SKU-A1", "SKU-X"]}


@pytest.mark.parametrize(
    ("body", "wanted"),
    [
        (
            {**CATEGORIES, "transactions": [*CATEGORIES["transactions"], UNKNOWN, UNKNOWN]},
            ("/transactions/7/items/1", "'SKU-X' is not in item_catalog; add it there, with its category."),
        ),
        (
            {**CATEGORIES, "item_catalog": None},
            ("/item_catalog", 'With "level": "category" every item needs its category; send item_catalog.'),
        ),
        (
            {
                **CATEGORIES,
                "item_catalog": [*CATEGORIES["item_catalog"], {"item_id": "SKU-A1", "category": "Hats"}],
            },
            ("/item_catalog/4/item_id", "'SKU-A1' is there with another category; send each item once."),
        ),
        (
            {**ITEMS, "customer_id": "C-7"},
            ("/customer_id", "'C-7' has no order in transactions; send null to count all orders."),
        ),
        (
            {**ITEMS, "time_range": {"start": "2025-01-02", "end": "2025-01-01"}, "transactions": DATED},
            ("/time_range", "It ends on 2025-01-01, before it starts on 2025-01-02; exchange them."),
        ),
        (
            {"transactions": [{"customer_id": "C", "items": ["A"]}], "time_range": {}},
            ("/transactions/0/date", "Required where there is a time_range, and missing."),
        ),
        (
            {"transactions": DATED, "time_range": {"end": "2024-01-01"}},
            ("/time_range", "No order with an item is left to count; widen it, or leave it out."),
        ),
        (
            {**ITEMS, "min_support": 9},
            ("/min_support", "Nothing is in 9 orders; the most is 2. Send a lower one."),
        ),
        (
            {**ITEMS, "top_n": 3},
            ("/top_n", 'Only pairs are limited per row; send it with "format": "sparse".'),
        ),
        (
            {"transactions": [{"customer_id": "C", "items": []}]},
            ("/transactions", "No order has an item; send orders with items."),
        ),
        (
            {"transactions": [{"customer_id": "C", "items": ["A"], "date": "2025-05-01"}]},
            (
                "/transactions/0/date",
                "2025-05-01 is after the server's date, 2025-04-28, by more than a day; send history only.",
            ),
        ),
        (
            {**ITEMS, "metric": "support"},
            ("/metric", "Input should be 'confidence' or 'lift'; got 'support'."),
        ),
        ({**ITEMS, "min_support": 0}, ("/min_support", "Input should be greater than or equal to 1; got 0.")),
    ],
)
def test_a_bad_body_is_named_with_what_to_do(body: dict[str, Any], wanted: tuple[str, str]) -> None:
    assert faults(ENDPOINT, body) == [wanted]


def test_a_matrix_of_megabytes_arrives_whole_packed_or_not(acme: httpx.Client) -> None:
    orders = [{"customer_id": "C-1", "items": [f"S{i:04d}", f"S{(i * 7 + 1) % 900:04d}"]} for i in range(900)]
    texts = {}
    for coding in ("identity", "gzip"):
        response = acme.post(
            "/api/v1/ai/cross_sell_matrix",
            json={"transactions": orders},
            headers={"Accept-Encoding": coding},
        )
        assert response.status_code == 200
        assert (response.headers.get("content-encoding") == "gzip") == (coding == "gzip")
        texts[coding] = response.json()
    assert texts["gzip"]["matrix"] == texts["identity"]["matrix"]
    assert [len(row) for row in texts["gzip"]["matrix"]] == [900] * 900
    assert all(row[place] == 1.0 for place, row in enumerate(texts["gzip"]["matrix"]))


def often(*counts: tuple[tuple[str, ...], int]) -> list[dict[str, Any]]:
    return [{"customer_id": "C", "items": list(items)} for items, count in counts for _ in range(count)]


RARE = often((("A", "B"), 1), (("C", "D"), 5), (("C", "E"), 2))


def test_a_pair_of_a_single_order_is_marked() -> None:
    answer = answered(ENDPOINT, {"transactions": RARE, "metric": "lift", "format": "sparse"})
    assert {(pair["i"], pair["j"]): pair.get("rare") for pair in answer["pairs"]} == {
        **{("A", "B"): True, ("B", "A"): True},
        **{("C", "D"): None, ("D", "C"): None, ("C", "E"): None, ("E", "C"): None},
    }
    assert answer["warnings"] == [
        {
            "code": "rare_pairs",
            "message": "1 pair was bought together in a single order: its figures may be chance. "
            "A higher min_support leaves out rare items.",
        }
    ]


@pytest.mark.parametrize(
    ("lang", "beginning"),
    [("en", "3 pairs were bought"), ("es", "3 pares se compraron"), ("pt", "3 pares foram comprados")],
)
def test_rare_pairs_of_a_dense_matrix_are_counted(lang: Any, beginning: str) -> None:
    answer = answered(ENDPOINT, {"transactions": often((("A", "B", "C"), 1), (("D", "E"), 2))}, lang=lang)
    [warning] = answer["warnings"]
    assert warning["message"].startswith(beginning)


def test_what_is_in_enough_orders_is_not_called_rare() -> None:
    answer = answered(ENDPOINT, {"transactions": RARE, "min_support": 2, "format": "sparse"})
    assert answer["items_or_categories"] == ["C", "D", "E"]
    assert "warnings" not in answer


def test_case_and_outer_spaces_of_categories_make_no_difference() -> None:
    catalog = [
        {"item_id": name, "category": kind}
        for name, kind in zip("ABCD", ("Tea", "tea", "TEA ", "Mug"), strict=True)
    ]
    answer = answered(
        ENDPOINT,
        {
            "level": "category",
            "item_catalog": [*catalog, {"item_id": "A", "category": " tea"}],
            "transactions": often((("A", "D"), 2), (("B", "C"), 2)),
        },
    )
    assert answer["items_or_categories"] == ["Mug", "Tea"]
    assert answer["matrix"] == [[1.0, 1.0], [0.5, 1.0]]
