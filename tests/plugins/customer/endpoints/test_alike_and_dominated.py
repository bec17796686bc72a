"""Customers of whom none stands out, and cohorts that one customer stretches."""

from __future__ import annotations

from typing import Any

import pytest

from plugins.customer.endpoints import customer_loyalty, customer_rfm
from tests.plugins.calls import answered

NEUTRAL = {
    "en": "Neutral – recency, frequency and spending leave no difference to compare.",
    "es": "Neutral: la recencia, la frecuencia y el gasto no muestran diferencias que comparar.",
    "pt": "Neutro – recência, frequência e gasto não mostram diferenças a comparar.",
}


def shoppers(*histories: list[tuple[str, float]]) -> dict[str, Any]:
    return {
        "today": "2026-11-01",
        "customers": [
            {
                "customer_id": f"E{number}",
                "transactions": [{"date": date, "amount": amount} for date, amount in history],
            }
            for number, history in enumerate(histories)
        ],
    }


def sentences(body: dict[str, Any], **call: Any) -> set[str]:
    return {row["interpretation"] for row in answered(customer_rfm.ENDPOINT, body, **call)["customers"]}


@pytest.mark.parametrize(
    "body",
    [
        shoppers(*[[("2024-10-01", 5000.0)]] * 5),
        shoppers([("2026-10-20", 50.0), ("2026-10-25", 70.0)]),
        shoppers(*[[("2026-10-20", 50.0 + number)] for number in range(10)]),
        shoppers(*[[("2026-11-01", 0.0)]] * 3),
    ],
)
def test_customers_who_are_alike_get_a_neutral_sentence(body: dict[str, Any]) -> None:
    for lang, sentence in NEUTRAL.items():
        assert sentences(body, lang=lang) == {sentence}


def test_what_all_have_alike_is_not_praised_or_blamed() -> None:
    body = shoppers(*[[("2024-10-01", 10.0 * number)] for number in range(1, 9)])
    told = " ".join(sentences(body))
    assert "last purchase was as long ago as everyone's, buys with everyone's frequency" in told
    assert "very low spending" in told
    assert "very high spending" in told
    assert "recent" not in told


def test_cut_offs_that_were_sent_compare_even_one_customer() -> None:
    cuts = {"recency": [60, 30], "frequency": [2, 3], "monetary": [10, 20]}
    body = {**shoppers([("2024-10-01", 50.0)]), "bins": 3, "thresholds": cuts}
    [told] = sentences(body)
    assert "last purchase was long ago" in told


def cohort(count: int, *whales: float) -> dict[str, Any]:
    totals = [200.0 + 10 * number for number in range(count)] + list(whales)
    return {
        "customers": [
            {
                "customer_id": f"L{number}",
                "features": {
                    "purchase_total": total,
                    "visit_frequency": 5 + number % 20,
                    "avg_ticket": 40,
                    "product_diversity": 3 + number % 7,
                    "recency_days": 7 * (number % 30),
                },
            }
            for number, total in enumerate(totals)
        ]
    }


@pytest.mark.parametrize(
    ("body", "is_dominated"),
    [
        (cohort(100, 1e6), True),
        (cohort(100, 1e6, 9e5), True),
        (cohort(100), False),
        (cohort(9, 1e6), True),
        (cohort(8, 1e6), False),
        (cohort(40, 700.0), False),
    ],
)
def test_a_cohort_that_a_customer_stretches(body: dict[str, Any], is_dominated: bool) -> None:
    answer = answered(customer_loyalty.ENDPOINT, body)
    codes = [warning["code"] for warning in answer.get("warnings") or []]
    assert codes == (["dominated"] if is_dominated else [])
    if is_dominated:
        assert "purchase_total" in answer["warnings"][0]["message"]
        assert 'scaling "rank"' in answer["warnings"][0]["message"]
    ranked = answered(customer_loyalty.ENDPOINT, {**body, "scaling": "rank"})
    assert not ranked.get("warnings")
    assert ranked["customers"][-1]["loyalty_score"] <= 1


def test_ranks_tell_the_others_apart() -> None:
    only_spend = dict.fromkeys(("visit_frequency", "avg_ticket", "product_diversity", "recency_days"), 0.0)
    body = {**cohort(100, 1e6), "weights": {**only_spend, "purchase_total": 1.0}}
    flat = [row["loyalty_score"] for row in answered(customer_loyalty.ENDPOINT, body)["customers"]]
    assert max(flat[:-1]) < 0.01
    ranked = answered(customer_loyalty.ENDPOINT, {**body, "scaling": "rank"})["customers"]
    assert [row["loyalty_score"] for row in ranked] == [round(number / 100, 4) for number in range(101)]
