"""Invented customers of the forecast's example: enough of them, over two years, to judge both models."""

from __future__ import annotations

import datetime
from typing import Any

import numpy as np

LAST = datetime.date(2025, 4, 24)
COUNT = 80


def _customers() -> list[dict[str, Any]]:
    """Each buys at a rate of their own until they are lost; the same customers in every process."""
    chance = np.random.default_rng(20250424)
    customers = []
    for number in range(COUNT):
        ago, every, each = chance.uniform(200, 700), 300 / chance.gamma(2.0), chance.uniform(30, 120)
        rows = []
        while ago >= 1:
            day = LAST - datetime.timedelta(days=int(ago))
            amount = round(each * chance.uniform(0.5, 1.5), 2)
            rows.append({"date": day.isoformat(), "amount": amount, "cost": round(amount * 0.6, 2)})
            ago -= chance.exponential(every) if chance.random() < 0.85 else ago
        customers.append({"customer_id": f"C-{3001 + number}", "transactions": rows})
    return customers


CUSTOMERS = _customers()
