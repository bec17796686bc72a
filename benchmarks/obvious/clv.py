"""Customer value with lifetimes, LightGBM and pandas."""

from __future__ import annotations

import datetime
import math
from typing import Any

import numpy as np
import pandas as pd
from fastapi import APIRouter
from lifetimes import BetaGeoFitter, GammaGammaFitter
from lifetimes.utils import summary_data_from_transaction_data
from lightgbm import LGBMRegressor
from pydantic import BaseModel, Field

router = APIRouter()

FIGURES = ["frequency", "recency", "T", "monetary_value"]
LEVELS = {"lower_80": 0.1, "upper_80": 0.9, "lower_95": 0.025, "upper_95": 0.975}
DRAWS = 100
GROUPS = 10


class Order(BaseModel):
    date: datetime.date
    amount: float = Field(ge=0, le=1e15)
    cost: float | None = Field(None, ge=0, le=1e15)


class Customer(BaseModel):
    customer_id: str = Field(min_length=1, max_length=256)
    transactions: list[Order] = Field(min_length=1)
    churn_date: datetime.date | None = None


class Customers(BaseModel):
    today: datetime.date
    churn_threshold_days: int | None = None
    customers: list[Customer] = Field(min_length=1)


class Horizon(Customers):
    horizon_months: int = Field(ge=1, le=60)


def orders(sent: Customers) -> tuple[pd.DataFrame, str]:
    """One row an order, its value being the margin if every order has a cost, else the revenue; and which."""
    rows = [
        {"customer_id": customer.customer_id, **order.model_dump()}
        for customer in sent.customers
        for order in customer.transactions
    ]
    table = pd.DataFrame(rows)
    table["date"] = pd.to_datetime(table["date"])
    costed = table["cost"].notna().all()
    table["value"] = table["amount"] - table["cost"] if costed else table["amount"]
    return table, "margin" if costed else "revenue"


def summary(table: pd.DataFrame, until: pd.Timestamp) -> pd.DataFrame:
    """The four figures of each customer; who came once is worth what the one order was."""
    known = summary_data_from_transaction_data(
        table, "customer_id", "date", "value", observation_period_end=until
    )
    once = known["frequency"] == 0
    known.loc[once, "monetary_value"] = table.groupby("customer_id")["value"].sum()[once]
    return known


ENDINGS = {
    "High": "Focus on VIP retention & upsell.",
    "Medium": "Consistent buyer, nurture with offers.",
    "Low": "One-time buyer, encourage a second order.",
}


def counted(number: int, one: str) -> str:
    return f"{number:,} {one}{'s' * (number != 1)}"


def standing(share: float, by: str) -> str:
    if share > 0.5:
        return f"outside the top half by {by}"
    return f"in the top {math.ceil(100 * share)}% by {by}"


def when(idle: int) -> str:
    days = counted(idle, "day")
    if idle <= 30:
        return f"Last order recent ({days} ago)."
    if idle <= 90:
        return f"Last order moderately recent ({days} ago)."
    return f"Last order some time ago ({days})." if idle <= 180 else f"Last order long ago ({days})."


def described(row: Any, basis: str, cut: float, churn: str) -> tuple[str, dict[str, str]]:
    """A sentence on a customer, and one on each figure."""
    if row.frequency:
        repeats = counted(int(row.frequency), "repeat purchase")
        label = f"Avg {basis}/order"
        between = f"{counted(int(row.recency), 'day')} between first & last buy"
        said = f"{row.Index} has {repeats}, {between}, and {label}: ${row.monetary_value:,.0f}. "
        often = f"{repeats}, {standing(row.top_frequency, 'repeat purchases')}."
        side = "or more" if row.tier == "High" else "under that"
        tier = f"Overall potential tier **{row.tier}**: repeat buyer, ${cut:,.2f} per order {side}."
    else:
        label = f"{basis.capitalize()} of the only order"
        between = "One purchase only"
        said = f"{row.Index} has no repeat purchase yet. {label}: ${row.monetary_value:,.0f}. "
        often = "No repeat purchase yet."
        tier = "Overall potential tier **Low**: one-time buyer."
    valued = standing(row.top_value, "value per order")
    return f"{said}Tier: {row.tier}. {ENDINGS[row.tier]}", {
        "frequency": often,
        "recency": f"{between}. {when(int(row.T - row.recency))}",
        "T": f"{counted(int(row.T), 'day')} observed (customer age).",
        "monetary_value": f"{label}: ${row.monetary_value:,.2f}, {valued}.",
        "churned": churn,
        "clv_potential_tier": tier,
    }


