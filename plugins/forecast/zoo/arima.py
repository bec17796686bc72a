"""Seasonal ARIMA by statsforecast: the orders are chosen once, the coefficients fitted each time."""

from __future__ import annotations

import warnings
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]

# An optimiser that stops early and a search that ends at its limit are no news, and hundreds of lines of log.
warnings.filterwarnings("ignore", category=UserWarning, module=r"statsforecast\.arima")
WEEK = 7
LONGEST = 365
"""Days that orders are chosen, and coefficients fitted, on: the time grows with the length, their use does
not.
"""


class Orders(NamedTuple):
    """(p, d, q)(P, D, Q) of a week, and whether there is a constant (a drift where differences are taken)."""

    p: int
    d: int
    q: int
    seasonal_p: int
    seasonal_d: int
    seasonal_q: int
    constant: bool


def choose(z: Floats) -> Orders:
    """Orders by the stepwise search of Hyndman & Khandakar (2008), by AICc, up to (2, 1, 2)(1, 1, 1).

    Args:
        z: shape ``(n,)``.
    """
    from statsforecast.models import AutoARIMA

    z = z[-LONGEST:]
    model: Any = AutoARIMA(
        season_length=WEEK,
        max_d=1,
        max_p=2,
        max_q=2,
        max_P=1,
        max_Q=1,
        start_p=1,
        start_q=1,
        nmodels=10,
        approximation=True,
    ).fit(z)
    p, q, seasonal_p, seasonal_q, _, d, seasonal_d = (int(order) for order in model.model_["arma"])
    constant = bool({"drift", "intercept"} & set(model.model_["coef"]))
    return Orders(p, d, q, seasonal_p, seasonal_d, seasonal_q, constant)


def forecast(z: Floats, horizon: int, orders: Orders) -> Floats:
    """The days ahead, shape ``(horizon,)``.

    Args:
        z: shape ``(n,)``.
        horizon: how many days.
        orders: as :func:`choose` gave them.
    """
    from statsforecast.models import ARIMA

    z = z[-LONGEST:]
    differences = orders.d + orders.seasonal_d
    model = ARIMA(
        order=(orders.p, orders.d, orders.q),
        season_length=WEEK,
        seasonal_order=(orders.seasonal_p, orders.seasonal_d, orders.seasonal_q),
        include_mean=orders.constant and differences == 0,
        include_drift=orders.constant and differences == 1,
    )
    return np.asarray(model.forecast(y=z, h=horizon)["mean"], dtype=np.float64)
