"""A product's daily sales at eight prices."""

from __future__ import annotations

import datetime
from typing import Any

import numpy as np

from benchmarks.work import Work

LAST = datetime.date(2025, 3, 31)
CHANNELS = ("web", "store", "mobile")


def sales(days: int, seed: int) -> dict[str, Any]:
    """A shop's sales with competitor, stock, channel, promotions and weekdays, and a known elasticity."""
    chance = np.random.default_rng(seed)
    grid = np.linspace(80, 120, 8).round(2)
    dates = [LAST - datetime.timedelta(days=days - 1 - day) for day in range(days)]
    price, rival = chance.choice(grid, days), chance.normal(100, 5, days)
    promo, channel = chance.random(days) < 0.1, chance.integers(0, 3, days)
    weekday = np.array([date.weekday() for date in dates])
    mean = 100 * (price / rival) ** -1.8 * np.exp(0.2 * np.sin(weekday) + 0.3 * promo)
    columns = (
        [date.isoformat() for date in dates],
        price.tolist(),
        chance.poisson(mean).tolist(),
        rival.round(2).tolist(),
        chance.integers(100, 900, days).tolist(),
        [{"channel": CHANNELS[one], "country": "BR"} for one in channel.tolist()],
        promo.tolist(),
    )
    names = ("date", "price", "units_sold", "competitor_price", "inventory_level", "segment", "promo")
    return {
        "product_id": "SKU-1",
        "cost_per_unit": 45.0,
        "optimize_for": "profit",
        "candidate_prices": grid.tolist(),
        "historical": [dict(zip(names, row, strict=True)) for row in zip(*columns, strict=True)],
        "competitor_price_current": 99.0,
    }


WORKS = (
    Work(
        route="dynamic_pricing_recommend",
        name="8 candidates",
        unit="days",
        body=sales,
        maximum=3_650,
        targets={365: 0.15},
        documented="< 150 ms",
        bound="the two boosted fits",
        same={
            "outcomes.*.candidate_price": 0.0,
            "outcomes.*.expected_units": 0.1,
            "model_info.hold_out_rows": 0.0,
            "elasticity.value": 0.02,
            "elasticity.lower_95": 0.02,
        },
        alike=("outcomes.*.expected_units", 0.95),
    ),
)
