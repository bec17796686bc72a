"""Effects of holidays, drivers (promotions, weather) and the time of the year.

Each is estimated on the days that a model may see, removed before the fit, and added to the forecast.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray
from scipy.ndimage import uniform_filter1d

from plugins.forecast.days.series import MAD_TO_SIGMA

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]

YEAR = 365.25
HARMONICS = 3
WEEK = 7
RIDGE = 2.0
"""Days that an effect has to show on before it counts half of what they say."""
LEVEL_WEEKS = 5
LEAST_DAYS = 4 * WEEK
"""Of a series, below which no effect of a column is estimated."""
LEAST_MOVING = 0.02
"""Standard deviation of a column less its level and week, over that of the column, below which its effect
cannot be told from a trend."""
ROUNDS, FAR = 3, 4.0
"""How often the regression is made, and robust standard deviations at which a day is drawn in."""
LEAST_YEAR_DAYS = 456
"""A year and a quarter: what comes round once a year cannot be told from a trend in less."""
YEAR_DAYS = 365
"""That a trial has to know at least."""
WITH_TREND_DAYS = 731
GAIN_NEEDED, GAIN_NEEDED_ALONE = 0.9, 0.7
"""The error with the pattern of the year over that without, from which on it is believed in: on three trials,
and on fewer where the history is short."""
TRIAL_DAYS = 91


class Effects(NamedTuple):
    """Effects of k columns, in the unit of the series per unit of the column.

    Attributes:
        sizes: shape ``(k,)``.
        doubt: a root of their covariance, shape ``(k, k)``: for standard normal ``u``, ``doubt @ u`` are
            errors of the sizes.
    """

    sizes: Floats
    doubt: Floats


def column_effects(values: Floats, columns: Floats) -> Effects:
    """Effect of each column on a series, estimated jointly with its level and its pattern of the week.

    Level (a moving mean of five weeks) and weekday means are taken off the series and off the columns alike,
    so that regression of the one on the other gives the coefficient of the whole (Frisch & Waugh 1933; Lovell
    1963). A ridge shrinks what few days speak for: a column that shows on two days counts half, and the
    penalty fades as the columns explain the series. Days far from the fit are drawn in, and it is made again.

    Args:
        values: shape ``(n,)``; of fewer than four weeks nothing is estimated.
        columns: shape ``(n, k)``; one that hardly changes, beyond level and week, has no effect.

    >>> hours = np.random.default_rng(1).normal(10, 3, 300)
    >>> round(float(column_effects(500 + 100 * hours, hours[:, None]).sizes[0]), 6)
    100.0
    """
    count = columns.shape[1]
    found = Effects(np.zeros(count), np.zeros((count, count)))
    if count == 0 or len(values) < LEAST_DAYS:
        return found
    x = np.column_stack([_without_level_and_week(column) for column in columns.T])
    scale = x.std(axis=0)
    # At both ends a moving mean lags behind a trend. Only the days between tell whether anything is left.
    lag = LEVEL_WEEKS * WEEK // 2
    between = x[lag:-lag] if len(x) > 4 * lag else x
    least = np.maximum(LEAST_MOVING * columns.std(axis=0), 1e-9 * np.abs(columns).max(axis=0))
    known = between.std(axis=0) > least
    if not known.any():
        return found
    x = x[:, known] / scale[known]
    # The days that a column shows on: for a flag as many as have it, for a normal variable a third of all.
    weight = (x**4).sum(axis=0) / (x**2).sum(axis=0)
    gram = x.T @ x + 1e-9 * len(x) * np.eye(x.shape[1])
    drawn_in, effects = values, np.zeros(x.shape[1])
    for _ in range(ROUNDS):
        # Level and week are taken off again each time: a day far off bends those of its neighbours.
        y = _without_level_and_week(drawn_in)
        plain = np.linalg.solve(gram, x.T @ y)
        left = y - x @ plain
        total = float((y**2).sum())
        unexplained = float((left**2).sum()) / total if total > 0 else 1.0
        penalised = gram + np.diag(RIDGE * weight * unexplained)
        effects = np.linalg.solve(penalised, x.T @ y)
        left = y - x @ effects
        reach = FAR * MAD_TO_SIGMA * float(np.median(np.abs(left - np.median(left))))
        if reach > 0:
            drawn_in = drawn_in + np.clip(left, -reach, reach) - left
    free = max(len(x) - x.shape[1] - WEEK - len(x) // (LEVEL_WEEKS * WEEK), 1)
    # The covariance of a ridge regression is s² A⁻¹ X'X A⁻¹ with A = X'X + penalty; X'X = R'R gives its root.
    upper = np.asarray(np.linalg.qr(x, mode="r"))
    root = np.linalg.solve(penalised, upper.T) * np.sqrt((left**2).sum() / free)
    found.sizes[known] = effects / scale[known]
    found.doubt[np.ix_(known, np.flatnonzero(known)[: root.shape[1]])] = root / scale[known][:, None]
    return found


def _without_level_and_week(values: Floats) -> Floats:
    """A series less a moving mean of whole weeks, five at most, and less the weekday means of what that
    leaves.
    """
    size = min(LEVEL_WEEKS, len(values) // WEEK) * WEEK
    rest = values - uniform_filter1d(values, size, mode="reflect")
    phase = np.arange(len(values)) % WEEK
    means = np.bincount(phase, rest, WEEK) / np.maximum(np.bincount(phase, minlength=WEEK), 1)
    return np.asarray(rest - means[phase])


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
    trials = [n - TRIAL_DAYS, n - 3 * TRIAL_DAYS // 2, n - 2 * TRIAL_DAYS]
    told = [origin for origin in trials if origin >= YEAR_DAYS]
    for origin in told:
        waves = _waves(np.arange(first, first + n)) @ _fit_year(z[:origin], first)
        actual = weekly[origin : origin + TRIAL_DAYS - WEEK]
        ahead = waves[origin : origin + len(actual)]
        recent = slice(origin - 4 * WEEK, origin)
        level, bare = z[recent].mean(), (z - waves)[recent].mean()
        plain += float(((actual - level) ** 2).sum())
        wavy += float(((actual - bare - ahead) ** 2).sum())
    needed = GAIN_NEEDED if len(told) == len(trials) else GAIN_NEEDED_ALONE
    return _fit_year(z, first) if wavy < needed**2 * plain else None


def year_effect(coefficients: Floats, first: int, days: int) -> Floats:
    """The pattern of the year over ``days`` days from ``first`` on, shape ``(days,)``."""
    return np.asarray(_waves(np.arange(first, first + days)) @ coefficients)
