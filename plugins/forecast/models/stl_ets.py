"""ETS after STL: the weekly pattern by local regression (Cleveland et al. 1990), ETS on the rest."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from plugins.forecast.models.ets import NON_SEASONAL, select
from plugins.forecast.models.model import WEEK, Model

Floats = NDArray[np.float64]
SEASON_SPAN = 35
"""Weeks over which the weekly pattern is smoothed; STL needs an odd number."""


def forecast(z: Floats, horizon: int) -> Floats:
    """The days ahead, shape ``(horizon,)``, with the last weekly pattern repeated.

    Args:
        z: shape ``(n,)``, ``n >= 14``.
        horizon: how many days.
    """
    from statsmodels.tsa.seasonal import STL

    season = STL(z, period=WEEK, seasonal=SEASON_SPAN).fit().seasonal
    return select(z - season, NON_SEASONAL).forecast(horizon) + np.resize(season[-WEEK:], horizon)


MODEL = Model("STL-ETS", lambda sample, horizon: forecast(sample.z, horizon))
