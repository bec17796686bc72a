"""Every model by the name that the API reference prints, as one function of the same shape."""

from __future__ import annotations

from collections.abc import Callable
from typing import Literal, NamedTuple

import numpy as np
from numpy.typing import NDArray

from plugins.forecast.zoo import arima, ets, intermittent, naive, prophet, stl_ets, tbats, theta, trees

Floats = NDArray[np.float64]

SEASONAL_NAIVE = "Seasonal naive"
AGGREGATION = "Aggregation"
ARIMA = "ARIMA"
PROPHET = "Prophet"
WEEK = 7
RANDOM_FOREST = "Random Forest"
NAIVE_MEAN = "Naive mean"
Zoo = Literal["money", "units", "many"]
"""Which models a series is tried with: those that are always; the trees too; or the quick ones of both, where
there are many series to forecast in one call."""


class Sample(NamedTuple):
    """A series that a model is to carry on.

    Attributes:
        z: the prepared days, shape ``(n,)``.
        first: ordinal of the first day.
        orders: of ARIMA; None where ARIMA takes no part.
        columns: holidays and drivers of the days, shape ``(n, k)``; None for none.
        ahead: the same of the days ahead, shape ``(horizon, k)``.
    """

    z: Floats
    first: int
    orders: arima.Orders | None
    columns: Floats | None = None
    ahead: Floats | None = None


Forecast = Callable[[Sample, int], Floats]


def _ets(sample: Sample, horizon: int) -> Floats:
    return ets.select(sample.z, ets.FORMS).forecast(horizon)


def _arima(sample: Sample, horizon: int) -> Floats:
    if sample.orders is None:
        raise ValueError("no orders were chosen")
    return arima.forecast(sample.z, horizon, sample.orders)


def _varying(forecast: Forecast) -> Forecast:
    """A model whose search has nothing to find in a series that never changes, or whose weeks are alike, or
    grow by the same, to the last digit (Prophet's takes seconds to notice): that goes on.
    """

    def varying(sample: Sample, horizon: int) -> Floats:
        z = sample.z
        size = float(np.abs(z).max())
        if float(np.ptp(z)) <= 1e-12 * size:
            return np.full(horizon, z[-1])
        if len(z) >= 3 * WEEK:
            steps = z[WEEK:] - z[:-WEEK]
            if float(np.ptp(steps)) <= 1e-9 * size:
                ahead = np.arange(horizon)
                return np.asarray(z[-WEEK:][ahead % WEEK] + steps.mean() * (ahead // WEEK + 1))
        return forecast(sample, horizon)

    return varying


def _trees(method: Callable[[Floats, int, Floats, Floats], Floats]) -> Forecast:
    def forecast(sample: Sample, horizon: int) -> Floats:
        columns = np.zeros((len(sample.z), 0)) if sample.columns is None else sample.columns
        ahead = np.zeros((horizon, 0)) if sample.ahead is None else sample.ahead
        return method(sample.z, sample.first, columns, ahead)

    return _varying(forecast)


def _flat(method: Callable[[Floats], float]) -> Forecast:
    return lambda sample, horizon: np.full(horizon, method(np.maximum(sample.z, 0.0)))


ALWAYS: dict[str, Forecast] = {
    SEASONAL_NAIVE: lambda sample, horizon: naive.seasonal_naive(sample.z, horizon),
    AGGREGATION: lambda sample, horizon: naive.aggregation(sample.z, horizon),
    "ETS": _ets,
    "STL-ETS": lambda sample, horizon: stl_ets.forecast(sample.z, horizon),
    "Theta": lambda sample, horizon: theta.forecast(sample.z, horizon),
    ARIMA: _varying(_arima),
    "TBATS": _varying(lambda sample, horizon: tbats.forecast(sample.z, horizon)),
    PROPHET: _varying(lambda sample, horizon: prophet.forecast(sample.z, horizon, sample.first)),
}
"""The models that every history of 60 days or more is tried with."""

INTERMITTENT: dict[str, Forecast] = {
    "Croston": _flat(intermittent.croston),
    "TSB": _flat(intermittent.tsb),
    "ADIDA": _flat(intermittent.adida),
}
"""Those that join in where 40 % of the days or more have nothing."""

TREES: dict[str, Forecast] = {
    RANDOM_FOREST: _trees(trees.forest),
    "Gradient Boost": _trees(trees.boosted),
}
"""Those that units are tried with as well."""

STANDING_IN: dict[str, Forecast] = {
    NAIVE_MEAN: lambda sample, horizon: np.full(horizon, sample.z.mean()),
}
"""What a cold start is forecast with."""

EVERY: dict[str, Forecast] = {**ALWAYS, **INTERMITTENT, **TREES, **STANDING_IN}

SLOW = frozenset({ARIMA, "TBATS", PROPHET, RANDOM_FOREST})
"""Tens of milliseconds a fit; a fold further is only theirs if the newest one speaks for them."""


def models_for(zoo: Zoo, intermittent_demand: bool) -> dict[str, Forecast]:
    """The models that a series is tried with, by name."""
    models = dict(ALWAYS)
    if zoo != "money":
        models.update(TREES)
    if zoo == "many":
        models = {name: forecast for name, forecast in models.items() if name not in SLOW}
    if intermittent_demand:
        models.update(INTERMITTENT)
    return models
