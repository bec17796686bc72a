"""Forecasts: how long whole requests take beside the obvious script, how good they are on a public series.

``OPENBLAS_NUM_THREADS=1 python benchmarks/forecast.py`` prints the tables of ``benchmarks/RESULTS.md``;
``speed``, ``many`` or ``accuracy`` prints one; ``--series`` and ``--obvious`` say of how many series.

The obvious script is what a notebook does: for every fold anew an ARIMA and an ETS of statsmodels over a grid
by AIC, statsmodels' STL-ETS and Theta, Prophet, AutoTBATS (of statsforecast: the package tbats is not among
the dependencies) and, for units, scikit-learn's forest and boosting on lags; the best by RMSE fitted again.
It has no bounds by the month, no words and no registry, so the ratio errs on its side. It is slow, so it gets
fewer series; on these, ours and its run in turns.

Accuracy is judged on ``data/bike_rentals_2011.csv``, one origin after the other, each forecast from the days
before it alone: MASE of the two months ahead (over repeating the day a week before, within the days known)
and how far each month's sum is off.
"""

from __future__ import annotations

import argparse
import csv
import datetime
import itertools
import logging
import platform
import statistics
import time
import warnings
from collections.abc import Callable, Sequence
from functools import partial
from pathlib import Path
from typing import Any

import cmdstanpy
import numpy as np
import orjson
import pandas as pd
from numpy.typing import NDArray
from prophet import Prophet
from sklearn.ensemble import GradientBoostingRegressor, RandomForestRegressor
from statsforecast.models import AutoARIMA, AutoETS, AutoTBATS, AutoTheta, SeasonalNaive
from statsmodels.tsa.exponential_smoothing.ets import ETSModel
from statsmodels.tsa.forecasting.stl import STLForecast
from statsmodels.tsa.forecasting.theta import ThetaModel
from statsmodels.tsa.statespace.sarimax import SARIMAX

from abintel.answer import Encoder
from abintel.decode import Decoder
from abintel.endpoint import Call, Endpoint, Served
from plugins.forecast import PLUGIN
from plugins.forecast.days.calendar import months_after
from plugins.forecast.endpoints import forecast_revenue, forecast_units, forecast_units_asyncio
from plugins.forecast.judging.judge import folds

Floats = NDArray[np.float64]
Model = Callable[[Floats, int], Floats]
FIRST = datetime.date(2023, 1, 1)
NOW = datetime.datetime(2025, 4, 28, tzinfo=datetime.UTC)
BIKES = Path(__file__).parent / "data" / "bike_rentals_2011.csv"
ORIGINS = range(150, 300, 10)
"""Days known at each origin: the two whole months after the last of them end within the year."""
PRODUCTS = 50


class Route:
    """A route from bytes to bytes, with a registry that keeps what it was given last, through no file."""

    def __init__(self, endpoint: Endpoint) -> None:
        self._endpoint = endpoint
        self._decoder, self._encoder = Decoder(endpoint.request), Encoder(endpoint.response)
        self._kept: Served | None = None

    def serve(self, request: object) -> Served:
        """The champion."""
        assert self._endpoint.trainable is not None
        if self._kept is None:
            training = self._endpoint.trainable.training(request)
            assert training is not None
            fit = training.fit()
            self._kept = Served(fit.model, fit.info)
        return self._kept

    def champion(self, endpoint: object, request: object) -> Served:
        """None: no series grew."""
        return Served(None, {})

    def answer(self, sent: bytes) -> bytes:
        """A request."""
        call = Call(tenant="bench", now=NOW, models=self)
        request = self._decoder.decode(sent)
        assert not list(self._endpoint.check(request, call))
        return self._encoder.encode({**self._endpoint.handle(request, call), "warnings": call.warnings})


def rows(values: Floats, column: str, first: datetime.date = FIRST) -> list[dict[str, Any]]:
    """A series as a body has it."""
    return [
        {"date": first + datetime.timedelta(days=day), column: value}
        for day, value in enumerate(values.tolist())
    ]


