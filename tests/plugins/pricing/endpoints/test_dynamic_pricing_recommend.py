"""The price that earns most."""

from __future__ import annotations

import copy
import datetime
from typing import Any

import pytest

from abintel.problem import Problem
from plugins.pricing.endpoints.dynamic_pricing_recommend import ENDPOINT
from tests.plugins.calls import answered, faults
from tests.plugins.pricing.shops import GRID, best_cost, days

EXAMPLE = dict(ENDPOINT.example)


def body(rows: list[dict[str, Any]], **members: Any) -> dict[str, Any]:
    return {
        "product_id": "SKU-1",
        "cost_per_unit": 50.0,
        "optimize_for": "profit",
        "candidate_prices": list(GRID),
        "historical": rows,
        **members,
    }


def codes(answer: dict[str, Any]) -> set[str]:
    return {warning["code"] for warning in answer.get("warnings", [])}


def test_the_answer_has_the_form_of_section_4_2_8() -> None:
    answer = answered(ENDPOINT, EXAMPLE)
    assert answer["best_price"] in EXAMPLE["candidate_prices"]
    assert [outcome["candidate_price"] for outcome in answer["outcomes"]] == EXAMPLE["candidate_prices"]
    for outcome in answer["outcomes"]:
        price, units = outcome["candidate_price"], outcome["expected_units"]
        assert outcome["expected_revenue"] == pytest.approx(price * units, abs=0.6)
        assert outcome["expected_profit"] == pytest.approx((price - 50) * units, abs=0.6)
        bounds = [outcome[key] for key in ("lower_95", "lower_80", "expected_units", "upper_80", "upper_95")]
        assert bounds == sorted(bounds)
    info = answer["model_info"]
    assert info["train_rows"] == 12
    assert info["hold_out_rows"] == 3
    assert [row["algorithm"] for row in info["candidates"]] == [
        *("LogLog", "ElasticNet", "XGBoost", "RandomForest")
    ]
    assert info["algorithm"] == "LogLog", "three held-out rows prove nothing"
    assert (info["sold_out_rows"], info["cadence"]) == (0, "daily")
    assert answer["interpretation"].startswith("Setting the price at ")
    assert codes(answer) == {"small_sample", "edge_of_grid"}


def test_a_known_elasticity_is_found_and_the_best_price_with_it() -> None:
    answer = answered(ENDPOINT, body(days(11, -1.8), cost_per_unit=best_cost(-1.8)))
    found = answer["elasticity"]
    assert found["lower_95"] <= -1.8 <= found["upper_95"]
    assert 90 < answer["best_price"] < 110
    assert codes(answer) == set()


def test_revenue_and_profit_are_maximised_as_asked() -> None:
    rows = days(12, -1.5)
    for goal, key in (("revenue", "expected_revenue"), ("profit", "expected_profit")):
        answer = answered(ENDPOINT, body(rows, optimize_for=goal))
        best = max(answer["outcomes"], key=lambda outcome: outcome[key])
        assert answer["best_price"] == best["candidate_price"]


def test_the_order_of_the_rows_changes_nothing() -> None:
    rows = days(13, -2.0, 60)
    assert answered(ENDPOINT, body(rows)) == answered(ENDPOINT, body(rows[::-1]))


def test_further_columns_are_learned_from_and_may_be_set_for_now() -> None:
    rows = days(14, -2.0, promo=0.8)
    quiet, promoted = (
        answered(ENDPOINT, body(rows, context_current={"promo": value}))["outcomes"][3]["expected_units"]
        for value in (False, True)
    )
    assert promoted / quiet == pytest.approx(2.2, rel=0.15)


def test_a_segment_is_priced_for() -> None:
    rows = days(15, -2.0)
    for place, row in enumerate(rows):
        row["segment"] = {"channel": "web" if place % 3 else "store"}
        row["units_sold"] *= 1 if place % 3 else 3
    web, store = (
        answered(ENDPOINT, body(rows, segment_current={"channel": channel}))["outcomes"][3]["expected_units"]
        for channel in ("web", "store")
    )
    assert store / web == pytest.approx(3, rel=0.2)
    unseen = answered(ENDPOINT, body(rows, segment_current={"channel": "app"}))
    assert codes(unseen) == {"unseen_category"}


def test_the_rival_of_the_last_day_counts_where_none_is_sent() -> None:
    rows = copy.deepcopy(EXAMPLE)
    del rows["competitor_price_current"]
    last, same = answered(ENDPOINT, rows), answered(ENDPOINT, {**rows, "competitor_price_current": 95.0})
    assert last["outcomes"] == same["outcomes"]
    assert "given the last competitor price seen (95.0)" in last["interpretation"]


def test_the_minimum_margin_of_the_header_keeps_prices_from_winning() -> None:
    headers = {"x-min-margin-pct": "0.45"}
    answer = answered(ENDPOINT, EXAMPLE, headers=headers)
    assert [outcome.get("excluded") for outcome in answer["outcomes"]] == [
        *("min_margin", "min_margin", None, None)
    ]
    assert answer["best_price"] == 99.0
    [fault] = faults(ENDPOINT, EXAMPLE, headers={"x-min-margin-pct": "0.9"})
    assert fault == (
        "/candidate_prices",
        "No candidate keeps the minimum margin of 0.9 (at a cost of 50, 500.00 or more); send higher prices.",
    )


@pytest.mark.parametrize("sent", ["25", "-0.1", "1", "nan", "a lot", ""])
def test_a_margin_that_is_no_fraction_is_refused(sent: str) -> None:
    with pytest.raises(Problem) as caught:
        answered(ENDPOINT, EXAMPLE, headers={"x-min-margin-pct": sent})
    assert caught.value.status == 400
    assert caught.value.detail == (
        f"X-Min-Margin-Pct: a fraction of the price from 0 to less than 1, such as 0.25; got {sent!r}."
    )


