"""Invented daily sales whose demand is known."""

from __future__ import annotations

import datetime
from typing import Any

import numpy as np

GRID = tuple((100 * np.linspace(0.8, 1.2, 8)).round(2).tolist())
FIRST = datetime.date(2024, 9, 1)


def days(
    seed: int,
    elasticity: float,
    count: int = 180,
    *,
    noise: float = 0.10,
    units: float = 100.0,
    promo: float = 0.3,
    weekday: float = 0.2,
) -> list[dict[str, Any]]:
    """Units at a price of 100, times (price / 100)^elasticity, weekday and promo effects, and noise."""
    chance = np.random.default_rng(seed)
    rows = []
    for place in range(count):
        price, promoted = float(chance.choice(GRID)), bool(chance.random() < 0.15)
        date = FIRST + datetime.timedelta(days=place)
        mean = units * (price / 100) ** elasticity
        mean *= np.exp(weekday * np.sin(date.weekday()) + promo * promoted + noise * chance.normal())
        sold = int(chance.poisson(mean))
        rows.append({"date": date.isoformat(), "price": price, "units_sold": sold, "promo": promoted})
    return rows


def best_cost(elasticity: float) -> float:
    """The unit cost at which 100 is the most profitable price."""
    return 100 * (1 + 1 / elasticity)


def regret(elasticity: float, price: float) -> float:
    """Share of the best profit on the grid that a price gives away."""
    profits = {each: (each - best_cost(elasticity)) * each**elasticity for each in (*GRID, price)}
    return 1 - profits[price] / max(profits.values())
