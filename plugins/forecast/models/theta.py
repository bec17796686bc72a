"""The Theta method as simple exponential smoothing with drift (Hyndman & Billah 2003), after the removal of a
constant week.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from plugins.forecast.models.ets import NONE, Form, fit, initial_season
from plugins.forecast.models.model import WEEK, Model

Floats = NDArray[np.float64]


def forecast(z: Floats, horizon: int) -> Floats:
    """The smoothed level plus half of the slope of the whole series, shape ``(horizon,)``.

    Args:
        z: shape ``(n,)``, ``n >= 14``.
        horizon: how many days.
    """
    n = len(z)
    season = initial_season(z)
    adjusted = z - season[np.arange(n) % WEEK]
    smoothed = fit(adjusted, Form(NONE, season=False))
    alpha = max(float(smoothed.parameters[0]), 1e-4)
    slope = float(np.polyfit(np.arange(n), adjusted, 1)[0])
    # The drift from the last day on, and what the smoothed level lags behind the trend.
    steps = np.arange(horizon)
    drift = slope / 2 * (steps + (1 - (1 - alpha) ** n) / alpha)
    return np.asarray(smoothed.state[0] + drift + season[(n + steps) % WEEK])


MODEL = Model("Theta", lambda sample, horizon: forecast(sample.z, horizon))
