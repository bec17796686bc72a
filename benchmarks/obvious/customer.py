"""RFM, features, loyalty and NPS with pandas."""

from __future__ import annotations

import datetime
from typing import Any

import numpy as np
import pandas as pd
from fastapi import APIRouter
from pydantic import BaseModel, Field

router = APIRouter()


class Order(BaseModel):
    date: datetime.date
    amount: float = Field(ge=0, le=1e15)
    transaction_id: str | None = None
    product_id: str | None = None


class Customer(BaseModel):
    customer_id: str = Field(min_length=1, max_length=256)
    loyalty_score: float | None = None
    transactions: list[Order] = Field(min_length=1)


class Orders(BaseModel):
    today: datetime.date
    bins: int = Field(5, ge=2, le=10)
    customers: list[Customer] = Field(min_length=1)


def frame(sent: Orders) -> pd.DataFrame:
    """One row an order."""
    rows = [
        {"customer_id": customer.customer_id, **order.model_dump()}
        for customer in sent.customers
        for order in customer.transactions
    ]
    table = pd.DataFrame(rows)
    table["date"] = pd.to_datetime(table["date"])
    return table


@router.post("/customer_features")
def customer_features(sent: Orders) -> dict[str, Any]:
    table = frame(sent)
    groups = table.groupby("customer_id", sort=False)
    features = pd.DataFrame(
        {
            "purchase_total": groups["amount"].sum().round(2),
            "visit_frequency": groups.size().astype(float),
            "avg_ticket": groups["amount"].mean().round(2),
            "product_diversity": groups["product_id"].nunique().astype(float),
            "recency_days": (pd.Timestamp(sent.today) - groups["date"].max()).dt.days.astype(float),
        }
    )
    features["loyalty_score"] = [customer.loyalty_score or 0.0 for customer in sent.customers]
    rows = features.to_dict("records")
    return {
        "customers": [
            {"customer_id": name, "features": row} for name, row in zip(features.index, rows, strict=True)
        ]
    }


def score(values: pd.Series, cuts: np.ndarray) -> pd.Series:
    """One more than the number of cut-offs exceeded."""
    return 1 + (values.to_numpy()[:, None] > cuts).sum(axis=1)


def level(value: int, bins: int) -> int:
    """0 lowest, 1 low, 2 high, 3 top."""
    if value == bins:
        return 3
    if value == 1:
        return 0
    return 2 if 2 * value > bins else 1


WHEN = ["was long ago", "was some time ago", "was recent", "was very recent"]
HOW = ["very low", "low", "high", "very high"]
LEADS = {
    "Champion": "Champion – ",
    "Loyal": "Loyal customer – ",
    "Potential": "Customer with potential – ",
    "Promising": "Promising customer – ",
    "At-Risk": "At-risk customer – ",
}


def sentence(tier: str, recency: int, frequency: int, monetary: int) -> str:
    if tier == "Champion" and min(recency, frequency, monetary) >= 2:
        return "Champions – recent, frequent and high-value"
    return (
        f"{LEADS[tier]}last purchase {WHEN[recency]}, buys with {HOW[frequency]} frequency "
        f"and has {HOW[monetary]} spending."
    )