def test_the_largest_discount_counts_from_the_last_price() -> None:
    answer = answered(ENDPOINT, {**EXAMPLE, "max_discount_pct": 0.05})  # 99 on the last day
    assert [outcome.get("excluded") for outcome in answer["outcomes"]] == [
        *("max_discount", "max_discount", None, None)
    ]
    [fault] = faults(ENDPOINT, {**EXAMPLE, "max_discount_pct": 0, "candidate_prices": [79.0]})
    assert fault == (
        "/candidate_prices",
        "No candidate keeps max_discount_pct of 0 (the last price is 99: 99.00 or more); send higher prices.",
    )


def test_an_extrapolated_price_is_marked_and_wins_only_if_allowed() -> None:
    rows, prices = days(16, -1.2), [95.0, 150.0]
    held = answered(ENDPOINT, body(rows, candidate_prices=prices))
    assert [outcome.get("extrapolated") for outcome in held["outcomes"]] == [None, True]
    assert held["best_price"] == 95.0
    assert codes(held) == set()
    freed = answered(ENDPOINT, body(rows, candidate_prices=prices, allow_extrapolation=True))
    assert freed["best_price"] == 150.0
    assert codes(freed) == {"extrapolated"}


def test_the_best_of_extrapolated_prices_is_flagged() -> None:
    answer = answered(ENDPOINT, body(days(16, -1.2), candidate_prices=[150.0, 160.0]))
    assert answer["best_price"] in (150.0, 160.0)
    assert codes(answer) == {"extrapolated"}


def test_a_history_without_a_price_effect_is_said() -> None:
    rows = days(17, 0.0)
    assert "no_price_effect" in codes(answered(ENDPOINT, body(rows)))


def test_a_demand_beyond_the_stock_is_said() -> None:
    assert "stock_limit" in codes(answered(ENDPOINT, {**EXAMPLE, "inventory_level_current": 3}))


def test_rows_of_a_day_that_differ_in_units_only_add_up() -> None:
    rows = days(18, -2.0, 60)
    half = [{**row, "units_sold": row["units_sold"] - 7} for row in rows] + [
        {**row, "units_sold": 7} for row in rows
    ]
    whole = answered(ENDPOINT, body(rows))
    split = answered(ENDPOINT, body(half))
    assert codes(split) == {"duplicates_merged"}
    assert split["outcomes"] == whole["outcomes"]


def test_sizes_without_sense_get_a_finite_answer() -> None:
    rows = days(19, -2.0, 20)
    for row in rows:
        row |= {"price": row["price"] * 1e12, "units_sold": row["units_sold"] * 10**9, "huge": 1e15}
    prices = [1e-12, 1e14, 1e15]
    answer = answered(ENDPOINT, body(rows, candidate_prices=prices, cost_per_unit=1e15))
    assert answer["best_price"] == 1e14


def refused(row: dict[str, Any], **members: Any) -> dict[str, Any]:
    sent = copy.deepcopy({**EXAMPLE, **members})
    sent["historical"][2] |= row
    return sent


TOMORROW = (datetime.date(2025, 4, 28) + datetime.timedelta(days=2)).isoformat()
ONE_PRICE = [{**row, "price": 99.0} for row in EXAMPLE["historical"]]
UNSOLD = [{**row, "units_sold": 0} for row in EXAMPLE["historical"]]
TWICE = [*EXAMPLE["historical"][:5], *EXAMPLE["historical"][:5]]


@pytest.mark.parametrize(
    ("sent", "wanted"),
    [
        (
            refused({"date": TOMORROW}),
            (
                "/historical/2/date",
                "2025-04-30 is after the server's date, 2025-04-28, by more than a day; send history only.",
            ),
        ),
        (
            {**EXAMPLE, "historical": ONE_PRICE},
            ("/historical", "Every row has the price 99.0; a demand curve needs two prices or more."),
        ),
        (
            {**EXAMPLE, "historical": UNSOLD},
            ("/historical", "No row has units sold; a demand curve needs sales."),
        ),
        (
            {**EXAMPLE, "historical": EXAMPLE["historical"][:9]},
            ("/historical", "List should have at least 10 items after validation, not 9; got an array."),
        ),
        (
            {**EXAMPLE, "historical": TWICE},
            (
                "/historical",
                "Rows that differ in nothing but units_sold count as one: 5 are left; send 10 or more.",
            ),
        ),
        (
            {**EXAMPLE, "candidate_prices": [99.0, 89.0, 99]},
            ("/candidate_prices/2", "99.0 is already at /candidate_prices/0; send each price once."),
        ),
        (
            {**EXAMPLE, "candidate_prices": [0.0]},
            ("/candidate_prices/0", "Input should be greater than 0; got 0.0."),
        ),
        (
            {**EXAMPLE, "context_current": {"rain": 1}},
            ("/context_current/rain", "No further column of historical is called 'rain'; leave it out."),
        ),
        (
            refused({"promo": 1}, context_current={"promo": "yes"}),
            ("/context_current/promo", "The column holds numbers in historical; got 'yes'."),
        ),
        (
            refused({"rain": -2e15}),
            (
                "/historical/2/rain",
                "A number has a magnitude of at most 1e+15; got -2000000000000000.0.",
            ),
        ),
        (
            refused({f"c{number}": 1 for number in range(60)}),
            ("/historical", "The rows have 62 further columns; at most 50 are learned from."),
        ),
    ],
)
def test_a_bad_body_is_named_with_what_to_do(sent: dict[str, Any], wanted: tuple[str, str]) -> None:
    assert faults(ENDPOINT, sent) == [wanted]
