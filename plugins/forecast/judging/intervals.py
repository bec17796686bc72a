"""Bounds of sums of days ahead, by simulated paths of the errors that the backtest saw.

A month's bounds are no sum of its days' bounds: errors of neighbouring days cancel or add up as they
please. So whole paths are drawn. The mean error of a week is made of an offset that stays, a random walk,
and chance that the next week knows nothing of; what the days differ by within a week is drawn from the
backtest in whole weeks.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from plugins.forecast.days.effects import LEAST_YEAR_DAYS
from plugins.forecast.days.preparation import prepared
from plugins.forecast.days.series import WEEK
from plugins.forecast.judging.backtest import Problem
from plugins.forecast.models.naive import aggregation

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]

PATHS = 1000
SEED = 20_250_401
LEVELS = (0.025, 0.1, 0.9, 0.975)
PROBES = 18
"""Origins at which a quick model is tried, to see how errors grow with the horizon."""
LONGEST_PROBE = 26
"""Weeks that a probe looks ahead, at most."""
LEAST_DEGREES, MOST_DEGREES, DAYS_A_DEGREE = 3, 12, 21
"""Of freedom, of Student's t: the spread of errors is an estimate, and a poor one of a short history."""
RATIO = (0.8, 1.7)
"""How far the champion's errors may shrink or stretch what the probes saw."""


class Spread(NamedTuple):
    """How wrong a champion is.

    Attributes:
        offset, walk, chance: standard deviations of a week's mean error: of what stays, of a week's step, and
            of what is the week's own.
        days: differences of days to their week's mean error, by weeks that start on the weekday of the first
            day ahead, shape ``(weeks, 7)``.
        degrees: of freedom; how well these are known.
    """

    offset: float
    walk: float
    chance: float
    days: Floats
    degrees: int