@router.post("/customer_rfm")
def customer_rfm(sent: Orders) -> dict[str, Any]:
    bins = sent.bins
    groups = frame(sent).groupby("customer_id", sort=False)
    table = pd.DataFrame(
        {
            "recency_days": (pd.Timestamp(sent.today) - groups["date"].max()).dt.days,
            "frequency": groups.size(),
            "monetary_total": groups["amount"].sum().round(6),
        }
    )
    shares = np.arange(1, bins) / bins
    cuts = {name: np.quantile(table[name], shares).round(6) for name in table}
    table["recency_score"] = bins + 1 - score(table["recency_days"], cuts["recency_days"])
    table["frequency_score"] = score(table["frequency"], cuts["frequency"])
    table["monetary_score"] = score(table["monetary_total"], cuts["monetary_total"])
    scores = table[["recency_score", "frequency_score", "monetary_score"]]
    table["rfm_class"] = scores.astype(str).agg("".join, axis=1)
    table["rfm_total"] = scores.sum(axis=1)
    champion = table["rfm_total"] >= 3 * bins - 2
    loyal, potential, at_risk = table.loc[~champion, "rfm_total"].quantile([0.7, 0.5, 0.2])
    table["rfm_tier"] = np.select(
        [
            champion,
            table["rfm_total"] >= loyal,
            table["rfm_total"] <= at_risk,
            table["rfm_total"] >= potential,
        ],
        ["Champion", "Loyal", "At-Risk", "Potential"],
        "Promising",
    )
    table["interpretation"] = table.apply(
        lambda row: sentence(
            row["rfm_tier"],
            level(row["recency_score"], bins),
            level(row["frequency_score"], bins),
            level(row["monetary_score"], bins),
        ),
        axis=1,
    )
    return {
        "customers": table.reset_index().to_dict("records"),
        "thresholds": {
            "recency": cuts["recency_days"][::-1].tolist(),
            "frequency": cuts["frequency"].tolist(),
            "monetary": cuts["monetary_total"].tolist(),
            "tier": {"loyal": loyal, "potential": potential, "at_risk": at_risk},
        },
    }


class Described(BaseModel):
    customer_id: str = Field(min_length=1, max_length=256)
    features: dict[str, float]


class Features(BaseModel):
    weights: dict[str, float]
    customers: list[Described] = Field(min_length=1)


@router.post("/customer_loyalty")
def customer_loyalty(sent: Features) -> dict[str, Any]:
    table = pd.DataFrame([customer.features for customer in sent.customers])[list(sent.weights)]
    table["recency_days"] *= -1
    scaled = ((table - table.min()) / (table.max() - table.min())).fillna(1.0)
    scores = (scaled * pd.Series(sent.weights)).sum(axis=1).clip(upper=1.0)
    tiers = pd.cut(
        scores,
        [-1, 0.3, 0.5, 0.7, 0.85, 2],
        right=False,
        labels=["At-Risk", "Bronze", "Silver", "Gold", "Platinum"],
    )
    counts = tiers.value_counts()
    return {
        "customers": [
            {"customer_id": customer.customer_id, "loyalty_score": round(value, 4), "segment": tier}
            for customer, value, tier in zip(sent.customers, scores, tiers, strict=True)
        ],
        "summary": {
            "mean_score": round(scores.mean(), 4),
            "median_score": round(scores.median(), 4),
            "top_decile_threshold": round(scores.quantile(0.9), 4),
            "segment_counts": {name: int(count) for name, count in counts.items() if count},
        },
    }


class Response(BaseModel):
    customer_id: str
    answer: int = Field(ge=0, le=10)
    group: str | None = None


class Survey(BaseModel):
    group_by: str
    data: list[Response] = Field(min_length=1, max_length=50_000)


def survey(answers: pd.Series) -> dict[str, Any]:
    promoters, detractors = (answers >= 9).mean() * 100, (answers <= 6).mean() * 100
    nps = round(promoters - detractors, 2)
    words = "Critical warning"
    for bound, name in (
        (0, "Fair – room for improvement"),
        (30, "Good"),
        (50, "Excellent"),
        (70, "World-class loyalty"),
    ):
        if nps >= bound:
            words = name
    return {
        "nps": nps,
        "promoters_pct": round(promoters, 2),
        "passives_pct": round(100 - promoters - detractors, 2),
        "detractors_pct": round(detractors, 2),
        "responses": len(answers),
        "interpretation": words,
    }


@router.post("/nps")
def nps(sent: Survey) -> dict[str, Any]:
    table = pd.DataFrame([row.model_dump() for row in sent.data])
    return {
        "overall": survey(table["answer"]),
        "by_group": [
            {"group": name, **survey(answers)}
            for name, answers in table.groupby(sent.group_by, sort=False)["answer"]
        ],
    }
