"""How much trends should fade, by how well a quick model's long forecasts do."""

from __future__ import annotations

from plugins.forecast.days.preparation import prepared
from plugins.forecast.days.series import WEEK
from plugins.forecast.days.trend import KINDS, damping_of
from plugins.forecast.judging.backtest import Problem, sample_of
from plugins.forecast.models import ets

LEAST_DAYS = 120
LONGEST = 365
ORIGINS = (1.0, 0.75, 0.5)
"""Days held out at each origin, in shares of the longest: of half the history, and of a year at most."""
GAIN_NEEDED = 0.9
"""Error with a damping over that with the usual one, from which on it is better."""


def fading(problem: Problem, logs: bool) -> str:
    """The kind of damping that forecasts of up to a year bear: the usual one unless the weeks' error of ETS,
    at three origins, is a tenth lower with another.

    Args:
        problem: the history.
        logs: whether models see logarithms.
    """
    n = len(problem.values)
    longest = min(LONGEST, n // 2)
    if n < LEAST_DAYS:
        return KINDS[0]
    squares = dict.fromkeys(KINDS, 0.0)
    for share in ORIGINS:
        horizon = int(longest * share)
        origin = n - horizon
        window = prepared(problem.window(origin, horizon), problem.rule, logs)
        path = ets.MODEL.forecast(sample_of(window, None), horizon)
        actual = problem.values[origin:]
        weeks = horizon // WEEK * WEEK
        for kind in KINDS:
            damped = window._replace(damping=damping_of(kind, len(window.z), logs)).restored(path)
            error = (damped - actual)[:weeks].reshape(-1, WEEK).mean(axis=1)
            squares[kind] += float((error**2).mean())
    best = min(KINDS, key=lambda kind: squares[kind])
    return best if squares[best] < GAIN_NEEDED**2 * squares[KINDS[0]] else KINDS[0]
