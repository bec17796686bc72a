"""Forecasts by the auto models of the libraries, the best by RMSE on four folds.

Every fold is fitted anew, and the best again on all days. Outliers, holidays, logarithms, ensembles and
stored champions are left out; a slow model's further folds are fitted even where the newest speaks against
it.
"""

from __future__ import annotations

import datetime
import itertools
import time
from typing import Any

import numpy as np
import pandas as pd
from fastapi import APIRouter
from numpy.typing import NDArray
from pydantic import BaseModel, ConfigDict, Field
from sklearn.metrics import mean_absolute_error, r2_score, root_mean_squared_error
from threadpoolctl import threadpool_limits

from benchmarks.obvious.zoo import BOOSTING, FOREST, MONEY, QUICK, RARE, WEEK, Floats, Model

router = APIRouter()
FOLDS, PATHS = 4, 1_000


class Day(BaseModel):
    model_config = ConfigDict(extra="allow")

    date: datetime.date


class Asked(BaseModel):
    forecast_period: int = Field(ge=1, le=60)
    product_code: str = ""
    data: list[Day] = Field(min_length=2)


class Item(BaseModel):
    product_code: str
    data: list[Day] = Field(min_length=2)


class Many(BaseModel):
    forecast_period: int = Field(ge=1, le=60)
    items: list[Item] = Field(min_length=1)


def daily(rows: list[Day], column: str) -> pd.Series:
    """Rows as a series without gaps."""
    table = pd.DataFrame([row.model_dump() for row in rows])
    table["date"] = pd.to_datetime(table["date"])
    return table.groupby("date")[column].sum().asfreq("D", fill_value=0).astype(float)