def revenue(days: int, seed: int) -> Floats:
    """Revenue with a trend that wanders, a week, and noise."""
    chance = np.random.default_rng([days, seed])
    t = np.arange(days)
    level = 1000 + chance.uniform(-0.3, 1.0) * t + np.cumsum(chance.normal(0, 4, days))
    week = chance.normal(0, 120, 7)
    return np.maximum(0.0, np.round(level + week[t % 7] + chance.normal(0, 60, days), 2))


def units(days: int, seed: int) -> Floats:
    """Pieces sold: a level between 2 and 150, a week; each fifth product sells now and then."""
    chance = np.random.default_rng([days, seed, 1])
    t = np.arange(days)
    if seed % 5 == 4:
        return (chance.random(days) < chance.uniform(0.1, 0.5)) * chance.poisson(3, days).astype(float)
    week = np.maximum(0.1, 1 + 0.3 * chance.normal(size=7))
    level = np.exp(chance.uniform(0.7, 5)) * (1 + chance.uniform(-0.2, 0.5) * t / days)
    return chance.poisson(level * week[t % 7]).astype(float)


# The obvious script


def by_aic(fits: Sequence[Callable[[], Any]]) -> Any:
    """The fit of lowest AIC."""
    found = []
    for fit in fits:
        try:
            found.append(fit())
        except (ValueError, np.linalg.LinAlgError):
            continue
    return min(found, key=lambda one: one.aic)


def arima(train: Floats, horizon: int) -> Floats:
    """SARIMAX over a small grid."""
    grid = itertools.product((0, 1), (0, 1), (0, 1))
    fits = [
        lambda p=p, q=q, s=s: SARIMAX(train, order=(p, 1, q), seasonal_order=(s, 0, 1, 7)).fit(disp=False)
        for p, q, s in grid
    ]
    return np.asarray(by_aic(fits).forecast(horizon))


def ets(train: Floats, horizon: int) -> Floats:
    """ETSModel over trends and seasons."""
    grid = ((None, False), ("add", False), ("add", True))
    fits = [
        lambda trend=trend, damped=damped, season=season: ETSModel(
            train, trend=trend, damped_trend=damped, seasonal=season, seasonal_periods=7
        ).fit(disp=False)
        for trend, damped in grid
        for season in (None, "add")
    ]
    return np.asarray(by_aic(fits).forecast(horizon))


def stl_ets(train: Floats, horizon: int) -> Floats:
    """STLForecast."""
    model = STLForecast(train, ETSModel, model_kwargs={"trend": "add"}, period=7)
    return np.asarray(model.fit(fit_kwargs={"disp": False}).forecast(horizon))


def theta(train: Floats, horizon: int) -> Floats:
    """ThetaModel."""
    return np.asarray(
        ThetaModel(train, period=7, deseasonalize=True, method="additive").fit().forecast(horizon)
    )


def prophet(train: Floats, horizon: int) -> Floats:
    """Prophet with its defaults."""
    dates = pd.date_range(FIRST, periods=len(train) + horizon)
    model = Prophet().fit(pd.DataFrame({"ds": dates[: len(train)], "y": train}))
    return np.asarray(model.predict(pd.DataFrame({"ds": dates[len(train) :]}))["yhat"])


def tbats(train: Floats, horizon: int) -> Floats:
    """AutoTBATS with its defaults."""
    return np.asarray(AutoTBATS(season_length=7).forecast(y=train, h=horizon)["mean"])


def on_lags(learner: Callable[[], Any]) -> Model:
    """A learner on lags 7, 14 and 28, the week's mean and the weekday, day by day."""

    def features(path: Floats, day: int) -> list[float]:
        return [path[day - 7], path[day - 14], path[day - 28], path[day - 7 : day].mean(), day % 7]

    def forecast(train: Floats, horizon: int) -> Floats:
        days = range(28, len(train))
        model = learner().fit([features(train, day) for day in days], train[28:])
        path = np.concatenate([train, np.zeros(horizon)])
        for day in range(len(train), len(path)):
            path[day] = model.predict([features(path, day)])[0]
        return path[len(train) :]

    return forecast


