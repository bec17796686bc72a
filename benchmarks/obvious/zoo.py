"""The models that the forecasts are chosen from: of statsmodels, statsforecast, Prophet, and trees on lags.

AutoTBATS of statsforecast stands in for the package tbats, which is not installed.
"""

from __future__ import annotations

import itertools
import logging
from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from prophet import Prophet
from sklearn.ensemble import GradientBoostingRegressor, RandomForestRegressor
from statsforecast.models import ADIDA, TSB, AutoTBATS, CrostonSBA
from statsmodels.tsa.exponential_smoothing.ets import ETSModel
from statsmodels.tsa.forecasting.stl import STLForecast
from statsmodels.tsa.forecasting.theta import ThetaModel
from statsmodels.tsa.statespace.sarimax import SARIMAX

logging.getLogger("cmdstanpy").disabled = True

Floats = NDArray[np.float64]
Model = Callable[[pd.Series, int], Floats]
WEEK = 7


def seasonal_naive(past: pd.Series, horizon: int) -> Floats:
    return np.resize(past.to_numpy()[-WEEK:], horizon)


def aggregation(past: pd.Series, horizon: int) -> Floats:
    """Each weekday's mean over the last eight weeks."""
    return np.resize(
        past.to_numpy()[-8 * WEEK :][-(len(past) // WEEK) * WEEK :].reshape(-1, WEEK).mean(0), horizon
    )


def by_aic(fits: Sequence[Callable[[], Any]]) -> Any:
    """The fit of lowest AIC."""
    found = []
    for fit in fits:
        try:
            found.append(fit())
        except (ValueError, np.linalg.LinAlgError):
            continue
    return min(found, key=lambda one: one.aic)


def ets(past: pd.Series, horizon: int) -> Floats:
    fits = [
        lambda trend=trend, damped=damped, season=season: ETSModel(
            past, trend=trend, damped_trend=damped, seasonal=season, seasonal_periods=WEEK
        ).fit(disp=False)
        for trend, damped in ((None, False), ("add", False), ("add", True))
        for season in (None, "add")
    ]
    return by_aic(fits).forecast(horizon).to_numpy()


def stl_ets(past: pd.Series, horizon: int) -> Floats:
    model = STLForecast(past, ETSModel, model_kwargs={"trend": "add"}, period=WEEK)
    return model.fit(fit_kwargs={"disp": False}).forecast(horizon).to_numpy()


def theta(past: pd.Series, horizon: int) -> Floats:
    return ThetaModel(past, period=WEEK, method="additive").fit().forecast(horizon).to_numpy()


def arima(past: pd.Series, horizon: int) -> Floats:
    fits = [
        lambda p=p, q=q, s=s: SARIMAX(past, order=(p, 1, q), seasonal_order=(s, 0, 1, WEEK)).fit(disp=False)
        for p, q, s in itertools.product((0, 1), (0, 1), (0, 1))
    ]
    return by_aic(fits).forecast(horizon).to_numpy()


def tbats(past: pd.Series, horizon: int) -> Floats:
    return AutoTBATS(season_length=WEEK).forecast(y=past.to_numpy(), h=horizon)["mean"]


def prophet(past: pd.Series, horizon: int) -> Floats:
    model = Prophet().fit(pd.DataFrame({"ds": past.index, "y": past.to_numpy()}))
    return model.predict(model.make_future_dataframe(horizon, include_history=False))["yhat"].to_numpy()


def on_lags(learner: Callable[[], Any]) -> Model:
    """A learner on lags 7, 14 and 28, the week's mean and the weekday, day by day."""

    def features(path: Floats, day: int) -> list[float]:
        return [path[day - 7], path[day - 14], path[day - 28], path[day - 7 : day].mean(), day % 7]

    def forecast(past: pd.Series, horizon: int) -> Floats:
        known = past.to_numpy()
        start = min(28, len(known) // 2)
        model = learner().fit([features(known, day) for day in range(start, len(known))], known[start:])
        path = np.concatenate([known, np.zeros(horizon)])
        for day in range(len(known), len(path)):
            path[day] = model.predict([features(path, day)])[0]
        return path[len(known) :]

    return forecast


def flat(model: Any) -> Model:
    """A model of rare demand."""
    return lambda past, horizon: model.forecast(y=past.to_numpy(), h=horizon)["mean"]


QUICK: dict[str, Model] = {
    "Seasonal naive": seasonal_naive,
    "Aggregation": aggregation,
    "ETS": ets,
    "STL-ETS": stl_ets,
    "Theta": theta,
}
MONEY: dict[str, Model] = {**QUICK, "ARIMA": arima, "TBATS": tbats, "Prophet": prophet}
BOOSTING: dict[str, Model] = {
    "Gradient Boost": on_lags(lambda: GradientBoostingRegressor(random_state=42)),
}
FOREST: dict[str, Model] = {"Random Forest": on_lags(lambda: RandomForestRegressor(100, random_state=42))}
RARE: dict[str, Model] = {
    "Croston": flat(CrostonSBA()),
    "TSB": flat(TSB(0.2, 0.2)),
    "ADIDA": flat(ADIDA()),
}


def warm() -> None:
    """Lets statsforecast compile, as ours does, before anything is measured."""
    for model in (tbats, *RARE.values()):
        model(pd.Series(np.arange(60.0) % WEEK), WEEK)
