"""What the report says where one customer pulls a mean, and where a large spend is not a large order."""

from __future__ import annotations

from typing import Any

import pytest

from plugins.segmentation.endpoints.segmentation_report_json import ENDPOINT
from plugins.segmentation.report.facts import Cluster
from plugins.segmentation.report.picture import picture_of
from plugins.segmentation.report.roles import Role
from tests.plugins.calls import answered

ORDERS = {
    "en": (
        "Cluster 1 shows the highest spend per customer (2,000).",
        "Cluster 0 has the highest spend per order (500).",
        "highest average ticket",
    ),
    "es": (
        "El clúster 1 presenta el gasto por cliente más alto (2.000).",
        "El clúster 0 tiene el gasto por pedido más alto (500).",
        "ticket promedio",
    ),
    "pt": (
        "O cluster 1 apresenta o maior gasto por cliente (2.000).",
        "O cluster 0 tem o maior gasto por pedido (500).",
        "tíquete médio",
    ),
}


def body(*clusters: tuple[int, int, list[float]]) -> dict[str, Any]:
    """Customers of clusters: id, orders of each customer, spends."""
    customers, labels = [], {}
    for cluster, frequency, spends in clusters:
        for spend in spends:
            key = f"C{len(customers)}"
            customers.append(
                {"id": key, "frequency": frequency, "amount_spent": spend, "product_types": ["tea"]}
            )
            labels[key] = cluster
    return {"customers": customers, "labels": labels}


@pytest.mark.parametrize("lang", ["en", "es", "pt"])
def test_spend_per_customer_is_no_ticket_if_another_cluster_spends_more_per_order(lang: str) -> None:
    spender, basket, ticket = ORDERS[lang]
    facts = answered(ENDPOINT, body((0, 2, [1000.0] * 10), (1, 50, [2000.0] * 10)), lang=lang)[
        "auto_insights"
    ]
    assert spender in facts
    assert basket in facts
    assert ticket not in " ".join(facts)


def test_the_published_words_stay_while_both_are_the_same_cluster() -> None:
    facts = answered(ENDPOINT, body((0, 2, [100.0] * 10), (1, 4, [2000.0] * 10)))["auto_insights"]
    assert "Cluster 1 shows the highest average ticket (2,000)." in facts
    assert not any("per order" in fact for fact in facts)


def test_spend_per_order_is_that_of_all_orders() -> None:
    # Means of 100 and 5.5 orders hide that nine in ten orders are of 10.
    customers = body((0, 1, [100.0] * 5), (1, 4, [360.0] * 10))
    for row in customers["customers"][:1]:
        row["frequency"] = 10
    facts = answered(ENDPOINT, customers)["auto_insights"]
    assert "Cluster 1 shows the highest average ticket (360)." in facts


@pytest.mark.parametrize("whale", [0, 1, 2])
def test_one_customer_does_not_make_the_others_dormant(whale: int) -> None:
    spends = {0: [100.0 + n for n in range(80)], 1: [600.0 + n for n in range(40)], 2: [250.0] * 30}
    spends[whale] = [*spends[whale], 5e6]
    answer = answered(ENDPOINT, body((0, 4, spends[0]), (1, 12, spends[1]), (2, 6, spends[2])))
    text = " ".join(str(answer[key]) for key in ("executive_summary", "cluster_analysis"))
    assert "drift away" not in text
    assert "dormant" not in text
    facts = answer["auto_insights"]
    assert any(fact.startswith(f"One customer pulls the average of Cluster {whale}:") for fact in facts)
    assert not any(fact.startswith("Low spend and low frequency") for fact in facts)


def test_roles_follow_the_median_if_a_whale_is_a_cluster() -> None:
    clusters = [
        Cluster(0, 120, 100.0, 4.0, (), 0.2),
        Cluster(1, 40, 600.0, 12.0, (), 0.5),
        Cluster(2, 1, 5e6, 5.0, (), 99.3),
    ]
    roles = {each.cluster.cluster_id: each.role for each in picture_of(clusters).regular}
    assert roles == {0: Role.CORE, 1: Role.LOYAL, 2: Role.BIG_TICKET}


def test_tiny_segments_are_an_indication_only() -> None:
    answer = answered(ENDPOINT, body((0, 4, [100.0] * 80), (1, 12, [600.0] * 3), (2, 6, [9000.0] * 2)))
    assert (
        "With so few customers, the figures of Clusters 1 and 2 are an indication rather than a rule."
        in answer["executive_summary"]
    )
