"""The two yardsticks: the last week again, and weeks carried on as wholes."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from plugins.forecast.models.ets import NONE, Form, fit
from plugins.forecast.models.model import WEEK, Model

Floats = NDArray[np.float64]
LEAST_ALPHA = 0.01


def seasonal_naive(z: Floats, horizon: int) -> Floats:
    """The last week, over and over; the last value where there is no whole week. Shape ``(horizon,)``."""
    return np.resize(z[-WEEK:] if len(z) >= WEEK else z[-1:], horizon)


def aggregation(z: Floats, horizon: int) -> Floats:
    """Weeks as wholes: smoothed, carried on along half of their trend, and dealt out to the weekdays.

    Adding up days to weeks leaves little noise, so that this is what short histories are forecast with.
    Half of the trend is the Theta method's share (Hyndman & Billah 2003). What each weekday has more or
    less than its week is shrunk by what chance alone would make of it (an empirical Bayes estimate): a
    series without a pattern of the week gets a flat day. Under two weeks there is the mean of all days and
    no more.

    Args:
        z: shape ``(n,)``, ``n >= 1``.
        horizon: how many days.

    Returns:
        Shape ``(horizon,)``.
    """
    weeks = len(z) // WEEK
    if weeks < 2:
        return np.full(horizon, z.mean())
    blocks = z[len(z) - weeks * WEEK :].reshape(weeks, WEEK)
    level = blocks.mean(axis=1)
    rest = blocks - level[:, None]
    by_weekday = rest.mean(axis=0)
    noise = float(((rest - by_weekday) ** 2).sum()) / ((weeks - 1) * (WEEK - 1)) / weeks
    signal = float((by_weekday**2).sum()) / (WEEK - 1)
    kept = max(0.0, 1.0 - noise / signal) if signal > 0 else 0.0
    smoothed = fit(level, Form(NONE, season=False))
    alpha = max(float(smoothed.parameters[0]), LEAST_ALPHA)
    slope = float(np.polyfit(np.arange(weeks), level, 1)[0])
    # In weeks from the middle of the next one.
    steps = (np.arange(horizon) - WEEK // 2) / WEEK
    drift = slope / 2 * (steps + (1 - (1 - alpha) ** weeks) / alpha)
    return np.asarray(smoothed.state[0] + drift + kept * np.resize(by_weekday, horizon))


SEASONAL_NAIVE = Model("Seasonal naive", lambda sample, horizon: seasonal_naive(sample.z, horizon))
AGGREGATION = Model("Aggregation", lambda sample, horizon: aggregation(sample.z, horizon))
NAIVE_MEAN = Model("Naive mean", lambda sample, horizon: np.full(horizon, sample.z.mean()), series="short")
