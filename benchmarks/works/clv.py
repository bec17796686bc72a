"""Customer value: orders of customers who come and drop out as BG/NBD and Gamma-Gamma have it."""

from __future__ import annotations

import datetime
from typing import Any

import numpy as np

from benchmarks.work import Work

TODAY = datetime.date(2025, 4, 24)
HISTORY = 730
DAYS = [(TODAY - datetime.timedelta(days=day)).isoformat() for day in range(HISTORY + 1)]


def histories(customers: int, seed: int) -> dict[str, Any]:
    """A body of customers with eight orders each on average, within six months to two years."""
    chance = np.random.default_rng(seed)
    rate, dropout = chance.gamma(1.15, 1 / 43.0, customers), chance.beta(0.8, 8.0, customers)
    observed = chance.integers(180, HISTORY, customers)
    buyers, now = np.arange(customers), np.zeros(customers)
    owners, days = [buyers], [observed]
    while buyers.size:
        now = now + chance.exponential(1 / rate[buyers])
        bought = now <= observed[buyers]
        owners.append(buyers[bought])
        days.append(observed[buyers[bought]] - np.floor(now[bought]).astype(np.int64))
        stay = bought & (chance.random(buyers.size) >= dropout[buyers])
        buyers, now = buyers[stay], now[stay]
    owner, ago = np.concatenate(owners), np.concatenate(days)
    order = np.argsort(owner, kind="stable")
    amounts = np.round(chance.gamma(6.0, 1 / chance.gamma(3.7, 1 / 15.0, customers)[owner[order]]), 2)
    rows = [
        {"date": DAYS[day], "amount": amount}
        for day, amount in zip(ago[order].tolist(), amounts.tolist(), strict=True)
    ]
    sizes = np.bincount(owner)
    spans = zip(sizes.tolist(), np.cumsum(sizes).tolist(), strict=True)
    return {
        "today": TODAY.isoformat(),
        "customers": [
            {"customer_id": f"C-{number}", "transactions": rows[end - size : end]}
            for number, (size, end) in enumerate(spans)
        ],
    }


def year_ahead(customers: int, seed: int) -> dict[str, Any]:
    """The same, for a forecast of twelve months."""
    return {**histories(customers, seed), "horizon_months": 12}


FORECAST = {"customers.*.customer_id": 0.0, "horizon_months": 0.0, "monetary_basis": 0.0}
LIKE = ("customers.*.predicted_clv", 0.9)
"""Of the two candidates either may win on either side, and both rank the customers much alike."""

WORKS = (
    Work(
        route="customer_clv_features",
        name="eight orders each",
        unit="customers",
        body=histories,
        maximum=60_000,
        documented="20 MB",
        bound="writing the sentences and the answer",
        same={
            "monetary_basis": 0.0,
            "customers.*.customer_id": 0.0,
            "customers.*.frequency": 0.0,
            "customers.*.recency": 0.0,
            "customers.*.T": 0.0,
            "customers.*.monetary_value": 1e-6,
            "customers.*.churned": 0.0,
            "customers.*.clv_potential_tier": 0.0,
            "customers.*.interpretation": 0.0,
            "customers.*.explanations.recency": 0.0,
        },
    ),
    Work(
        route="customer_clv_forecast",
        name="eight orders each, 12 months",
        unit="customers",
        body=year_ahead,
        maximum=60_000,
        targets={60_000: 2.5},
        documented="20 MB",
        bound="reading the orders, judging both models, the draws of the intervals, the sentences",
        same=FORECAST,
        alike=LIKE,
        obvious_up_to=30_000,  # beyond, lifetimes' Gamma-Gamma gives up: ConvergenceError
    ),
    Work(
        route="customer_clv_forecast",
        name="eight orders each, 12 months",
        unit="customers",
        body=year_ahead,
        maximum=60_000,
        documented="20 MB",
        bound="the draws of the intervals, the sentences, holding 45 MB of answer to the schema",
        again=True,
        same=FORECAST,
        alike=LIKE,
        obvious_up_to=30_000,  # beyond, lifetimes' Gamma-Gamma gives up: ConvergenceError
    ),
)
