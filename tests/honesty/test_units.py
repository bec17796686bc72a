"""Money in cents instead of euros, and a base that is sent twice: what that changes, and what it must not."""

from __future__ import annotations

import copy
from collections.abc import Callable
from typing import Any

import pytest

from tests.honesty.bodies import body, differences
from tests.honesty.test_order import answer

CENTS = 100.0


def in_cents(value: Any, names: tuple[str, ...]) -> Any:
    """The same JSON with the money under some names a hundred times as much."""
    if isinstance(value, dict):
        return {
            key: CENTS * one if key in names and isinstance(one, int | float) else in_cents(one, names)
            for key, one in value.items()
        }
    return [in_cents(one, names) for one in value] if isinstance(value, list) else value


def scaled(sent: dict[str, Any], names: tuple[str, ...]) -> dict[str, Any]:
    """A body in cents."""
    money: dict[str, Any] = in_cents(copy.deepcopy(sent), names)
    return money


def in_euros(value: Any, names: tuple[str, ...]) -> Any:
    """An answer in cents as one in euros."""
    if isinstance(value, dict):
        return {
            key: one / CENTS if key in names and isinstance(one, int | float) else in_euros(one, names)
            for key, one in value.items()
        }
    return [in_euros(one, names) for one in value] if isinstance(value, list) else value


MONEY = {
    "customer_features": (("amount",), ("purchase_total", "avg_ticket")),
    "customer_rfm": (("amount",), ("monetary_total",)),
    "customer_loyalty": (("purchase_total", "avg_ticket"), ()),
    "customer_clv_features": (
        ("amount", "cost"),
        ("monetary_value", "total_revenue", "total_margin", "avg_order_value", "purchase_total"),
    ),
}
"""Route to the names of its money in the body and in the answer, where all else has to stay."""


SENTENCES = ("customer_clv_features",)
"""Routes whose sentences tell money, or the customer's id."""


@pytest.mark.parametrize("route", MONEY)
def test_money_in_cents_is_a_hundred_times_as_much_and_changes_nothing_else(route: str) -> None:
    sent, got = MONEY[route]
    given = body(route)
    one = answer(route, given)
    cents = {**scaled(given, sent), **({"weights": given["weights"]} if "weights" in given else {})}
    other = in_euros(answer(route, cents), got)
    for each in (one, other):
        if route in SENTENCES:
            for row in each["customers"]:
                row.pop("interpretation")
                row.pop("explanations")
        if "thresholds" in each:
            cuts = each.pop("thresholds")
            each["cuts"] = [cuts["recency"], cuts["frequency"], cuts["tier"]]
    assert list(differences(one, other, 1e-3)) == []


@pytest.mark.slow
def test_a_forecast_of_money_in_cents_is_the_same_forecast() -> None:
    given = body("forecast_revenue")
    one, other = (
        answer("forecast_revenue", each)["forecast_result"] for each in (given, scaled(given, ("revenue",)))
    )
    assert one["best_algorithm"] == other["best_algorithm"]
    for mine, theirs in zip(one["forecast"]["calendar"], other["forecast"]["calendar"], strict=True):
        assert theirs["value"] == pytest.approx(CENTS * mine["value"], rel=0.02)


@pytest.mark.slow
def test_values_of_customers_in_cents_are_a_hundred_times_as_much() -> None:
    given = body("customer_clv_forecast")
    given["algorithms"] = ["BG_NBD_GG"]
    one, other = (
        answer("customer_clv_forecast", each)["customers"]
        for each in (given, scaled(given, ("amount", "cost")))
    )
    for mine, theirs in zip(one, other, strict=True):
        assert theirs["predicted_clv"] == pytest.approx(CENTS * mine["predicted_clv"], rel=0.01, abs=1)


def test_prices_in_cents_recommend_the_same_price() -> None:
    given = body("dynamic_pricing_recommend")
    names = ("price", "competitor_price", "competitor_price_current", "cost_per_unit")
    cents = scaled(given, names)
    cents["candidate_prices"] = [CENTS * price for price in given["candidate_prices"]]
    one, other = (answer("dynamic_pricing_recommend", each) for each in (given, cents))
    assert other["best_price"] == pytest.approx(CENTS * one["best_price"])
    assert other["elasticity"]["value"] == pytest.approx(one["elasticity"]["value"], rel=0.02)


def test_segments_in_z_scores_do_not_know_the_currency() -> None:
    given = {**body("purchasing_segmentation"), "scaling": "zscore"}
    one, other = (
        answer("purchasing_segmentation", each) for each in (given, scaled(given, ("amount_spent",)))
    )
    assert one["labels"] == other["labels"]
    assert one["best_model"]["algo"] == other["best_model"]["algo"]


def doubled(sent: dict[str, Any], name: str, key: str) -> dict[str, Any]:
    """A body with each row a second time, under another id."""
    twice = copy.deepcopy(sent)
    twice[name] += [{**row, key: f"{row[key]}-again"} for row in copy.deepcopy(sent[name])]
    return twice


PER_CUSTOMER: dict[str, tuple[str, Callable[[Any], Any]]] = {
    "customer_features": ("customers", lambda found: found["customers"]),
    "customer_loyalty": ("customers", lambda found: found["customers"]),
    "customer_clv_features": ("customers", lambda found: found["customers"]),
    "churn_label": ("data", lambda found: found),
}
"""Route to its rows and those of its answer: each customer is looked at alone, or between the least and the
most of the base, which a second copy does not move. Quantiles of the base it may."""


@pytest.mark.parametrize("route", PER_CUSTOMER)
def test_a_base_that_is_sent_twice_answers_each_customer_as_before(route: str) -> None:
    name, rows = PER_CUSTOMER[route]
    given = body(route)
    once = {row["customer_id"]: row for row in rows(answer(route, given))}
    twice = {row["customer_id"]: row for row in rows(answer(route, doubled(given, name, "customer_id")))}
    assert len(twice) == 2 * len(once)
    for key, row in once.items():
        for found in (twice[key], twice[f"{key}-again"]):
            # Tiers are quantiles of the base, and sentences name the customer.
            told = {"customer_id": key, "clv_potential_tier": "", "interpretation": ""}
            assert {**found, **told} == {**row, **told}


def test_a_survey_that_is_sent_twice_has_the_same_score() -> None:
    given = body("nps")
    one, other = (answer("nps", each) for each in (given, doubled(given, "data", "customer_id")))
    assert other["overall"] == {**one["overall"], "responses": 2 * one["overall"]["responses"]}
    assert [row["nps"] for row in other["by_group"]] == [row["nps"] for row in one["by_group"]]


def test_orders_that_are_sent_twice_have_the_same_confidence() -> None:
    given = body("cross_sell_matrix")
    twice = {**given, "transactions": given["transactions"] * 2}
    one, other = answer("cross_sell_matrix", given), answer("cross_sell_matrix", twice)
    # Pairs of a single order are marked; sent twice, there are none.
    assert [warning["code"] for warning in one.pop("warnings")] == ["rare_pairs"]
    assert one == other
