"""Promotions, stock that runs out, losses, and prices without an effect: what a shop's history looks like."""

from __future__ import annotations

import datetime
from typing import Any

import numpy as np
import pytest

from plugins.pricing.endpoints.dynamic_pricing_recommend import ENDPOINT
from tests.plugins.calls import NOW, answered

FIRST = datetime.date(2024, 10, 1)
GRID = [8.0, 9.0, 10.0, 11.0, 12.0]


def rows(seed: int, elasticity: float, count: int = 120, **more: Any) -> list[dict[str, Any]]:
    """Days of demand around 20 at a price of 10."""
    chance = np.random.default_rng(seed)
    made = []
    for day in range(count):
        promoted = bool(chance.random() < 0.4) if "promo" in more else False
        price = GRID[0] if promoted else float(chance.choice(GRID))
        wanted = int(
            chance.poisson(20 * (price / 10) ** elasticity * np.exp(more.get("promo", 0) * promoted))
        )
        row = {
            "date": (FIRST + datetime.timedelta(day * more.get("step", 1))).isoformat(),
            "price": price,
            "units_sold": min(wanted, more.get("stock", 10**6)),
        }
        row |= {"promo": promoted} if "promo" in more else {}
        row |= {"inventory_level": more["stock"]} if "stock" in more else {}
        made.append(row)
    return made


def priced(
    history: list[dict[str, Any]],
    cost: float = 5.0,
    lang: Any = "en",
    now: datetime.datetime = NOW,
    **more: Any,
) -> dict[str, Any]:
    body = {
        **{"product_id": "X", "cost_per_unit": cost, "optimize_for": "profit"},
        **{"candidate_prices": GRID, "historical": history, **more},
    }
    answer: dict[str, Any] = answered(ENDPOINT, body, lang=lang, now=now)
    return answer


def warned(answer: dict[str, Any]) -> dict[str, str]:
    return {warning["code"]: warning["message"] for warning in answer.get("warnings", [])}


def slope(answer: dict[str, Any]) -> float:
    """Elasticity of the curve, from its ends."""
    first, *_, last = answer["outcomes"]
    ratio = last["expected_units"] / first["expected_units"]
    return float(np.log(ratio) / np.log(last["candidate_price"] / first["candidate_price"]))


@pytest.mark.parametrize("seed", range(4))
@pytest.mark.parametrize(("elasticity", "promo"), [(-1.0, 0.6), (-2.0, 0.4)])
def test_the_curve_has_the_elasticity_that_is_reported_whatever_a_promotion_does(
    seed: int, elasticity: float, promo: float
) -> None:
    answer = priced(rows(seed, elasticity, promo=promo), 3.0, context_current={"promo": False})
    assert slope(answer) == pytest.approx(answer["elasticity"]["value"], abs=0.02)
    assert answer["elasticity"]["value"] == pytest.approx(elasticity, abs=0.7)


@pytest.mark.parametrize("seed", range(3))
@pytest.mark.parametrize(("elasticity", "stock"), [(-3.0, 25), (-2.0, 22)])
def test_days_that_sold_out_are_lower_bounds_and_said(seed: int, elasticity: float, stock: int) -> None:
    history = rows(seed, elasticity, stock=stock)
    answer = priced(history, inventory_level_current=500)
    ended = sum(row["units_sold"] == stock for row in history)
    assert answer["model_info"]["sold_out_rows"] == ended
    assert warned(answer)["sold_out"] == (
        f"Stock ran out on {ended} of 120 rows: their units count as a lower bound of demand."
    )
    assert answer["elasticity"]["value"] == pytest.approx(elasticity, abs=0.8)