def folds(days: int) -> tuple[list[int], int]:
    """The first held-out day of each fold, and how many are held out."""
    length = min(91, days // 4 // WEEK * WEEK)
    apart = min(length, (days - length - days // 2) // (FOLDS - 1))
    return [days - length - apart * back for back in range(FOLDS - 1, -1, -1)], length


def months(last: pd.Timestamp, count: int) -> pd.DatetimeIndex:
    """The first days of the months ahead, and of the one after them."""
    return pd.date_range(last + pd.offsets.MonthBegin(1), periods=count + 1, freq="MS")


def metrics(actual: Floats, path: Floats, business: NDArray[np.bool_], step: float) -> dict[str, Any]:
    rmse, mae = root_mean_squared_error(actual, path), mean_absolute_error(actual, path)
    some = actual != 0
    size = np.maximum(np.abs(actual) + np.abs(path), 1e-12)
    return {
        "RMSE": rmse,
        "MAE": mae,
        "R2": r2_score(actual, path),
        "MAPE": 100 * np.abs(path[some] / actual[some] - 1).mean() if some.any() else None,
        "sMAPE": 200 * (np.abs(path - actual) / size).mean(),
        "MASE": mae / step if step else None,
        "score": 0.6 * rmse + 0.4 * root_mean_squared_error(actual[business], path[business]),
    }


def judged(series: pd.Series, zoo: dict[str, Model]) -> tuple[list[dict[str, Any]], dict[str, Floats]]:
    """Every model's errors over the folds, best first, and what it forecast for them."""
    origins, length = folds(len(series))
    held = pd.concat([series.iloc[origin : origin + length] for origin in origins])
    business = held.index.dayofweek.to_numpy() < 5
    step = series.diff(WEEK).abs().mean()
    found, paths = [], {}
    for name, model in zoo.items():
        began = time.perf_counter()
        try:
            path = np.concatenate([model(series.iloc[:origin], length) for origin in origins])
        except ValueError as error:
            found.append({"algorithm": name, "score": np.inf, "folds": 0, "skipped": str(error)})
            continue
        paths[name] = np.maximum(path, 0)
        errors = metrics(held.to_numpy(), paths[name], business, step)
        seconds = time.perf_counter() - began
        found.append({"algorithm": name, **errors, "folds": FOLDS, "seconds": seconds})
    return sorted(found, key=lambda one: one["score"]), paths


def views(series: pd.Series, path: Floats, errors: Floats, count: int) -> dict[str, Any]:
    """The months ahead, all days and business days, with intervals by simulation."""
    days = pd.date_range(series.index[-1] + pd.Timedelta(days=1), periods=len(path))
    drawn = np.random.default_rng(0).choice(errors, (PATHS, len(path)))
    simulated = np.maximum(path + drawn, 0)
    edges = months(series.index[-1], count)
    found: dict[str, list[dict[str, Any]]] = {"calendar": [], "business": []}
    for view, counted in (("calendar", np.ones(len(days), bool)), ("business", days.dayofweek < 5)):
        for first, end in itertools.pairwise(edges):
            inside = (days >= first) & (days < end) & counted
            sums = simulated[:, inside].sum(axis=1)
            bounds = np.quantile(sums, (0.1, 0.9, 0.025, 0.975)).tolist()
            names = ("lower_80", "upper_80", "lower_95", "upper_95")
            found[view].append(
                {
                    "yyyy-mm": f"{first:%Y-%m}",
                    "value": path[inside].sum(),
                    **dict(zip(names, bounds, strict=True)),
                }
            )
    return found


def forecast(
    series: pd.Series, zoo: dict[str, Model], count: int, subject: str, effect: float = 0.0
) -> tuple[dict[str, Any], Floats]:
    """The answer of a series, and its days ahead.

    Args:
        series: daily, at least 30 days.
        zoo: the candidates.
        count: months.
        subject: for the sentence.
        effect: what drivers add to every day ahead.
    """
    horizon = (months(series.index[-1], count)[-1] - series.index[-1]).days - 1
    with threadpool_limits(1, "blas"):  # on matrices as small as these, threads take four times as long
        candidates, paths = judged(series, zoo)
        best = candidates[0]
        path = np.maximum(zoo[best["algorithm"]](series, horizon) + effect, 0)
    origins, length = folds(len(series))
    held = pd.concat([series.iloc[origin : origin + length] for origin in origins])
    own = paths[best["algorithm"]]
    errors = held.to_numpy() - own
    reach = np.quantile(errors, (0.1, 0.9, 0.025, 0.975))
    backtest = pd.DataFrame(
        {"date": held.index.strftime("%Y-%m-%d"), "actual": held.to_numpy(), "forecast": own}
    )
    for name, added in zip(("lower_80", "upper_80", "lower_95", "upper_95"), reach, strict=True):
        backtest[name] = np.maximum(own + added, 0)
    reported = path[(months(series.index[-1], count)[0] - series.index[-1]).days - 1 :]
    average = reported.mean()
    answer = {
        "best_algorithm": best["algorithm"],
        "evaluation_metrics": {
            **{name: best[name] for name in ("RMSE", "MAE", "R2", "MAPE", "sMAPE", "MASE")},
            f"average_daily_{subject}": average,
            "historical_daily_mean": series.mean(),
            "Interpretation": f"The {best['algorithm']} algorithm was selected because it achieved a low "
            f"RMSE of {best['RMSE']:.2f}, MAE of {best['MAE']:.2f} and R² of {best['R2']:.2f}. The average "
            f"daily {subject} forecast is {average:.2f}.",
            "model_candidates": [one for one in candidates if np.isfinite(one["score"])],
        },
        "forecast": views(series, path, errors, count),
        "backtest": [
            {"train_days": origin, "days": backtest.iloc[k * length : (k + 1) * length].to_dict("records")}
            for k, origin in enumerate(origins)
        ],
    }
    return answer, path


def priced(sent: Asked, subject: str) -> dict[str, Any]:
    began = time.perf_counter()
    result, _ = forecast(daily(sent.data, subject), MONEY, sent.forecast_period, subject)
    return {
        "forecast_period": sent.forecast_period,
        "forecast_result": {"analysis_type": f"generic_{subject}", **result},
        "execution_time_seconds": time.perf_counter() - began,
    }


@router.post("/forecast_revenue")
def forecast_revenue(sent: Asked) -> dict[str, Any]:
    return priced(sent, "revenue")


@router.post("/forecast_cost")
def forecast_cost(sent: Asked) -> dict[str, Any]:
    return priced(sent, "cost")


def without_drivers(rows: list[Day]) -> tuple[pd.Series, float, dict[str, float]]:
    """Cost less what the drivers add, what they add to a usual day, and each one's part of that."""
    table = pd.DataFrame([row.model_dump() for row in rows])
    table["date"] = pd.to_datetime(table["date"])
    days = table.drop(columns="cost_center", errors="ignore").groupby("date").sum().asfreq("D", fill_value=0)
    days = days.astype(float)
    names = [name for name in days if name != "cost"]
    known = pd.get_dummies(days.index.dayofweek, dtype=float).to_numpy()
    matrix = np.column_stack([days[names], known, np.arange(len(days))])
    effects = np.linalg.lstsq(matrix, days["cost"].to_numpy(), rcond=None)[0][: len(names)]
    usual = days[names].tail(60).mean().to_numpy() * effects
    rest = days["cost"] - days[names].to_numpy() @ effects
    return rest, float(usual.sum()), dict(zip(names, usual.tolist(), strict=True))


@router.post("/forecast_cost_improved")
def forecast_cost_improved(sent: Asked) -> dict[str, Any]:
    """A driver counts by its coefficient and its usual level; its known future is left out."""
    began = time.perf_counter()
    series, effect, parts = without_drivers(sent.data)
    result, total = forecast(series, MONEY, sent.forecast_period, "cost", effect)
    result["evaluation_metrics"]["historical_daily_mean"] = daily(sent.data, "cost").mean()
    by_centre: dict[str, list[Day]] = {}
    for row in sent.data:
        by_centre.setdefault((row.model_extra or {}).get("cost_center", ""), []).append(row)
    found = {}
    for name, rows in by_centre.items():
        rest, added, _ = without_drivers(rows)
        found[name] = (rest, *forecast(rest, QUICK | BOOSTING, sent.forecast_period, "cost", added))
    sums = np.maximum(sum(path for _, _, path in found.values()), 1e-9)
    centres = []
    for name, (rest, answer, path) in found.items():
        errors = np.concatenate(
            [[day["actual"] - day["forecast"] for day in fold["days"]] for fold in answer["backtest"]]
        )
        scaled = views(rest, path / sums * total, errors, sent.forecast_period)
        rmse = answer["evaluation_metrics"]["RMSE"]
        centres.append(
            {
                "cost_center": name,
                "best_algorithm": answer["best_algorithm"],
                "RMSE": rmse,
                "forecast": scaled,
            }
        )
    shares = {name: 100 * part / total.mean() for name, part in parts.items()}
    return {
        "forecast_period": sent.forecast_period,
        "forecast_result": {"analysis_type": "driver_cost", **result},
        "cost_centers": centres,
        "driver_contributions": [
            {"driver": "baseline", "contribution_pct": 100 - sum(shares.values())},
            *({"driver": name, "contribution_pct": share} for name, share in shares.items()),
        ],
        "execution_time_seconds": time.perf_counter() - began,
    }


def rare(series: pd.Series) -> dict[str, Model]:
    return RARE if (series == 0).mean() >= 0.4 else {}


@router.post("/forecast_units")
def forecast_units(sent: Asked) -> dict[str, Any]:
    began = time.perf_counter()
    series = daily(sent.data, "sales_quantity")
    zoo = MONEY | BOOSTING | FOREST | rare(series)
    result, _ = forecast(series, zoo, sent.forecast_period, "sales")
    return {
        "forecast_period": sent.forecast_period,
        "forecasts": [{"product_code": sent.product_code, **result}],
        "execution_time_seconds": time.perf_counter() - began,
    }


@router.post("/forecast_units_asyncio")
def forecast_units_asyncio(sent: Many) -> dict[str, Any]:
    """One product after the other, by the quick models; a bad one fails all."""
    began, found = time.perf_counter(), []
    for item in sent.items:
        series = daily(item.data, "sales_quantity")
        zoo = QUICK | BOOSTING | rare(series)
        result, _ = forecast(series, zoo, sent.forecast_period, "sales")
        del result["backtest"]
        found.append({"product_code": item.product_code, **result})
    return {
        "forecast_period": sent.forecast_period,
        "forecasts": found,
        "execution_time_seconds": time.perf_counter() - began,
    }