def degrees(days: int) -> int:
    """Degrees of freedom of errors that were estimated on a history of so many days.

    >>> degrees(20), degrees(90), degrees(730)
    (3, 4, 12)
    """
    return min(MOST_DEGREES, max(LEAST_DEGREES, days // DAYS_A_DEGREE))


def _weekly(errors: Floats) -> Floats:
    """Mean error of each whole week, shape ``(rows, weeks)``."""
    weeks = errors.shape[1] // WEEK
    return np.asarray(errors[:, : weeks * WEEK].reshape(len(errors), weeks, WEEK).mean(axis=2))


def _probed(problem: Problem, oldest: int, logs: bool) -> list[Floats]:
    """Mean weekly errors of the aggregation, from origins over the second two thirds of the history.

    Where the oldest fold knows the pattern of the year, so do all of the probes.
    """
    n = len(problem.values)
    first, last = max(2 * WEEK, n // 3), n - 2 * WEEK
    if oldest >= LEAST_YEAR_DAYS:
        first = max(first, LEAST_YEAR_DAYS)
    errors = []
    for origin in sorted(set(np.linspace(first, last, PROBES).astype(int).tolist())):
        horizon = min((n - origin) // WEEK, LONGEST_PROBE) * WEEK
        bare = prepared(problem.window(origin, horizon), problem.rule, logs)
        path = bare.restored(aggregation(bare.z, horizon))
        error = (problem.values[origin : origin + horizon] - path) * _today(problem, origin, logs)
        errors.append(_weekly(error[None])[0])
    return errors


def _today(problem: Problem, origin: int, logs: bool) -> float:
    """Factor from the level of the four weeks before an origin to that of the last four, on a logarithmic
    scale, where errors are shares of the level; else 1.
    """
    before = float(problem.values[max(0, origin - 4 * WEEK) : origin].mean())
    if not logs or before <= 0:
        return 1.0
    return float(problem.values[-4 * WEEK :].mean()) / before


def spread(problem: Problem, errors: Floats, origins: tuple[int, ...], logs: bool) -> Spread:
    """How wrong the champion is, from its own errors and from how a quick model's grow with the horizon.

    Args:
        problem: the history.
        errors: actual less forecast of each fold, shape ``(folds, days)``.
        origins: place of each fold's first day.
        logs: whether models see logarithms.
    """
    probes = _probed(problem, origins[0], logs)
    errors = errors * np.array([[_today(problem, origin, logs)] for origin in origins])
    ahead = np.concatenate([np.arange(len(one)) for one in probes]).astype(float)
    squares = np.concatenate([one**2 for one in probes])
    steps = np.concatenate([np.diff(one) ** 2 for one in probes])
    start, slope = _line(ahead, squares)
    own = _weekly(errors)
    expected = float(np.mean(start + slope * np.arange(own.shape[1])))
    ratio = float(np.clip((own**2).mean() / expected, RATIO[0] ** 2, RATIO[1] ** 2)) if expected > 0 else 1.0
    start, slope = start * ratio, slope * ratio
    step = float(steps.mean()) * ratio if steps.size else 0.0
    chance = min(max(0.0, (step - slope) / 2), start)
    weekday = len(problem.values) % WEEK
    blocks = [
        row[place : place + WEEK]
        for row, origin in zip(errors, origins, strict=True)
        for place in range((weekday - origin) % WEEK, errors.shape[1] - WEEK + 1, WEEK)
    ]
    days = np.array(blocks) if blocks else np.zeros((1, WEEK))
    days = days - days.mean(axis=1, keepdims=True)
    return Spread(
        float(np.sqrt(start - chance)),
        float(np.sqrt(slope)),
        float(np.sqrt(chance)),
        days,
        degrees(len(problem.values)),
    )


def _line(x: Floats, y: Floats) -> tuple[float, float]:
    """Least squares ``a + b x`` with neither below zero."""
    slope, start = np.polyfit(x, y, 1) if np.ptp(x) > 0 else (0.0, y.mean())
    if slope < 0:
        return float(y.mean()), 0.0
    if start < 0:
        return 0.0, float((x * y).sum() / (x * x).sum())
    return float(start), float(slope)


def simulated(how_wrong: Spread, horizon: int) -> Floats:
    """Errors of the days ahead, always the same ones, shape ``(paths, horizon)``; with mean about 0."""
    generator = np.random.default_rng(SEED)
    weeks = -(-horizon // WEEK)
    # Half of the paths mirror the other half: the mean is that of the days within weeks, and the tails agree.
    half = PATHS // 2
    scale = np.sqrt(how_wrong.degrees / generator.chisquare(how_wrong.degrees, half))[:, None]
    offset = generator.standard_normal((half, 1)) * how_wrong.offset
    chance = generator.standard_normal((half, weeks)) * how_wrong.chance
    walk = np.cumsum(generator.standard_normal((half, weeks)) * how_wrong.walk, axis=1)
    level = scale * (offset + walk + chance)
    level = np.vstack([level, -level])
    drawn = how_wrong.days[generator.integers(0, len(how_wrong.days), (PATHS, weeks))]
    return np.asarray((level[:, :, None] + drawn).reshape(PATHS, weeks * WEEK)[:, :horizon])


def bounds(paths: Floats, path: Floats, starts: Ints, ends: Ints, counted: Floats) -> Floats:
    """Lower and upper bounds of sums of days, at 95 and 80 per cent.

    Args:
        paths: simulated days, never below 0, shape ``(paths, horizon)``.
        path: the forecast, shape ``(horizon,)``.
        starts, ends: first place of each sum and the place after its last, ``(sums,)`` each.
        counted: 1 for each day that counts, 0 for the others, shape ``(horizon,)``.

    Returns:
        ``lower_95, lower_80, upper_80, upper_95``, shape ``(4, sums)``, in order, around the forecast's sum.
    """
    total = np.concatenate([np.zeros((len(paths), 1)), np.cumsum(paths * counted, axis=1)], axis=1)
    sums = np.maximum(0.0, total[:, ends] - total[:, starts])
    found = np.quantile(sums, LEVELS, axis=0)
    flat = np.concatenate([[0.0], np.cumsum(path * counted)])
    value = flat[ends] - flat[starts]
    found[:2] = np.minimum(found[:2], value)
    found[2:] = np.maximum(found[2:], value)
    return np.asarray(found)