@router.post("/customer_clv_features")
def customer_clv_features(sent: Customers) -> dict[str, Any]:
    table, basis = orders(sent)
    known = summary(table, pd.Timestamp(sent.today))
    known = known.loc[[customer.customer_id for customer in sent.customers]]
    known["monetary_value"] = known["monetary_value"].round(6)
    known["top_frequency"] = known["frequency"].rank(ascending=False, method="max", pct=True)
    known["top_value"] = known["monetary_value"].rank(ascending=False, method="max", pct=True)
    cut = known["monetary_value"].quantile(0.7)
    known["tier"] = np.select(
        [known["frequency"] == 0, known["monetary_value"] >= cut], ["Low", "High"], "Medium"
    )
    rows = []
    for row, customer in zip(known.itertuples(), sent.customers, strict=True):
        gone = customer.churn_date is not None and customer.churn_date <= sent.today
        idle = sent.churn_threshold_days is not None and row.T - row.recency >= sent.churn_threshold_days
        churn = f"True (churn date {customer.churn_date})." if gone else "False (no churn date supplied)."
        said, explanations = described(row, basis, cut, "True (idle)." if idle and not gone else churn)
        rows.append(
            {
                "customer_id": row.Index,
                "frequency": int(row.frequency),
                "recency": row.recency,
                "T": row.T,
                "monetary_value": row.monetary_value,
                "churned": gone or idle,
                "clv_potential_tier": row.tier,
                "interpretation": said,
                "explanations": explanations,
            }
        )
    return {"monetary_basis": basis, "customers": rows}


class Purchasing:
    """BG/NBD and Gamma-Gamma."""

    def __init__(self, known: pd.DataFrame) -> None:
        self.orders = BetaGeoFitter().fit(known["frequency"], known["recency"], known["T"])
        paying = known[(known["frequency"] > 0) & (known["monetary_value"] > 0)]
        self.money = GammaGammaFitter().fit(paying["frequency"], paying["monetary_value"])

    def predict(self, known: pd.DataFrame, days: float) -> pd.DataFrame:
        txns = self.orders.conditional_expected_number_of_purchases_up_to_time(
            days, known["frequency"], known["recency"], known["T"]
        )
        each = self.money.conditional_expected_average_profit(known["frequency"], known["monetary_value"])
        return pd.DataFrame({"txns": txns, "each": each, "value": txns * each}, known.index)

    def alive(self, known: pd.DataFrame) -> np.ndarray:
        return self.orders.conditional_probability_alive(known["frequency"], known["recency"], known["T"])

    def simulate(self, known: pd.DataFrame, days: float) -> tuple[np.ndarray, np.ndarray]:
        """Draws of purchases and value, (100, n), from the fitted parameters, whose own doubt is left out."""
        chance, shape = np.random.default_rng(1), (DRAWS, len(known))
        r, alpha, a, b = self.orders.params_[["r", "alpha", "a", "b"]]
        p, q, v = self.money.params_[["p", "q", "v"]]
        x, age = known["frequency"].to_numpy(), known["T"].to_numpy()
        alive = chance.random(shape) < self.alive(known)
        txns = chance.poisson(chance.gamma(r + x, 1 / (alpha + age), shape) * days)
        txns = np.minimum(txns, chance.geometric(np.clip(chance.beta(a, b + x, shape), 1e-12, 1))) * alive
        rate = chance.gamma(p * x + q, 1 / (v + x * known["monetary_value"].to_numpy()), shape)
        return txns, np.where(txns > 0, chance.gamma(np.maximum(p * txns, 1e-9)) / rate, 0.0)


def features(known: pd.DataFrame) -> pd.DataFrame:
    table = known[FIGURES].copy()
    table["idle"] = table["T"] - table["recency"]
    table["rate"] = (table["frequency"] + 1) / table["T"].clip(lower=1)
    gap = (table["recency"] / table["frequency"]).replace(0, np.nan)
    table["silence"] = (table["idle"] / gap).fillna(-1)
    return table


class Window:
    """Histories until a day, and what came in the days after it."""

    def __init__(self, table: pd.DataFrame, end: pd.Timestamp, days: int) -> None:
        cut = end - pd.Timedelta(days=days)
        self.known = summary(table[table["date"] <= cut], cut)
        after = table[(table["date"] > cut) & (table["date"] <= end)].groupby("customer_id")
        self.txns = after["date"].nunique().reindex(self.known.index, fill_value=0)
        self.value = after["value"].sum().reindex(self.known.index, fill_value=0.0)
        self.days = days


class Trees:
    """LightGBM on purchases and value of a window."""

    def __init__(self, window: Window) -> None:
        table = features(window.known)
        self.days = window.days
        self.txns = LGBMRegressor(objective="poisson", verbose=-1).fit(table, window.txns)
        self.value = LGBMRegressor(objective="tweedie", verbose=-1).fit(table, window.value)

    def predict(self, known: pd.DataFrame, days: float) -> pd.DataFrame:
        table = features(known)
        txns, value = self.txns.predict(table), self.value.predict(table)
        ratio = days / self.days
        return pd.DataFrame(
            {"txns": txns * ratio, "each": value / np.maximum(txns, 1e-9), "value": value * ratio},
            known.index,
        )


