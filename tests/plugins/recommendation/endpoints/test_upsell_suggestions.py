"""Which dearer item to offer next."""

from __future__ import annotations

import copy
from typing import Any

import pytest

from plugins.recommendation.endpoints.upsell_suggestions import ENDPOINT
from plugins.recommendation.words import dearer
from tests.plugins.calls import answered, faults

ONE = dict(ENDPOINT.examples["one"])
ALL = dict(ENDPOINT.examples["all"])


def test_one_customer_gets_dearer_items_of_their_categories_and_of_those_bought_with_them() -> None:
    found = answered(ENDPOINT, ONE)["suggestions"]
    assert [(row["item_id"], row["base_item_id"]) for row in found] == [
        *(("SKU-E2", "SKU-A1"), ("SKU-A2", "SKU-A1"), ("SKU-D8", "SKU-D7"))
    ]
    first = found[0]
    assert first["affinity"] == 0.5  # of four orders with Shoes, two hold SKU-E2
    assert first["price_uplift_pct"] == pytest.approx(0.8625)
    assert first["expected_incremental_revenue"] == pytest.approx(0.5 * (149 - 80) * 0.25)
    assert first["explanation"] == (
        "Wearables is bought in 50.0% of the orders with Shoes; this item is in 50.0% of them and 69.00 "
        "dearer than SKU-A1."
    )
    assert found[1]["explanation"] == (
        "A step up from SKU-A1, 30.00 dearer: 50.0% of the orders with Shoes hold it."
    )


def test_null_answers_every_customer_in_order_of_their_first_order() -> None:
    customers = answered(ENDPOINT, ALL)["customers"]
    assert [row["customer_id"] for row in customers] == ["C-1", "C-2", "C-3", "C-4"]
    for row in customers:
        one = answered(ENDPOINT, {**ONE, "customer_id": row["customer_id"]})
        assert one["suggestions"] == row["suggestions"]


def test_orders_of_a_customer_count_together_wherever_they_stand() -> None:
    body = copy.deepcopy(ALL)
    body["transactions"] += [{"customer_id": "C-1", "items": ["SKU-A2"]}]
    first = answered(ENDPOINT, body)["customers"][0]
    assert first["customer_id"] == "C-1"
    assert "SKU-A2" not in {row["item_id"] for row in first["suggestions"]}


def test_without_margins_the_difference_in_price_counts_whole() -> None:
    body = copy.deepcopy(ONE)
    for item in body["item_catalog"]:
        del item["margin"]
    answer = answered(ENDPOINT, body)
    assert [row["expected_incremental_revenue"] for row in answer["suggestions"]] == [34.5, 15.0, 7.5]
    assert "warnings" not in answer
    body["item_catalog"][0]["margin"] = 0.5
    [warning] = answered(ENDPOINT, body)["warnings"]
    assert warning == {
        "code": "partial_margins",
        "message": "4 of 5 items have no margin: they rank by revenue, the others by margin.",
    }


def test_a_higher_confidence_leaves_other_categories_out() -> None:
    found = answered(ENDPOINT, {**ONE, "min_confidence": 0.51})["suggestions"]
    assert [row["item_id"] for row in found] == ["SKU-A2", "SKU-D8"]


def test_the_price_window_and_top_k_bound_the_suggestions() -> None:
    found = answered(ENDPOINT, {**ONE, "min_price_uplift_pct": 0.4, "max_price_uplift_pct": 0.8})
    assert [row["item_id"] for row in found["suggestions"]] == ["SKU-D8"]
    assert len(answered(ENDPOINT, {**ONE, "top_k": 1})["suggestions"]) == 1


def test_a_customer_without_orders_or_without_a_fit_gets_a_note() -> None:
    unknown = answered(ENDPOINT, {**ONE, "customer_id": "C-99"})
    assert unknown == {
        "suggestions": [],
        "note": "The customer has no order: there is nothing to build on.",
    }
    nothing = answered(ENDPOINT, {**ONE, "customer_id": "C-2", "max_price_uplift_pct": 0.11}, lang="pt")
    assert nothing["suggestions"] == []
    assert nothing["note"].startswith("Nenhum item mais caro combina")


