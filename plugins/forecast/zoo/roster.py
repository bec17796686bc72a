"""Every model by the name that the API reference prints, as one function of the same shape."""

from __future__ import annotations

from collections.abc import Callable
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from plugins.forecast.zoo import arima, ets, intermittent, naive, prophet, stl_ets, tbats, theta

Floats = NDArray[np.float64]

SEASONAL_NAIVE = "Seasonal naive"
AGGREGATION = "Aggregation"
ARIMA = "ARIMA"
PROPHET = "Prophet"


class Sample(NamedTuple):
    """A series that a model is to carry on.

    Attributes:
        z: the prepared days, shape ``(n,)``.
        first: ordinal of the first day.
        orders: of ARIMA; None where ARIMA takes no part.
    """

    z: Floats
    first: int
    orders: arima.Orders | None


Forecast = Callable[[Sample, int], Floats]


def _ets(sample: Sample, horizon: int) -> Floats:
    return ets.select(sample.z, ets.FORMS).forecast(horizon)


def _arima(sample: Sample, horizon: int) -> Floats:
    if sample.orders is None:
        raise ValueError("no orders were chosen")
    return arima.forecast(sample.z, horizon, sample.orders)


def _varying(forecast: Forecast) -> Forecast:
    """A model whose search has nothing to find in a series that never changes: that goes on."""

    def varying(sample: Sample, horizon: int) -> Floats:
        z = sample.z
        if float(np.ptp(z)) <= 1e-12 * float(np.abs(z).max()):
            return np.full(horizon, z[-1])
        return forecast(sample, horizon)

    return varying


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

SLOW = frozenset({ARIMA, "TBATS", PROPHET})
"""Tens of milliseconds a fit; a fold further is only theirs if the newest one speaks for them."""