def spread(window: Window, judged: pd.Series, predicted: pd.Series) -> pd.DataFrame:
    """Bounds of each customer, from what those of a like prediction did in the held-out window."""
    groups = pd.qcut(judged, GROUPS, labels=False, duplicates="drop")
    edges = judged.groupby(groups).max().to_numpy()[:-1]
    means = judged.groupby(groups).mean()
    place = np.searchsorted(edges, predicted)
    scale = predicted.to_numpy() / means.to_numpy()[place]
    bounds = {}
    for name, level in LEVELS.items():
        bounds[name] = window.value.groupby(groups).quantile(level).to_numpy()[place] * scale
    return pd.DataFrame(bounds, predicted.index)


def forecast_sentence(name: str, value: float, months: int, tier: str) -> str:
    act = {"High": "keep close", "Medium": "nurture with offers", "Low": "serve at low cost"}[tier]
    return f"{name} is expected to bring ${value:,.0f} in {months} months. Tier: {tier}; {act}."


@router.post("/customer_clv_forecast")
def customer_clv_forecast(sent: Horizon) -> dict[str, Any]:
    """Both models on the past, the better one on everything. Left out: discounts, known days of leaving, own
    tiers, the fallback for too little history, and a window's prediction stretched by BG/NBD."""
    table, basis = orders(sent)
    today = pd.Timestamp(sent.today)
    days = (today + pd.DateOffset(months=sent.horizon_months) - today).days
    window = min(days, (today - table["date"].min()).days // 3)

    held = Window(table, today, window)
    earlier = Window(table, today - pd.Timedelta(days=window), window)
    rate = held.known["frequency"] / held.known["T"].clip(lower=1)
    judged = {
        "BG_NBD_GG": Purchasing(held.known).predict(held.known, window)["value"],
        "GradientBoosting": Trees(earlier).predict(held.known, window)["value"],
        "Naive": rate * window * held.known["monetary_value"],
    }
    errors = {name: (held.value - found).abs().mean() for name, found in judged.items()}
    best = min(("BG_NBD_GG", "GradientBoosting"), key=errors.__getitem__)

    known = summary(table, today).loc[[customer.customer_id for customer in sent.customers]]
    purchasing = Purchasing(known)
    known["alive"] = purchasing.alive(known)
    if best == "BG_NBD_GG":
        found = purchasing.predict(known, days)
        txns, value = purchasing.simulate(known, days)
        bounds = pd.DataFrame(np.quantile(value, list(LEVELS.values()), axis=0).T, known.index, list(LEVELS))
        totals = {
            f"{of}_{name}": np.quantile(draws.sum(axis=1), level)
            for of, draws in (("clv", value), ("txns", txns))
            for name, level in LEVELS.items()
        }
    else:
        found = Trees(held).predict(known, days)
        bounds = spread(held, judged[best], found["value"])
        off = held.value.sum() / judged[best].sum()
        wide = abs(math.log(off)) + 1 / math.sqrt(held.txns.sum())
        turns = {"lower_80": -1.28, "upper_80": 1.28, "lower_95": -1.96, "upper_95": 1.96}
        totals = {
            f"{of}_{name}": found[column].sum() * math.exp(turn * wide)
            for of, column in (("clv", "value"), ("txns", "txns"))
            for name, turn in turns.items()
        }
    lower, upper = ["lower_80", "lower_95"], ["upper_80", "upper_95"]
    bounds[lower] = bounds[lower].clip(upper=found["value"], axis=0)
    bounds[upper] = bounds[upper].clip(lower=found["value"], axis=0)
    found["tier"] = np.select([found["value"] >= 1000, found["value"] >= 300], ["High", "Medium"], "Low")
    wait = np.ceil(math.log(2) * days / found["txns"].clip(lower=1e-9))
    table = found.join(bounds).assign(alive=known["alive"], wait=wait)
    rows = []
    for row in table.itertuples():
        due = sent.today + datetime.timedelta(days=row.wait) if row.wait <= 5 * 365 else None
        rows.append(
            {
                "customer_id": row.Index,
                "predicted_clv": row.value,
                "predicted_txns": row.txns,
                "predicted_avg_margin": row.each,
                "p_alive": row.alive,
                "expected_next_purchase_date": due,
                "algorithm_used": best,
                "clv_tier": row.tier,
                **{name: getattr(row, name) for name in LEVELS},
                "interpretation": forecast_sentence(row.Index, row.value, sent.horizon_months, row.tier),
                "explanations": {
                    "predicted_clv": f"Value of {sent.horizon_months} months, as {basis}.",
                    "predicted_txns": f"{row.txns:.1f} orders at ${row.each:,.2f} each.",
                    "p_alive": f"{row.alive:.0%} likely to be a customer still.",
                    "algorithm_used": f"{best} errs least: ${errors[best]:,.2f} per customer.",
                    "clv_tier": "High from $1,000, Medium from $300.",
                },
            }
        )
    return {
        "best_algorithm": best,
        "horizon_months": sent.horizon_months,
        "evaluation_mae": errors,
        "monetary_basis": basis,
        "interval_method": "simulation" if best == "BG_NBD_GG" else "residuals",
        "total": {
            "predicted_clv": found["value"].sum(),
            "predicted_txns": found["txns"].sum(),
            **totals,
        },
        "customers": rows,
    }