def test_stock_that_two_channels_share_runs_out_for_both() -> None:
    history = [
        {**row, "units_sold": units, "inventory_level": row["units_sold"], "channel": channel}
        for row in rows(1, -2.0, 40)
        for channel, units in (("web", row["units_sold"] // 2), ("shop", -(-row["units_sold"] // 2)))
    ]
    assert priced(history)["model_info"]["sold_out_rows"] == 80


@pytest.mark.parametrize(
    ("step", "cadence", "said"),
    [(1, "daily", None), (7, "weekly", "a week apart"), (30, "monthly", "a month apart")],
)
def test_rows_stand_for_their_day_week_or_month(step: int, cadence: str, said: str | None) -> None:
    history = rows(2, -2.0, {1: 120, 7: 60, 30: 40}[step], step=step)
    answer = priced(history, now=datetime.datetime(2028, 4, 28, tzinfo=datetime.UTC))
    assert answer["model_info"]["cadence"] == cadence
    assert ("cadence" in warned(answer)) == (said is not None)
    assert said is None or said in warned(answer)["cadence"]


def test_a_loss_of_every_candidate_is_said() -> None:
    answer = priced(rows(4, -1.5), 15.0)
    assert answer["best_price"] == 12.0
    assert answer["interpretation"].startswith("No price that may win earns a profit: 12.00 loses least (-")
    assert "maximises" not in answer["interpretation"]
    assert warned(answer)["loss_making"].endswith("No candidate earns a profit; send prices above 15.00.")


def test_the_profitable_candidate_outside_the_history_is_named_and_does_not_win() -> None:
    answer = priced(rows(5, -1.5), 15.0, candidate_prices=[8.0, 9.0, 10.0, 18.0])
    assert answer["best_price"] == 10.0
    assert warned(answer)["loss_making"].endswith(
        "Of the candidates, 18.00 would earn a profit, but it may not win: it lies outside the prices of the "
        "history."
    )
    allowed = priced(rows(5, -1.5), 15.0, candidate_prices=[8.0, 9.0, 10.0, 18.0], allow_extrapolation=True)
    assert allowed["best_price"] == 18.0
    assert "extrapolated" in warned(allowed)
    assert allowed["interpretation"].endswith("so its demand is a guess.")
    assert "versus" not in allowed["interpretation"]


def test_a_loss_for_the_sake_of_revenue_names_the_price_that_earns() -> None:
    answer = priced(rows(6, -3.0), 9.5, optimize_for="revenue")
    assert answer["best_price"] == 8.0
    assert "would earn more" in warned(answer)["loss_making"]


@pytest.mark.parametrize("elasticity", [0.0, 1.5])
@pytest.mark.parametrize(
    ("lang", "hedged"),
    [
        ("en", "no gain is promised"),
        ("es", "no se promete ninguna ganancia"),
        ("pt", "nenhum ganho é prometido"),
    ],
)
def test_no_gain_is_promised_without_an_effect(elasticity: float, lang: str, hedged: str) -> None:
    answer = priced(rows(7, elasticity), lang=lang)
    assert "no_price_effect" in warned(answer)
    assert hedged in answer["interpretation"]
    assert "%" not in answer["interpretation"]


def test_prices_that_follow_demand_are_said_and_promise_nothing() -> None:
    chance, history, shock, sold = np.random.default_rng(8), rows(8, -2.0), 0.0, [20.0]
    for row in history:
        shock = 0.85 * shock + chance.normal(0, 0.15)
        row["price"] = round(10 * (np.mean(sold[-7:]) / 20) ** 0.5 * np.exp(chance.normal(0, 0.02)), 2)
        row["units_sold"] = int(chance.poisson(20 * np.exp(shock) * (row["price"] / 10) ** -2.0))
        sold.append(row["units_sold"])
    answer = priced(history)
    assert "may therefore be understated" in warned(answer)["prices_follow_demand"]
    assert "versus" not in answer["interpretation"]


def test_the_end_of_the_grid_is_said() -> None:
    high, low = priced(rows(9, -1.0), 5.0), priced(rows(9, -4.0), 5.0)
    assert (high["best_price"], low["best_price"]) == (12.0, 8.0)
    assert warned(high)["edge_of_grid"].endswith("a higher one may earn more.")
    assert warned(low)["edge_of_grid"].endswith("a lower one may earn more.")
    assert "edge_of_grid" not in warned(priced(rows(9, -2.0), 5.0))