MONEY: list[Model] = [arima, ets, stl_ets, theta, prophet, tbats]
UNITS: list[Model] = [
    *MONEY,
    on_lags(lambda: RandomForestRegressor(100, random_state=42)),
    on_lags(lambda: GradientBoostingRegressor(random_state=42)),
]
QUICK: list[Model] = [ets, stl_ets, theta, UNITS[-1]]


def obvious(values: Floats, horizon: int, zoo: Sequence[Model]) -> Floats:
    """The notebook's forecast."""
    origins, length = folds(len(values))

    def error(model: Model) -> float:
        try:
            paths = [model(values[:origin], length) for origin in origins]
        except ValueError:
            return np.inf
        held = [values[origin : origin + length] for origin in origins]
        return float(((np.array(paths) - np.array(held)) ** 2).sum())

    return zoo[int(np.argmin([error(model) for model in zoo]))](values, horizon)


# The tables


def timed(work: Callable[[], object]) -> float:
    """Seconds."""
    started = time.perf_counter()
    work()
    return time.perf_counter() - started


def said(name: str, seconds: Sequence[float], goal: str, script: Sequence[float] = ()) -> None:
    """A row of the table of times."""
    middle, high = statistics.median(seconds), float(np.quantile(seconds, 0.95))
    beside = "– | –"
    if script:
        other = statistics.median(script)
        beside = f"{other:.1f} s | {other / middle:.0f}"
    print(f"| {name} | {middle:.3f} s | {high:.3f} s | {goal} | {beside} |", flush=True)


HEAD = "| work | ours, median | p95 | to reach | obvious | ratio |\n| --- | --- | --- | --- | --- | --- |"


def speed(series: int, scripts: int) -> None:
    """Routes of one series: the first call, the same again, and the obvious script in turns with it."""
    print(HEAD)
    money, pieces = forecast_revenue.ENDPOINT, forecast_units.ENDPOINT
    cases: list[tuple[str, Endpoint, Callable[[int, int], Floats], str, int, int, list[Model], str]] = [
        ("forecast_revenue", money, revenue, "revenue", 90, 12, MONEY, "< 1.0 s, p95 < 2 s"),
        ("forecast_revenue", money, revenue, "revenue", 730, 12, MONEY, "< 1.5 s"),
        ("forecast_units", pieces, units, "sales_quantity", 60, 6, UNITS, "< 1.5 s"),
    ]
    for name, endpoint, invented, column, days, months, zoo, goal in cases:
        first, again, script = [], [], []
        for seed in range(series):
            values, route = invented(days, seed), Route(endpoint)
            body = {"product_code": "A", "forecast_period": months, "data": rows(values, column)}
            sent = orjson.dumps(body)
            first.append(timed(partial(route.answer, sent)))
            again.append(timed(partial(route.answer, sent)))
            if seed < scripts:
                script.append(timed(partial(obvious, values, 31 * months, zoo)))
        said(f"{name}, {days} days, {months} months", first, goal, script)
        said("the same series again", again, "< 50 ms")


def many(products: int, scripts: int) -> None:
    """forecast_units_asyncio: seconds a product of a body of many, with a year of days each."""
    print(HEAD.replace("ours, median", "ours, each"))
    series = [units(365, seed) for seed in range(products)]
    items = [
        {"product_code": f"P{place}", "data": rows(values, "sales_quantity")}
        for place, values in enumerate(series)
    ]
    sent = orjson.dumps({"forecast_period": 6, "items": items})
    whole = timed(lambda: Route(forecast_units_asyncio.ENDPOINT).answer(sent)) / products
    script = [timed(partial(obvious, values, 186, QUICK)) for values in series[:scripts]]
    said(f"forecast_units_asyncio, {products} SKUs × 365 days, each", [whole], "< 0.6 s", script)
    print(f"\n1,000 of them: {1000 * whole / 60:.1f} minutes (to reach: < 10).")


