"""What days have on top of the usual: holidays, drivers (promotions, weather), the time of the year.

Each is estimated on the days that a model may see, taken off before it is fitted, and added to its forecast.
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
"""Days that an effect has to show on before it counts half of what they say."""
LEAST_YEAR_DAYS = 548
"""A year and a half: what comes round once a year cannot be told from a trend in less."""
WITH_TREND_DAYS = 731
GAIN_NEEDED = 0.9
"""The error with the pattern of the year over that without, from which on it is believed in."""
TRIAL_DAYS = 91


def column_effects(rest: Floats, columns: Floats) -> Floats:
    """Effect of each column on what is left of a series without its level and week, by ridge regression.

    A column is centred and brought to a peak-to-peak of 1 first; one that never changes has no effect.

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
    # The penalty is of the size of what a day of the column weighs, so that it means days.
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
    """The pattern of the year, as coefficients of three harmonics, shape ``(6,)``; None where there is none.

    It has to prove itself on days of the series that it was not fitted on: at three origins it must lower
    the error of the recent level, carried on for a quarter, by a tenth.

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