def test_a_customer_whose_orders_are_empty_has_no_suggestions() -> None:
    body = copy.deepcopy(ALL)
    body["transactions"].insert(0, {"customer_id": "C-0", "items": []})
    assert answered(ENDPOINT, body)["customers"][0] == {"customer_id": "C-0", "suggestions": []}


def test_an_item_for_nothing_is_no_base_and_no_suggestion() -> None:
    body = copy.deepcopy(ONE)
    body["item_catalog"][0]["price"] = 0
    assert [row["item_id"] for row in answered(ENDPOINT, body)["suggestions"]] == ["SKU-D8"]


@pytest.mark.parametrize(
    "spelled", [("Tea", "tea", "Tea "), ("GRÜNER  TEE", "Grüner Tee", " grüner tee"), ("Tea", "Tea", "Tea")]
)
def test_case_and_outer_spaces_of_categories_make_no_difference(spelled: tuple[str, str, str]) -> None:
    small, large, huge = (
        {"item_id": name, "category": category, "price": price}
        for name, category, price in zip(("S", "L", "XL"), spelled, (3, 5, 7), strict=True)
    )
    orders = [{"customer_id": f"C{k}", "items": [name]} for k, name in enumerate(["S", "L", "L", "XL", "S"])]
    answer = answered(
        ENDPOINT, {"customer_id": "C0", "transactions": orders, "item_catalog": [small, large, huge]}
    )
    [suggested] = answer["suggestions"]
    assert (suggested["item_id"], suggested["confidence"], suggested["affinity"]) == ("L", 1.0, 0.4)
    assert suggested["explanation"].startswith("A step up from S, 2.00 dearer: ")


class Item:
    def __init__(self, item_id: str, category: str, price: float) -> None:
        self.item_id, self.category, self.price = item_id, category, price


@pytest.mark.parametrize(
    ("lang", "currency", "wanted"),
    [
        ("en", "$", "A step up from A, $1,200.00 dearer: < 0.1% of the orders with Hats hold it."),
        (
            "es",
            "€",
            "Un paso más que A, 1.200,00\xa0€ más caro: está en el < 0,1\xa0% de los pedidos con Hats.",
        ),
        (
            "pt",
            "R$",
            "Um passo acima de A, R$\xa01.200,00 mais caro: está em < 0,1% dos pedidos com Hats.",
        ),
    ],
)
def test_explanations(lang: Any, currency: str, wanted: str) -> None:
    offered, owned = Item("B", "Hats", 1300), Item("A", "Hats", 100)
    assert dearer(offered, owned, True, 0.0001, 1, lang, currency) == wanted


@pytest.mark.parametrize(
    ("changes", "wanted"),
    [
        (
            {"transactions": [{"customer_id": "C", "items": ["SKU-X"]}]},
            ("/transactions/0/items/0", "'SKU-X' is not in item_catalog; add it there, with its category."),
        ),
        (
            {"item_catalog": [*ONE["item_catalog"], ONE["item_catalog"][0]]},
            ("/item_catalog/5/item_id", "'SKU-A1' is already at /item_catalog/0; send each item once."),
        ),
        (
            {"max_price_uplift_pct": 0.05},
            ("/max_price_uplift_pct", "It is under min_price_uplift_pct, which is 0.1; send a higher one."),
        ),
        (
            {"item_catalog": [{"item_id": "SKU-A1", "category": "Shoes"}, *ONE["item_catalog"][1:]]},
            ("/item_catalog/0/price", "Required, and missing."),
        ),
        ({"top_k": 201}, ("/top_k", "Input should be less than or equal to 200; got 201.")),
        (
            {"transactions": [{"customer_id": "C", "items": []}]},
            ("/transactions", "No order has an item; send orders with items."),
        ),
    ],
)
def test_a_bad_body_is_named_with_what_to_do(changes: dict[str, Any], wanted: tuple[str, str]) -> None:
    assert faults(ENDPOINT, {**ONE, **changes}) == [wanted]
