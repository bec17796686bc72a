"""From raw orders to segments."""

from __future__ import annotations

import copy
from typing import Any

import numpy as np
import pytest

from plugins.customer.endpoints import customer_features, customer_rfm
from plugins.segmentation.endpoints import purchasing_segmentation, segment_cluster_profiles
from plugins.segmentation.endpoints.customer_segmentation import ENDPOINT
from tests.plugins.calls import Registry, answered, faults

EXAMPLE: dict[str, Any] = copy.deepcopy(dict(ENDPOINT.example))


@pytest.fixture(scope="module")
def orders() -> dict[str, Any]:
    """Ninety customers of three habits."""
    chance = np.random.default_rng(11)
    customers = []
    for number in range(90):
        habit = number % 3
        customers.append(
            {
                "customer_id": f"C-{number}",
                "transactions": [
                    {
                        "transaction_id": f"T-{number}-{place}",
                        "date": f"2025-0{1 + (place + habit) % 4}-{int(chance.integers(1, 24)):02}",
                        "amount": round(float(chance.gamma(5, 4 + 20 * habit)), 2),
                        "product_id": f"P-{int(chance.integers(0, 6)) + 3 * habit}",
                    }
                    for place in range(1 + 4 * habit)
                ],
            }
        )
    return {"today": "2025-04-24", "max_clusters": 4, "customers": customers}


def test_it_is_the_chain_of_the_other_routes(orders: dict[str, Any]) -> None:
    answer = answered(ENDPOINT, orders)
    features = answered(customer_features.ENDPOINT, orders)["customers"]
    body = {"data": features, "max_clusters": 4, "scaling": "log"}
    direct = answered(purchasing_segmentation.ENDPOINT, body)
    for key in ("best_algorithm", "evaluation_metrics", "customer_labels", "quality"):
        assert answer[key] == direct[key]
    own = [{key: one[key] for key in direct["clusters"][0]} for one in answer["clusters"]]
    assert own == direct["clusters"]


def test_cards_are_those_of_segment_cluster_profiles(orders: dict[str, Any]) -> None:
    answer = answered(ENDPOINT, orders)
    features = answered(customer_features.ENDPOINT, orders)["customers"]
    labels = {row["customer_id"]: row["cluster_id"] for row in answer["customer_labels"]}
    customers = [
        {
            "id": row["customer_id"],
            "frequency": row["features"]["visit_frequency"],
            "amount_spent": row["features"]["purchase_total"],
            "product_types": [order["product_id"] for order in customer["transactions"]],
        }
        for row, customer in zip(features, orders["customers"], strict=True)
    ]
    cards = answered(segment_cluster_profiles.ENDPOINT, {"customers": customers, "labels": labels})
    assert [cluster["profile"] for cluster in answer["clusters"]] == [
        card for card in cards["cluster_profiles"] if card["cluster_id"] != -1
    ]


def test_tiers_are_those_of_customer_rfm(orders: dict[str, Any]) -> None:
    answer = answered(ENDPOINT, orders)
    rfm = answered(
        customer_rfm.ENDPOINT,
        {
            "today": orders["today"],
            "customers": [
                {
                    "customer_id": customer["customer_id"],
                    "transactions": [
                        {key: order[key] for key in ("date", "amount")} for order in customer["transactions"]
                    ],
                }
                for customer in orders["customers"]
            ],
        },
    )
    tier = {row["customer_id"]: row["rfm_tier"] for row in rfm["customers"]}
    for cluster in answer["clusters"]:
        members = [
            row["customer_id"]
            for row in answer["customer_labels"]
            if row["cluster_id"] == cluster["cluster_id"]
        ]
        counts = {row["rfm_tier"]: row["n_customers"] for row in cluster["rfm_tiers"]}
        assert counts == {name: [tier[one] for one in members].count(name) for name in counts}
        assert sum(counts.values()) == len(members) == cluster["size"]
        assert sum(row["share_pct"] for row in cluster["rfm_tiers"]) == pytest.approx(100, abs=0.05)


def test_new_customers_are_assigned(orders: dict[str, Any]) -> None:
    registry = Registry(ENDPOINT)
    made = answered(ENDPOINT, orders, registry)
    body = {**orders, "segmentation_id": made["model_info"]["segmentation_id"]}
    again = answered(ENDPOINT, {**body, "customers": orders["customers"][:5]}, registry)
    assert again["clusters"] == made["clusters"]
    same = [
        one == other for one, other in zip(again["customer_labels"], made["customer_labels"], strict=False)
    ]
    assert sum(same) >= 4


def test_faults_of_customer_features_are_faults_here() -> None:
    body = copy.deepcopy(EXAMPLE)
    body["customers"][1]["transactions"][0]["date"] = "2025-05-01"
    body["customers"].append(copy.deepcopy(body["customers"][0]))
    assert {fault.pointer for fault in faults(ENDPOINT, body)} == {
        "/customers/1/transactions/0/date",
        "/customers/6/customer_id",
    }


def test_own_features_join_in() -> None:
    body = copy.deepcopy(EXAMPLE)
    for place, customer in enumerate(body["customers"]):
        customer["features"] = {"open_tickets": place % 2}
    assert "open_tickets" in answered(ENDPOINT, body)["clusters"][0]["centroid"]


def test_other_products_are_another_segmentation() -> None:
    registry = Registry(ENDPOINT)
    first = answered(ENDPOINT, EXAMPLE, registry)
    other = copy.deepcopy(EXAMPLE)
    for customer in other["customers"]:
        for order in customer["transactions"]:
            order["product_id"] = {"laptop": "sofa", "tea": "rug"}.get(
                order["product_id"], order["product_id"]
            )
    second = answered(ENDPOINT, other, registry)
    assert first["model_info"]["segmentation_id"] != second["model_info"]["segmentation_id"]
    assert "sofa" in str(second["clusters"])
    assert "sofa" not in str(first["clusters"])
