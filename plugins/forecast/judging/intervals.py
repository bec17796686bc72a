"""Bounds of sums of days ahead, from simulated paths of the errors in the backtest.

The bounds of a month are not the sums of its days' bounds, because errors of neighbouring days partly
cancel. So whole paths are drawn. The mean error of a week is the sum of an offset that stays, a random walk,
and noise that is independent from week to week. The differences of days to their week are drawn from the
backtest in whole weeks.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from plugins.forecast.days.effects import LEAST_YEAR_DAYS
from plugins.forecast.days.interruptions import inside_of, interruptions
from plugins.forecast.days.preparation import calm, prepared
from plugins.forecast.days.series import MANY_ZEROS, WEEK
from plugins.forecast.judging.backtest import Problem, sample_of
from plugins.forecast.models.naive import AGGREGATION, NAIVE_MEAN

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]

PATHS = 1000
SEED = 20_250_401
LEVELS = (0.025, 0.1, 0.9, 0.975)
PROBES = 18
"""Origins at which a quick model is run, to see how errors grow with the horizon."""
AFTERWARDS = 28
"""Days after an interruption in which a forecast still suffers from it."""
LONGEST_PROBE = 26
"""Weeks that a probe looks ahead at most."""
LEAST_DEGREES, MOST_DEGREES, DAYS_A_DEGREE = 3, 12, 21
"""Degrees of freedom of Student's t: the spread of errors is an estimate, a poor one if history is short."""
MOST_RARE, DAYS_A_RARE_DEGREE = 20, 15
"""The same of rare demand, whose errors are nearly all noise, which every day tells of."""
RATIO = (0.8, 1.7)
"""How far the champion's errors may shrink or stretch those of the probes."""


class Spread(NamedTuple):
    """The errors of a champion.

    Attributes:
        offset, walk, chance: standard deviations of the three parts of a week's mean error: the offset that
            stays, the step of the random walk, and the noise.
        days: differences of days to their week's mean error, in weeks that start on the weekday of the first
            day ahead, shape ``(weeks, 7)``.
        degrees: of freedom; how well these are known.
    """

    offset: float
    walk: float
    chance: float
    days: Floats
    degrees: int


