"""Three simple models: the last week again, the smoothed weekly mean with half of its trend, and the mean."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from plugins.forecast.models.ets import NONE, Form, fit
from plugins.forecast.models.model import WEEK, Model

Floats = NDArray[np.float64]
LEAST_ALPHA = 0.01
RECENT = (13, 26)
"""Weeks: a quarter and half a year."""


def seasonal_naive(z: Floats, horizon: int) -> Floats:
    """The last week repeated, or the last value of less than a week; shape ``(horizon,)``.

    >>> seasonal_naive(np.arange(8.0), 9).tolist()
    [1.0, 2.0, 3.0, 4.0, 5.0, 6.0, 7.0, 1.0, 2.0]
    """
    return np.resize(z[-WEEK:] if len(z) >= WEEK else z[-1:], horizon)


def aggregation(z: Floats, horizon: int) -> Floats:
    """Means of weeks, smoothed, with half of their trend, spread over the weekdays.

    The mean of a week has little noise, so short histories are forecast with this model. Half of the trend
    is what the Theta method adds (Hyndman & Billah 2003). The weekday differences are shrunk by the variance
    that noise alone would give them (an empirical Bayes estimate): a series without a weekly pattern gets
    none. Under two weeks the forecast is the mean of all days.

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
    # Variance of a weekday mean by noise alone, and the variance that the weekday means have.
    noise = float(((rest - by_weekday) ** 2).sum()) / ((weeks - 1) * (WEEK - 1)) / weeks
    signal = float((by_weekday**2).sum()) / (WEEK - 1)
    kept = max(0.0, 1.0 - noise / signal) if signal > 0 else 0.0
    # Hyndman & Billah (2003): half of the slope, and what the smoothed level lags behind.
    smoothed = fit(level, Form(NONE, season=False))
    alpha = max(float(smoothed.parameters[0]), LEAST_ALPHA)
    slope = float(np.polyfit(np.arange(weeks), level, 1)[0])
    # Weeks from the middle of the next week.
    steps = (np.arange(horizon) - WEEK // 2) / WEEK
    drift = slope / 2 * (steps + (1 - (1 - alpha) ** weeks) / alpha)
    return np.asarray(smoothed.state[0] + drift + kept * np.resize(by_weekday, horizon))


def recent_weeks(z: Floats, horizon: int) -> Floats:
    """The mean of each weekday over the last 13 and over the last 26 weeks, the mean of both.

    Shape ``(horizon,)``; fewer weeks where there are fewer, the mean of all days under one week.
    """
    weeks = len(z) // WEEK
    if weeks == 0:
        return np.full(horizon, z.mean())
    blocks = z[len(z) - weeks * WEEK :].reshape(weeks, WEEK)
    return np.resize(np.mean([blocks[-count:].mean(axis=0) for count in RECENT], axis=0), horizon)


SEASONAL_NAIVE = Model(
    "Seasonal naive", lambda sample, horizon: seasonal_naive(sample.z, horizon), combined=False
)
RECENT_WEEKS = Model("Recent weeks", lambda sample, horizon: recent_weeks(sample.z, horizon))
AGGREGATION = Model("Aggregation", lambda sample, horizon: aggregation(sample.z, horizon))
NAIVE_MEAN = Model("Naive mean", lambda sample, horizon: np.full(horizon, sample.z.mean()), series="short")
