"""Effects of holidays, drivers (promotions, weather) and the time of the year.

Each is estimated on the days that a model may see, removed before the fit, and added to the forecast.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]

YEAR = 365.25
HARMONICS = 3
WEEK = 7
RIDGE = 2.0
"""Ridge penalty in days: an effect seen on so many days is halved."""
LEAST_YEAR_DAYS = 548
"""A year and a half. In less, a yearly pattern cannot be told from a trend."""
WITH_TREND_DAYS = 731
GAIN_NEEDED = 0.9
"""The pattern of the year is used if it lowers the error to this share."""
TRIAL_DAYS = 91


def column_effects(rest: Floats, columns: Floats) -> Floats:
    """Effect of each column on a series without its level and week, by ridge regression.

    Columns are centred and scaled to a range of 1 first. A column that never changes has no effect.

    Args:
        rest: shape ``(n,)``.
        columns: shape ``(n, k)``.

    Returns:
        Shape ``(k,)``, in the unit of ``rest`` per unit of the column.
    """
    if columns.shape[1] == 0:
        return np.zeros(0)
    spread = np.ptp(columns, axis=0)
    known = spread > 1e-12 * np.maximum(1.0, np.abs(columns).max(axis=0))
    scale = np.where(known, spread, 1.0)
    x = np.where(known, (columns - columns.mean(axis=0)) / scale, 0.0)
    gram = x.T @ x
    # The penalty is proportional to the weight of one day of the column, so that its unit is days.
    weight = np.diag(gram) / np.maximum(1.0, (np.abs(x) > 0.5).sum(axis=0))
    effects = np.linalg.solve(
        gram + np.diag(RIDGE * np.where(known, np.maximum(weight, 1e-9), 1.0)), x.T @ rest
    )
    return np.where(known, effects / scale, 0.0)


def _waves(days: Ints) -> Floats:
    angle = 2 * np.pi * np.outer(days / YEAR, np.arange(1, HARMONICS + 1))
    return np.hstack([np.sin(angle), np.cos(angle)])


def _fit_year(z: Floats, first: int) -> Floats:
    n = len(z)
    days = np.arange(first, first + n)
    waves = _waves(days)
    columns = [np.ones((n, 1)), waves]
    if n >= WITH_TREND_DAYS:
        columns.append(np.linspace(-1, 1, n)[:, None])
    x = np.hstack(columns)
    penalty = np.full(x.shape[1], 1e-3 * n)
    penalty[0] = 0.0
    solved = np.linalg.solve(x.T @ x + np.diag(penalty), x.T @ z)
    return np.asarray(solved[1 : 1 + waves.shape[1]])


def year(z: Floats, first: int) -> Floats | None:
    """The pattern of the year as coefficients of three harmonics, shape ``(6,)``; None if there is none.

    It is tested on days that it was not fitted on: from three origins, the recent level continued for a
    quarter must have an error at least a tenth lower with the pattern than without.

    Args:
        z: the series without outliers, shape ``(n,)``.
        first: ordinal of its first day.
    """
    n = len(z)
    if n < LEAST_YEAR_DAYS:
        return None
    weekly = np.convolve(z, np.full(WEEK, 1 / WEEK), mode="same")
    plain = wavy = 0.0
    for origin in (n - TRIAL_DAYS, n - 3 * TRIAL_DAYS // 2, n - 2 * TRIAL_DAYS):
        waves = _waves(np.arange(first, first + n)) @ _fit_year(z[:origin], first)
        actual = weekly[origin : origin + TRIAL_DAYS - WEEK]
        ahead = waves[origin : origin + len(actual)]
        recent = slice(origin - 4 * WEEK, origin)
        level, bare = z[recent].mean(), (z - waves)[recent].mean()
        plain += float(((actual - level) ** 2).sum())
        wavy += float(((actual - bare - ahead) ** 2).sum())
    return _fit_year(z, first) if wavy < GAIN_NEEDED**2 * plain else None


def year_effect(coefficients: Floats, first: int, days: int) -> Floats:
    """The pattern of the year over ``days`` days from ``first`` on, shape ``(days,)``."""
    return np.asarray(_waves(np.arange(first, first + days)) @ coefficients)