def accuracy() -> None:
    """Our route beside models of statsforecast on the public series."""
    with BIKES.open(encoding="utf-8") as file:
        table = list(csv.DictReader(file))
    first = datetime.date.fromisoformat(table[0]["date"])
    values = np.array([float(row["rentals"]) for row in table])
    alone = {
        "AutoETS": AutoETS(season_length=7),
        "AutoARIMA": AutoARIMA(season_length=7),
        "AutoTheta": AutoTheta(season_length=7),
        "SeasonalNaive": SeasonalNaive(season_length=7),
    }
    errors: dict[str, list[tuple[float, float]]] = {}
    inside: list[tuple[bool, bool]] = []
    for known in ORIGINS:
        train = values[:known]
        last = first.toordinal() + known - 1
        months = [(one.first - last - 1, one.end - last - 1) for one in months_after(last, 2)]
        horizon = months[-1][1]
        body = {"forecast_period": 2, "granularity": "day", "data": rows(train, "revenue", first)}
        route = Route(forecast_revenue.ENDPOINT)
        daily = orjson.loads(route.answer(orjson.dumps(body)))["forecast_result"]["forecast"]["calendar"]
        monthly = orjson.loads(route.answer(orjson.dumps({**body, "granularity": "month"})))
        held = [values[known + start : known + end].sum() for start, end in months]
        for row, actual in zip(monthly["forecast_result"]["forecast"]["calendar"], held, strict=True):
            inside.append(
                (
                    row["lower_80"] <= actual <= row["upper_80"],
                    row["lower_95"] <= actual <= row["upper_95"],
                )
            )
        paths = {"forecast_revenue": np.array([row["value"] for row in daily])}
        for name, model in alone.items():
            paths[name] = np.maximum(0, model.forecast(y=train, h=horizon)["mean"])[months[0][0] :]
        reported = values[known + months[0][0] : known + horizon]
        step = np.abs(train[7:] - train[:-7]).mean()
        for name, path in paths.items():
            sums = [path[start - months[0][0] : end - months[0][0]].sum() for start, end in months]
            off = np.mean([abs(ours / actual - 1) for ours, actual in zip(sums, held, strict=True)])
            errors.setdefault(name, []).append((float(np.abs(path - reported).mean() / step), float(off)))
    print("| forecast | mean MASE | median MASE | months off by |\n| --- | --- | --- | --- |")
    for name, pairs in errors.items():
        mase, off = np.array(pairs).T
        print(f"| {name} | {mase.mean():.3f} | {np.median(mase):.3f} | {100 * off.mean():.1f} % |")
    in_80, in_95 = np.mean(inside, axis=0)
    print(f"\n{len(inside)} months: {in_80:.0%} within their 80 % bounds, {in_95:.0%} within those of 95 %.")


def main() -> None:
    """Prints the tables."""
    parser = argparse.ArgumentParser()
    parser.add_argument("table", nargs="?", choices=("speed", "many", "accuracy"))
    parser.add_argument("--series", type=int, default=50)
    parser.add_argument("--obvious", type=int, default=3)
    asked = parser.parse_args()
    warnings.filterwarnings("ignore")
    cmdstanpy.utils.get_logger().setLevel(logging.CRITICAL)
    PLUGIN.warm()
    PLUGIN.late()
    print(f"{platform.processor() or platform.machine()}, Python {platform.python_version()}\n")
    if asked.table in (None, "speed"):
        speed(asked.series, asked.obvious)
    if asked.table in (None, "many"):
        many(PRODUCTS, asked.obvious)
    if asked.table in (None, "accuracy"):
        accuracy()


if __name__ == "__main__":
    main()
