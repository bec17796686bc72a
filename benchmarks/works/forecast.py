"""Daily series: revenue, cost by centre with a driver, pieces of one product and of many."""

from __future__ import annotations

import datetime
from collections.abc import Mapping
from functools import partial
from typing import Any

import numpy as np
from numpy.typing import NDArray

from benchmarks.work import Work

Floats = NDArray[np.float64]
FIRST = datetime.date(2023, 1, 1)
CENTRES = ("Berlin", "Lima", "Porto")
SKU_DAYS = 365


def rows(columns: Mapping[str, NDArray[Any]]) -> list[dict[str, Any]]:
    """Columns by day as a body has them."""
    lists = [column.tolist() for column in columns.values()]
    days = range(len(lists[0]))
    return [
        {"date": (FIRST + datetime.timedelta(days=day)).isoformat(), **dict(zip(columns, row, strict=True))}
        for day, row in zip(days, zip(*lists, strict=True), strict=True)
    ]


def money(days: int, chance: np.random.Generator) -> Floats:
    """Money with a trend that wanders, a week, and noise."""
    t = np.arange(days)
    level = 1000 + chance.uniform(-0.3, 1.0) * t + np.cumsum(chance.normal(0, 4, days))
    week = chance.normal(0, 120, 7)
    return np.maximum(0.0, np.round(level + week[t % 7] + chance.normal(0, 60, days), 2))


def pieces(days: int, chance: np.random.Generator, rare: bool = False) -> NDArray[np.int64]:
    """Pieces sold: a level between 2 and 150, a week; or now and then a few."""
    if rare:
        return (chance.random(days) < chance.uniform(0.1, 0.5)) * chance.poisson(3, days)
    t = np.arange(days)
    week = np.maximum(0.1, 1 + 0.3 * chance.normal(size=7))
    level = np.exp(chance.uniform(0.7, 5)) * (1 + chance.uniform(-0.2, 0.5) * t / days)
    return chance.poisson(level * week[t % 7])


def priced(days: int, seed: int, column: str) -> dict[str, Any]:
    """A year ahead of a series of money."""
    chance = np.random.default_rng([days, seed])
    return {"forecast_period": 12, "data": rows({column: money(days, chance)})}


def counted(days: int, seed: int) -> dict[str, Any]:
    """Half a year ahead of a product."""
    chance = np.random.default_rng([days, seed, 1])
    sold = rows({"sales_quantity": pieces(days, chance)})
    return {"product_code": f"SKU-{days}", "forecast_period": 6, "data": sold}


def driven(days: int, seed: int) -> dict[str, Any]:
    """Half a year ahead of the cost of three centres, which overtime raises."""
    chance = np.random.default_rng([days, seed, 2])
    data = []
    for centre in CENTRES:
        overtime = chance.random(days) < 0.2
        cost = np.round(money(days, chance) + 250 * overtime, 2)
        data += [{**row, "cost_center": centre} for row in rows({"cost": cost, "overtime": overtime})]
    return {"forecast_period": 6, "data": data}


def many(products: int, seed: int) -> dict[str, Any]:
    """Half a year ahead of many products, each fifth of which sells now and then."""
    chance = np.random.default_rng([products, seed, 3])
    items = [
        {
            "product_code": f"SKU-{seed}-{number}",
            "data": rows({"sales_quantity": pieces(SKU_DAYS, chance, rare=number % 5 == 4)}),
        }
        for number in range(products)
    ]
    return {"forecast_period": 6, "items": items}


SEARCHING = "Prophet and the search for ARIMA's orders"
_RESULT = "forecast_result"


def agreeing(result: str, average: str) -> dict[str, Any]:
    """The same months of the same history, on about the same level."""
    return {
        "same": {
            f"{result}.forecast.calendar.*.yyyy-mm": 0.0,
            f"{result}.forecast.business.*.yyyy-mm": 0.0,
            f"{result}.evaluation_metrics.historical_daily_mean": 1e-6,
            f"{result}.evaluation_metrics.{average}": 0.35,
        }
    }


_REVENUE: dict[str, Any] = {
    "route": "forecast_revenue",
    "name": "12 months ahead",
    "unit": "days",
    "body": partial(priced, column="revenue"),
    "maximum": 730,
    "documented": "about 0.3 s at 90",
    **agreeing(_RESULT, "average_daily_revenue"),
}

WORKS = (
    Work(**_REVENUE, targets={90: 1.0, 730: 1.5}, bound=SEARCHING),
    Work(**_REVENUE, targets={90: 0.05, 730: 0.05}, bound="the stored champion's intervals", again=True),
    Work(
        route="forecast_cost",
        name="12 months ahead",
        unit="days",
        body=partial(priced, column="cost"),
        maximum=730,
        bound=SEARCHING,
        **agreeing(_RESULT, "average_daily_cost"),
    ),
    Work(
        route="forecast_cost_improved",
        name="three centres, a driver, 6 months ahead",
        unit="days",
        body=driven,
        maximum=730,
        bound=SEARCHING,
        **agreeing(_RESULT, "average_daily_cost"),
    ),
    Work(
        route="forecast_units",
        name="6 months ahead",
        unit="days",
        body=counted,
        maximum=730,
        targets={60: 1.5},
        documented="1.53 s in the sample",
        bound=f"{SEARCHING}, and the random forest",
        **agreeing("forecasts.0", "average_daily_sales"),
    ),
    Work(
        route="forecast_units_asyncio",
        name="365 days each, 6 months ahead",
        unit="SKUs",
        body=many,
        maximum=200,
        targets={200: 120.0},
        bound="gradient boosting and ETS, fold by fold",
        same={
            "forecasts.*.product_code": 0.0,
            "forecasts.*.forecast.calendar.*.yyyy-mm": 0.0,
            "forecasts.*.evaluation_metrics.historical_daily_mean": 1e-6,
        },
        alike=("forecasts.*.evaluation_metrics.average_daily_sales", 0.95),
        obvious_up_to=100,  # a second or two a product
    ),
)
