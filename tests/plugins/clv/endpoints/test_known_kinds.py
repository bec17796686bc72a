"""Kinds of customers of which an answer was once wrong without saying so."""

import datetime
from typing import Any

import numpy as np
import pytest

from plugins.clv.endpoints.customer_clv_features import ENDPOINT as FEATURES
from plugins.clv.endpoints.customer_clv_forecast import ENDPOINT
from tests.plugins.calls import Registry, answered, faults
from tests.plugins.clv.endpoints.test_customer_clv_forecast import body, codes, customer, figures, order
from tests.plugins.clv.populations import shop

TODAY = datetime.date(2025, 6, 30)


def day(ago: int) -> str:
    return (TODAY - datetime.timedelta(days=int(ago))).isoformat()


def customers(count: int = 300, seed: int = 4) -> list[dict[str, Any]]:
    base = shop(count, seed)
    bought = base.bought
    return [
        customer(
            f"C-{i}",
            *(
                order(day(base.today - on), round(float(value), 2))
                for on, value in zip(
                    bought.day[bought.owner == i], bought.value[bought.owner == i], strict=True
                )
            ),
        )
        for i in range(count)
    ]


@pytest.mark.parametrize("algorithms", [["BG_NBD_GG"], ["MBG_NBD_GG"], ["Pareto_NBD_GG"], None])
def test_a_one_time_buyer_of_long_ago_has_probably_gone(algorithms: list[str] | None) -> None:
    rows = [customer("OLD", order(day(1400), 45.0)), customer("NEW", order(day(5), 45.0)), *customers()]
    answer = answered(ENDPOINT, body(*rows, today=TODAY.isoformat(), algorithms=algorithms))
    old, new = answer["customers"][:2]
    assert old["p_alive"] < 0.5 < new["p_alive"]
    assert "100%" not in old["explanations"]["p_alive"]
    assert "win-back" not in new["interpretation"]


@pytest.mark.parametrize(
    ("row", "field", "says"),
    [
        (figures(frequency=3, recency=0.0, T=40.0), "recency", "falls on a later day"),
        (figures(frequency=5, recency=3.0, T=400.0), "frequency", "(not since the last)"),
        (figures(frequency=2, recency=500.0, T=400.0), "recency", "both count from the first purchase"),
    ],
)
def test_impossible_figures_are_explained(row: dict[str, Any], field: str, says: str) -> None:
    [(where, detail)] = faults(ENDPOINT, body(row))
    assert where == f"/customers/0/{field}"
    assert says in detail


def test_a_customer_of_every_day_is_possible() -> None:
    assert faults(ENDPOINT, body(figures(frequency=400, recency=400.0, T=400.0))) == []


@pytest.mark.parametrize(("lang", "says"), [("en", "Costs more"), ("es", "Cuesta más"), ("pt", "Custa mais")])
def test_a_customer_who_costs_money_is_told_so(lang: str, says: str) -> None:
    orders = [order(day(ago), 50.0, cost=80.0) for ago in (300, 200, 20)]
    answer = answered(
        FEATURES, {"today": TODAY.isoformat(), "customers": [customer("a", *orders)]}, lang=lang
    )
    assert says in answer["customers"][0]["interpretation"]


def yearly(peak: tuple[int, int], count: int = 120, years: int = 4) -> list[dict[str, Any]]:
    """Customers who buy once a year in the weeks from a month and day on."""
    chance = np.random.default_rng(2)
    rows = []
    for i in range(count):
        dates = [
            datetime.date(2024 - back, *peak) + datetime.timedelta(days=int(chance.integers(0, 20)))
            for back in range(int(chance.integers(1, years + 1)))
        ]
        rows.append(customer(f"C-{i}", *(order(date.isoformat(), 30.0) for date in sorted(dates))))
    return rows


@pytest.mark.parametrize(("peak", "low", "high"), [((12, 5), 0, 15), ((8, 1), 40, 400)])
def test_the_months_of_a_seasonal_shop_are_weighted(peak: tuple[int, int], low: float, high: float) -> None:
    sent = body(*yearly(peak), today=TODAY.isoformat(), horizon_months=5)
    answer = answered(ENDPOINT, sent)
    assert "seasonal" in codes(answer)
    assert low <= answer["total"]["predicted_txns"] <= high


def test_even_shops_are_not_weighted() -> None:
    for seed in range(3):
        sent = body(*customers(200, seed), today=TODAY.isoformat(), horizon_months=5)
        assert "seasonal" not in codes(answered(ENDPOINT, sent))


def test_customers_unlike_those_of_the_training_are_noticed() -> None:
    registry = Registry(ENDPOINT)
    sent = body(*customers(), today=TODAY.isoformat())
    assert "drifted" not in codes(answered(ENDPOINT, sent, registry))
    same = body(*customers(60, 9), today=TODAY.isoformat())
    assert "drifted" not in codes(answered(ENDPOINT, same, registry))
    new = body(*(customer(f"n{i}", order(day(0), 10.0 + i)) for i in range(30)), today=TODAY.isoformat())
    assert "drifted" in codes(answered(ENDPOINT, new, registry))


def test_orders_of_one_are_worth_one_in_every_model() -> None:
    rows = [
        {**row, "transactions": [{**sent, "amount": 1.0} for sent in row["transactions"]]}
        for row in customers(150)
    ]
    for algorithm in ("BG_NBD_GG", "MBG_NBD_GG", "Pareto_NBD_GG", "GradientBoosting"):
        answer = answered(ENDPOINT, body(*rows, today=TODAY.isoformat(), algorithms=[algorithm]))
        assert {round(row["predicted_avg_margin"], 6) for row in answer["customers"]} == {1.0}


def test_both_errors_are_reported() -> None:
    answer = answered(ENDPOINT, body(*customers(), today=TODAY.isoformat()))
    assert set(answer["evaluation_total"]) == set(answer["evaluation_mae"])
    assert all(-1 <= total < 5 for total in answer["evaluation_total"].values())
