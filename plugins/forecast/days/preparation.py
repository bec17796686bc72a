"""What is removed from a series before a model sees it, and added to the model's forecast.

Everything is learned from the days that the model may see, so that a backtest leaks nothing.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from plugins.forecast.days import shifts
from plugins.forecast.days.effects import column_effects, year, year_effect
from plugins.forecast.days.series import WEEK, Rule, expected, fences

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]
Bools = NDArray[np.bool_]
YEAR_DAYS = 365
NEARBY = 3
"""Days by which a yearly event may move."""
LONGEST = 4 * 365 + 1
"""Days that models learn from. Four years show the pattern of the year, and keep the time bounded."""
HIGHEST = 3.0
"""No day is forecast above this many times the highest day of the history."""
LOG_SLOPE, LOG_SPREAD = 0.6, 0.2
"""Logarithms are taken if the spread within weeks grows with the level by this power at least, and if the
logarithms of the levels have this standard deviation at least."""


class Window(NamedTuple):
    """The days that a model may see, and the columns of those ahead.

    Attributes:
        first: ordinal of the first day.
        values: shape ``(n,)``.
        columns: drivers, holidays among them, shape ``(n, k)``.
        ahead: the same of the days ahead, shape ``(horizon, k)``.
    """

    first: int
    values: Floats
    columns: Floats
    ahead: Floats


class Prepared(NamedTuple):
    """A window as models see it.

    Attributes:
        z: the series without outliers, effects, steps and year, shape ``(n,)``.
        first: ordinal of its first day.
        extra: what the effects add to the days ahead, shape ``(horizon,)``.
        logs: whether ``z`` is of logarithms.
        outliers: positions of the outlying days, shape ``(m,)``.
        bounds: lowest and highest value that a forecast may have.
        repeats: what outliers that recur every year add to the days ahead, shape ``(horizon,)``.
        effects: what a unit of each column adds on the scale of ``z``, shape ``(k,)``.
        columns, ahead: of the days of ``z``, shape ``(n, k)``, and of those ahead, ``(horizon, k)``.
    """

    z: Floats
    first: int
    extra: Floats
    logs: bool
    outliers: Ints
    bounds: tuple[float, float]
    repeats: Floats
    effects: Floats
    columns: Floats
    ahead: Floats

    @property
    def horizon(self) -> int:
        """How many days ahead."""
        return len(self.extra)

    def restored(self, path: Floats) -> Floats:
        """A model's days ahead in the unit of the series, never below 0, shape ``(horizon,)``.

        Raises:
            ValueError: the path is not finite.
        """
        path = damped(path, len(self.z), self.logs) + self.extra
        if not np.isfinite(path).all():
            raise ValueError("the forecast is not finite")
        if self.logs:
            path = np.expm1(np.minimum(path, 700.0))
        return np.asarray(np.clip(path, *self.bounds) + self.repeats)


def damped(path: Floats, n: int, logs: bool) -> Floats:
    """A path whose trend fades, so that the slope of a few months is not continued for years.

    Beyond a sixth of the history (four weeks at least) the daily step of the weekly mean shrinks by 2 %
    a day; the weekly pattern stays. On a logarithmic scale, where a straight line is exponential growth, the
    trend fades from the first day on, and growth adds to the level instead of compounding: without that,
    forecasts of a spring's rentals (``benchmarks/data``) grew without bound.

    Args:
        path: shape ``(horizon,)``.
        n: days of the history.
        logs: whether the path is of logarithms.
    """
    reach = 0 if logs else max(4 * WEEK, n // 6)
    if len(path) <= reach + WEEK:
        return path
    level = np.convolve(np.pad(path, WEEK // 2, mode="edge"), np.full(WEEK, 1 / WEEK), mode="valid")
    steps = np.diff(level, prepend=level[:1])
    fade = 0.98 ** np.maximum(0, np.arange(len(path)) - reach)
    faded = np.cumsum(steps * fade)
    if logs:
        faded = np.minimum(faded, np.log1p(np.maximum(0.0, faded)))
    return np.asarray(path - level + level[0] + faded)


def wants_logs(values: Floats) -> bool:
    """Whether the spread within weeks grows with their level, so that logarithms make it constant.

    Args:
        values: shape ``(n,)``; never if one of them is zero.
    """
    weeks = len(values) // WEEK
    if weeks < 8 or values.min() <= 0:
        return False
    blocks = values[len(values) - weeks * WEEK :].reshape(weeks, WEEK)
    level, spread = blocks.mean(axis=1), blocks.std(axis=1)
    if spread.min() <= 0:
        return False
    x, y = np.log(level), np.log(spread)
    if x.std() < LOG_SPREAD:
        return False
    return bool(np.polyfit(x, y, 1)[0] >= LOG_SLOPE)


def prepared(window: Window, rule: Rule, logs: bool) -> Prepared:
    """Removes outliers, the effects of columns, a level shift and the pattern of the year from a window.

    Args:
        window: the days.
        rule: how outliers are found.
        logs: whether to work on ``log(1 + value)``.
    """
    skipped = max(0, len(window.values) - LONGEST)
    first, values, columns = window.first + skipped, window.values[skipped:], window.columns[skipped:]
    n, horizon = len(values), len(window.ahead)
    scale = np.log1p(values) if logs else values
    effects = np.zeros(columns.shape[1])
    usual = expected(scale)
    if effects.size and n >= 4 * WEEK:
        # Twice, because the level and the week are estimated on days that still have the effects.
        for _ in range(2):
            bare = scale - columns @ effects
            usual = expected(bare)
            effects = effects + column_effects(bare - usual, columns)
    bare = scale - columns @ effects
    usual = expected(bare)
    low, high = fences(bare, usual, rule)
    z = np.clip(bare, low, high)
    outliers = np.flatnonzero((bare < low) | (bare > high))
    repeats = _repeats(values, _back(usual + columns @ effects, logs), outliers, horizon)
    extra = window.ahead @ effects
    step = shifts.find(z)
    if step is not None:
        z[: step.start] += step.size
    wave = year(z, first)
    if wave is not None:
        z = z - year_effect(wave, first, n)
        extra = extra + year_effect(wave, first + n, horizon)
    return Prepared(
        z=z,
        first=first,
        extra=extra,
        logs=logs,
        outliers=outliers + skipped,
        bounds=(0.0, HIGHEST * float(values.max())),
        repeats=repeats,
        effects=effects,
        columns=columns,
        ahead=window.ahead,
    )


def _back(scale: Floats, logs: bool) -> Floats:
    return np.expm1(scale) if logs else scale


def _repeats(values: Floats, usual: Floats, outliers: Ints, horizon: int) -> Floats:
    """What outliers that recurred at the same time of the year add to the days ahead, shape ``(horizon,)``.

    An outlier of the last year counts if there was one in the same direction a year before, give or take
    three days.
    """
    n = len(values)
    added = np.zeros(horizon)
    excess = values - usual
    days = set(outliers.tolist())
    for day in outliers[outliers >= n - YEAR_DAYS - NEARBY].tolist():
        before = [
            other
            for other in range(day - YEAR_DAYS - NEARBY, day - YEAR_DAYS + NEARBY + 1)
            if other in days and excess[other] * excess[day] > 0
        ]
        if not before:
            continue
        typical = (excess[day] + max((excess[other] for other in before), key=abs)) / 2
        # A year of 52 weeks, 364 days, falls on the same weekday.
        for ahead in range(day + 52 * WEEK - n, horizon, 52 * WEEK):
            if ahead >= 0:
                added[ahead] = typical
    return added
