"""Prophet (Taylor & Letham 2018), the package itself: a piecewise linear trend and the week."""

from __future__ import annotations

import datetime
import logging

import numpy as np
from numpy.typing import NDArray

from plugins.forecast.models.model import Model, unless_regular

Floats = NDArray[np.float64]
MONDAY = datetime.date(2000, 1, 3)
CHANGEPOINTS = 5
"""Prophet's default is 25. Five take a third of the time and are no worse on a few hundred days."""


def forecast(z: Floats, horizon: int, first: int) -> Floats:
    """The days ahead with the most probable parameters, shape ``(horizon,)``; nothing is drawn at random.

    Args:
        z: shape ``(n,)``.
        horizon: how many days.
        first: ordinal of the first day.
    """
    import pandas as pd
    from prophet import Prophet

    # Both log every fit. A level would not last, because both set their own when they are first used.
    for name in ("cmdstanpy", "prophet"):
        logging.getLogger(name).disabled = True
    scale = float(z.std()) or 1.0
    middle = float(z.mean())
    # Only the weekday matters here, so the dates start in the week after an arbitrary Monday.
    start = MONDAY + datetime.timedelta(days=(first - 1) % 7)
    dates = pd.date_range(start, periods=len(z) + horizon, freq="D")
    model = Prophet(
        n_changepoints=CHANGEPOINTS,
        uncertainty_samples=0,
        daily_seasonality=False,
        weekly_seasonality=True,
        yearly_seasonality=False,
    )
    model.fit(pd.DataFrame({"ds": dates[: len(z)], "y": (z - middle) / scale}), seed=42)
    ahead = model.predict(pd.DataFrame({"ds": dates[len(z) :]}))
    return np.asarray(ahead["yhat"].to_numpy(dtype=np.float64) * scale + middle)


MODEL = Model(
    "Prophet",
    unless_regular(lambda sample, horizon: forecast(sample.z, horizon, sample.first)),
    slow=True,
    own_process=True,  # the optimiser of CmdStan
)