def degrees(days: int, rare: bool = False) -> int:
    """Degrees of freedom of errors that were estimated on a history of ``days`` days.

    >>> degrees(20), degrees(90), degrees(730), degrees(90, rare=True)
    (3, 4, 12, 6)
    """
    most, a_degree = (MOST_RARE, DAYS_A_RARE_DEGREE) if rare else (MOST_DEGREES, DAYS_A_DEGREE)
    return min(most, max(LEAST_DEGREES, days // a_degree))


def is_rare(values: Floats) -> bool:
    """Whether demand is so rare that its errors show no growth with the horizon, shape ``(n,)``.

    Of few orders a probe sees a trend in chance: with the aggregation's, 80 % bounds of rare demand held
    94 % of the months (``benchmarks/QUALITY.md``). So the probes forecast the mean, and nothing walks.
    """
    return bool((values == 0).mean() >= MANY_ZEROS)


def _weekly(errors: Floats) -> Floats:
    """Mean error of each whole week, shape ``(rows, weeks)``."""
    weeks = errors.shape[1] // WEEK
    return np.asarray(errors[:, : weeks * WEEK].reshape(len(errors), weeks, WEEK).mean(axis=2))


def _probed(problem: Problem, oldest: int, logs: bool) -> list[Floats]:
    """Mean weekly errors of the aggregation, of rare demand those of the mean, from origins over the last two
    thirds of the history.

    If the oldest fold is long enough for the pattern of the year, all probes are.
    """
    n = len(problem.values)
    first, last = max(2 * WEEK, n // 3), n - 2 * WEEK
    if oldest >= LEAST_YEAR_DAYS:
        first = max(first, LEAST_YEAR_DAYS)
    errors: list[Floats] = []
    runs = interruptions(problem.values)
    over, broken = inside_of(runs, n), inside_of(runs, n, AFTERWARDS)
    events = calm(problem.window(n, 0))[1]
    model = NAIVE_MEAN if is_rare(problem.values) else AGGREGATION
    for origin in sorted(set(np.linspace(first, last, PROBES).astype(int).tolist())):
        horizon = min((n - origin) // WEEK, LONGEST_PROBE) * WEEK
        window = problem.window(origin, horizon)._replace(events=events)
        bare = prepared(window, problem.rule, logs)
        path = bare.restored(model.forecast(sample_of(bare, None), horizon))
        error = (problem.values[origin : origin + horizon] - path) * _today(problem, origin, logs)
        weeks = _weekly(error[None])[0]
        if not broken[origin - 1]:
            stopped = np.flatnonzero(over[origin : origin + horizon])
            weeks = weeks[: stopped[0] // WEEK] if len(stopped) else weeks
        elif len(errors) or origin < n - 2 * WEEK:
            continue
        if len(weeks):
            errors.append(weeks)
    return errors


def _relevant(problem: Problem, errors: Floats, origins: tuple[int, ...]) -> Floats:
    """Errors without those of interruptions that are over, and of folds that start within four weeks of one:
    they say nothing of the days ahead. Such days get the fold's mean error.
    """
    runs = interruptions(problem.values)
    if not runs:
        return errors
    n = len(problem.values)
    over, after = inside_of(runs, n), inside_of(runs, n, AFTERWARDS)
    kept = errors.copy()
    for row, origin in zip(kept, origins, strict=True):
        days = over[origin : origin + len(row)]
        if days.any() and not days.all():
            row[days] = row[~days].mean()
    told = [not after[origin - 1] for origin in origins]
    if any(told):
        # A fold that starts in an interruption is replaced by one that does not: the number of folds stays.
        whole = kept[told]
        kept = np.array([row if good else whole[-1] for row, good in zip(kept, told, strict=True)])
    return kept


def _today(problem: Problem, origin: int, logs: bool) -> float:
    """The level of the last four weeks over that of the four weeks before an origin, on a logarithmic scale,
    where errors are proportional to the level; else 1.
    """
    before = float(problem.values[max(0, origin - 4 * WEEK) : origin].mean())
    if not logs or before <= 0:
        return 1.0
    return float(problem.values[-4 * WEEK :].mean()) / before


def spread(problem: Problem, errors: Floats, origins: tuple[int, ...], logs: bool) -> Spread:
    """The errors of a champion, from its own on the folds and from the growth of a quick model's errors with
    the horizon.

    Args:
        problem: the history.
        errors: actual less forecast of each fold, shape ``(folds, days)``.
        origins: position of each fold's first day.
        logs: whether models see logarithms.
    """
    probes, rare = _probed(problem, origins[0], logs), is_rare(problem.values)
    errors = _relevant(problem, errors, origins)
    errors = errors * np.array([[_today(problem, origin, logs)] for origin in origins])
    # The variance of an offset, a walk and noise is offset² + chance² + walk² * weeks ahead: a straight line.
    ahead = np.concatenate([np.arange(len(probe)) for probe in probes]).astype(float)
    squares = np.concatenate([probe**2 for probe in probes])
    start, slope = (float(squares.mean()), 0.0) if rare else _line(ahead, squares)
    # Scaled so that it agrees with the champion's own errors on the folds.
    own = _weekly(errors)
    expected = float(np.mean(start + slope * np.arange(own.shape[1])))
    ratio = float(np.clip((own**2).mean() / expected, RATIO[0] ** 2, RATIO[1] ** 2)) if expected > 0 else 1.0
    start, slope = start * ratio, slope * ratio
    # Differences of neighbouring weeks have the variance walk² + 2 chance², which separates the two.
    steps = np.concatenate([np.diff(probe) ** 2 for probe in probes])
    step = float(steps.mean()) * ratio if steps.size else 0.0
    chance = min(max(0.0, (step - slope) / 2), start)
    # Whole weeks of the folds that start on the weekday of the first day ahead.
    weekday = len(problem.values) % WEEK
    blocks = [
        row[start_day : start_day + WEEK]
        for row, origin in zip(errors, origins, strict=True)
        for start_day in range((weekday - origin) % WEEK, errors.shape[1] - WEEK + 1, WEEK)
    ]
    days = np.array(blocks) if blocks else np.zeros((1, WEEK))
    days = days - days.mean(axis=1, keepdims=True)
    return Spread(
        offset=float(np.sqrt(start - chance)),
        walk=float(np.sqrt(slope)),
        chance=float(np.sqrt(chance)),
        days=days,
        degrees=degrees(len(problem.values), rare),
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
    """Errors of the days ahead, the same in every call, shape ``(paths, horizon)``; their mean is about 0."""
    generator = np.random.default_rng(SEED)
    weeks = -(-horizon // WEEK)
    # Antithetic paths: half mirror the other half, so that the weekly errors have mean 0 and equal tails.
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
        paths: simulated days, which may be below 0: sums may not, shape ``(paths, horizon)``.
        path: the forecast, shape ``(horizon,)``.
        starts, ends: position of the first day of each sum and of the day after its last, ``(sums,)`` each.
        counted: 1 for each day that counts, 0 for the others, shape ``(horizon,)``.

    Returns:
        ``lower_95, lower_80, upper_80, upper_95``, shape ``(4, sums)``, ascending, around the forecast's sum.
    """
    total = np.concatenate([np.zeros((len(paths), 1)), np.cumsum(paths * counted, axis=1)], axis=1)
    sums = np.maximum(0.0, total[:, ends] - total[:, starts])
    limits = np.quantile(sums, LEVELS, axis=0)
    flat = np.concatenate([[0.0], np.cumsum(path * counted)])
    value = flat[ends] - flat[starts]
    limits[:2] = np.minimum(limits[:2], value)
    limits[2:] = np.maximum(limits[2:], value)
    return np.asarray(limits)
