"""Scores by customer: orders of a base, or features of one, and a survey."""

from __future__ import annotations

import datetime
from typing import Any

import numpy as np

from benchmarks.work import Work

TODAY = datetime.date(2025, 4, 24)
DAYS = [(TODAY - datetime.timedelta(days=day)).isoformat() for day in range(540)]


def orders(customers: int, seed: int, products: bool = False) -> list[dict[str, Any]]:
    """Customers with one to fifteen orders each within eighteen months, six on average.

    Args:
        customers: how many.
        seed: of the draws.
        products: whether an order has an id and a product.
    """
    chance = np.random.default_rng(seed)
    sizes = np.clip(1 + chance.poisson(5, customers), 1, 15)
    total = int(sizes.sum())
    days = chance.integers(0, len(DAYS), total).tolist()
    amounts = np.round(chance.gamma(2.0, 60.0, total), 2).tolist()
    rows: list[dict[str, Any]] = [
        {"date": DAYS[day], "amount": amount} for day, amount in zip(days, amounts, strict=True)
    ]
    if products:
        for number, (row, product) in enumerate(
            zip(rows, chance.integers(0, 500, total).tolist(), strict=True)
        ):
            row |= {"transaction_id": f"T{number}", "product_id": f"P{product}"}
    ends = np.cumsum(sizes).tolist()
    return [
        {"customer_id": f"C-{number:06d}", "transactions": rows[end - size : end]}
        for number, (size, end) in enumerate(zip(sizes.tolist(), ends, strict=True))
    ]


def ordered(customers: int, seed: int) -> dict[str, Any]:
    """A body of orders."""
    return {"today": TODAY.isoformat(), "customers": orders(customers, seed)}


def bought(customers: int, seed: int) -> dict[str, Any]:
    """A body of orders with their products."""
    return {"today": TODAY.isoformat(), "customers": orders(customers, seed, products=True)}


def described(customers: int, seed: int) -> dict[str, Any]:
    """A body of features by customer."""
    chance = np.random.default_rng(seed)
    columns = {
        "purchase_total": np.round(chance.gamma(2.0, 900.0, customers), 2).tolist(),
        "visit_frequency": chance.poisson(12, customers).tolist(),
        "avg_ticket": np.round(chance.gamma(4.0, 40.0, customers), 2).tolist(),
        "product_diversity": chance.poisson(6, customers).tolist(),
        "recency_days": chance.integers(0, 540, customers).tolist(),
    }
    rows = zip(*columns.values(), strict=True)
    return {
        "weights": dict.fromkeys(columns, 0.2),
        "customers": [
            {"customer_id": f"C-{number:06d}", "features": dict(zip(columns, row, strict=True))}
            for number, row in enumerate(rows)
        ],
    }


def surveyed(responses: int, seed: int) -> dict[str, Any]:
    """A body of answers from 200 stores."""
    chance = np.random.default_rng(seed)
    rows = zip(
        chance.integers(0, 11, responses).tolist(), chance.integers(0, 200, responses).tolist(), strict=True
    )
    return {
        "group_by": "group",
        "data": [
            {"customer_id": f"C-{number:06d}", "answer": answer, "group": f"Store-{store}"}
            for number, (answer, store) in enumerate(rows)
        ],
    }


READING = "reading the body and writing the answer"

WORKS = (
    Work(
        route="customer_features",
        name="orders with products",
        unit="customers",
        body=bought,
        maximum=30_000,
        documented="20 MB",
        bound=READING,
        same={
            "customers.*.customer_id": 0,
            "customers.*.features.purchase_total": 1e-9,
            "customers.*.features.visit_frequency": 0,
            "customers.*.features.avg_ticket": 1e-3,
            "customers.*.features.product_diversity": 0,
            "customers.*.features.recency_days": 0,
        },
    ),
    Work(
        route="customer_loyalty",
        name="five features",
        unit="customers",
        body=described,
        maximum=100_000,
        documented="20 MB",
        bound=READING,
        same={
            "customers.*.loyalty_score": 1e-3,
            "customers.*.segment": 0,
            "summary.mean_score": 1e-3,
            "summary.median_score": 1e-3,
            "summary.top_decile_threshold": 1e-3,
        },
    ),
    Work(
        route="customer_rfm",
        name="orders",
        unit="customers",
        body=ordered,
        maximum=60_000,
        documented="20 MB, about 60,000 customers",
        bound=READING,
        same={
            "customers.*.customer_id": 0,
            "customers.*.recency_days": 0,
            "customers.*.frequency": 0,
            "customers.*.monetary_total": 1e-9,
            "customers.*.rfm_class": 0,
            "customers.*.rfm_tier": 0,
            "customers.*.interpretation": 0,
            "thresholds.recency.*": 1e-6,
            "thresholds.monetary.*": 1e-6,
        },
    ),
    Work(
        route="nps",
        name="200 stores",
        unit="responses",
        body=surveyed,
        maximum=50_000,
        documented="50,000 rows or 5 MB",
        bound=READING,
        same={
            "overall.nps": 1e-4,
            "by_group.*.group": 0,
            "by_group.*.nps": 1e-3,
            "by_group.*.promoters_pct": 1e-3,
            "by_group.*.interpretation": 0,
        },
    ),
)
