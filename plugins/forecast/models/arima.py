"""Seasonal ARIMA by statsforecast. The orders are chosen once per series, the coefficients at every fit."""

from __future__ import annotations

import warnings
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from plugins.forecast.models.model import WEEK, Model, Sample, unless_regular

Floats = NDArray[np.float64]

# statsforecast warns of every optimiser that stops early: hundreds of lines a series, and nothing to act on.
warnings.filterwarnings("ignore", category=UserWarning, module=r"statsforecast\.arima")
LONGEST = 365
"""Days that orders and coefficients are fitted on. More days cost time and do not lower the error."""


class Orders(NamedTuple):
    """Orders (p, d, q)(P, D, Q) with a season of a week, and whether the model has a constant (a drift where
    the series is differenced).
    """

    p: int
    d: int
    q: int
    seasonal_p: int
    seasonal_d: int
    seasonal_q: int
    constant: int


def choose(z: Floats) -> list[int]:
    """Orders by the stepwise search of Hyndman & Khandakar (2008), by AICc, up to (2, 1, 2)(1, 1, 1).

    Args:
        z: shape ``(n,)``.

    Returns:
        The seven numbers of :class:`Orders`, as JSON can hold them.
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
        nmodels=5,
        approximation=True,
    ).fit(z)
    p, q, seasonal_p, seasonal_q, _, d, seasonal_d = (int(order) for order in model.model_["arma"])
    constant = bool({"drift", "intercept"} & set(model.model_["coef"]))
    return [p, d, q, seasonal_p, seasonal_d, seasonal_q, int(constant)]


def forecast(sample: Sample, horizon: int) -> Floats:
    """The days ahead, shape ``(horizon,)``.

    Args:
        sample: its choice is what :func:`choose` returned.
        horizon: how many days.

    Raises:
        ValueError: the choice is damaged.
    """
    from statsforecast.models import ARIMA

    try:
        orders = Orders(*(int(order) for order in sample.choice))
    except TypeError:
        raise ValueError(f"ARIMA needs seven orders; got {sample.choice!r}") from None
    z = sample.z[-LONGEST:]
    differences = orders.d + orders.seasonal_d
    model = ARIMA(
        order=(orders.p, orders.d, orders.q),
        season_length=WEEK,
        seasonal_order=(orders.seasonal_p, orders.seasonal_d, orders.seasonal_q),
        include_mean=bool(orders.constant) and differences == 0,
        include_drift=bool(orders.constant) and differences == 1,
    )
    return np.asarray(model.forecast(y=z, h=horizon)["mean"], dtype=np.float64)


MODEL = Model("ARIMA", unless_regular(forecast), slow=True, combined=False, choose=choose)
