"""A price from three learners of demand: scikit-learn's and XGBoost's, and an elasticity of statsmodels."""

from __future__ import annotations

import datetime
from typing import Any, Literal

import numpy as np
import pandas as pd
import statsmodels.api as sm
from fastapi import APIRouter
from pydantic import BaseModel, ConfigDict, Field
from scipy.stats import t as student
from sklearn.ensemble import RandomForestRegressor
from sklearn.linear_model import ElasticNetCV
from sklearn.metrics import mean_absolute_percentage_error
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler
from xgboost import XGBRegressor

router = APIRouter()


class Day(BaseModel):
    model_config = ConfigDict(extra="allow")

    date: datetime.date
    price: float = Field(gt=0)
    units_sold: int = Field(ge=0)
    competitor_price: float | None = None
    inventory_level: int | None = None
    segment: dict[str, Any] | None = None


class Pricing(BaseModel):
    product_id: str
    cost_per_unit: float = Field(ge=0)
    optimize_for: Literal["profit", "revenue"]
    candidate_prices: list[float] = Field(min_length=1, max_length=1000)
    historical: list[Day] = Field(min_length=10)
    competitor_price_current: float | None = None
    inventory_level_current: int | None = None


def learners(columns: pd.Index) -> dict[str, Any]:
    falling = [-1 if name == "price" else 0 for name in columns]
    return {
        "ElasticNet": make_pipeline(StandardScaler(), ElasticNetCV(cv=5)),
        "XGBoost": XGBRegressor(max_depth=3, learning_rate=0.1, monotone_constraints=tuple(falling)),
        "RandomForest": RandomForestRegressor(
            max_depth=8, min_samples_leaf=3, monotonic_cst=falling, random_state=42, n_jobs=-1
        ),
    }


@router.post("/dynamic_pricing_recommend")
def dynamic_pricing_recommend(sent: Pricing) -> dict[str, Any]:
    """Guardrails, prices that were never observed and gaps are left out."""
    table = pd.json_normalize([row.model_dump() for row in sent.historical])
    table["date"] = pd.to_datetime(table["date"])
    table = table.sort_values("date", ignore_index=True)
    units = table.pop("units_sold")
    now = table.iloc[[-1]].copy()
    for name in ("competitor_price", "inventory_level"):
        if getattr(sent, f"{name}_current") is not None:
            now[name] = getattr(sent, f"{name}_current")
    week = pd.concat([now] * 7, ignore_index=True)
    week["date"] = table["date"].iloc[-1] + pd.to_timedelta(range(1, 8), "D")
    whole = pd.concat([table, week], ignore_index=True)
    date = whole.pop("date")
    whole["trend"] = (date - date[0]).dt.days / 365.25
    whole["weekday"] = date.dt.dayofweek.astype(str)
    for name in ("price", "competitor_price", "inventory_level"):
        whole[name] = np.log(whole[name])
    matrix = pd.get_dummies(whole, drop_first=True, dtype=float)
    matrix = matrix.loc[:, matrix.nunique() > 1]
    rows, days = matrix.iloc[: len(table)], matrix.iloc[len(table) :]
    target = np.log(np.maximum(units, 0.5))
    held = round(0.25 * len(rows))
    errors, predicted = {}, {}
    for name, model in learners(matrix.columns).items():
        model.fit(rows[:-held], target[:-held])
        predicted[name] = np.exp(model.predict(rows[-held:]))
        errors[name] = mean_absolute_percentage_error(np.maximum(units[-held:], 1), predicted[name])
    best = min(errors, key=errors.__getitem__)
    model = learners(matrix.columns)[best].fit(rows, target)
    smearing = units.sum() / np.exp(model.predict(rows)).sum()
    expected = np.array(
        [
            smearing * np.exp(model.predict(days.assign(price=np.log(price)))).mean()
            for price in sent.candidate_prices
        ]
    )
    response = sm.GLM(units, sm.add_constant(rows), family=sm.families.Poisson()).fit(cov_type="HC1")
    lower, upper = response.conf_int().loc["price"]
    spread = np.log((units[-held:] + 0.5) / (predicted[best] + 0.5)).std()
    prices = np.array(sent.candidate_prices)
    table = pd.DataFrame(
        {
            "candidate_price": prices,
            "expected_units": expected,
            "expected_revenue": prices * expected,
            "expected_profit": (prices - sent.cost_per_unit) * expected,
        }
    )
    for level in (80, 95):
        reach = np.exp(student.ppf(0.5 + level / 200, held) * spread)
        table[f"lower_{level}"], table[f"upper_{level}"] = expected / reach, expected * reach
    ranked = table.sort_values(f"expected_{sent.optimize_for}", ascending=False)
    first, *others = ranked[["candidate_price", f"expected_{sent.optimize_for}"]].itertuples(index=False)
    words = f"Setting the price at {first[0]:.2f} maximises {sent.optimize_for.upper()}"
    if others:
        words += f": +{first[1] / others[0][1] - 1:.1%} versus the next-best option ({others[0][0]:.2f})"
    return {
        "best_price": first[0],
        "outcomes": table.round(2).to_dict("records"),
        "model_info": {
            "algorithm": best,
            "mape": errors[best],
            "train_rows": len(rows),
            "hold_out_rows": held,
            "candidates": [{"algorithm": name, "mape": error} for name, error in errors.items()],
        },
        "elasticity": {"value": response.params["price"], "lower_95": lower, "upper_95": upper},
        "interpretation": words + ".",
    }
