"""The forecast of a history that is too short for a race."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from plugins.forecast.days.preparation import calm, prepared, wants_logs
from plugins.forecast.days.series import WEEK
from plugins.forecast.days.trend import KINDS
from plugins.forecast.judging.backtest import Problem, sample_of
from plugins.forecast.judging.champion import Champion, assembled, fitted_ahead
from plugins.forecast.judging.errors import Figures, figures, weekly_step
from plugins.forecast.judging.history import History, as_problem
from plugins.forecast.judging.intervals import Spread, degrees, spread
from plugins.forecast.judging.race import Candidate, Selection
from plugins.forecast.models.model import Model
from plugins.forecast.models.naive import AGGREGATION

Floats = NDArray[np.float64]
LEAST_HELD_OUT = 8
"""Days from which on a quarter of them is held out."""
LEAST_SPREAD = 5 * WEEK
"""Days from which on errors can be seen to grow with the horizon."""


def unjudged(history: History) -> Champion:
    """The aggregation, or for units the mean of all days.

    Its figures are those of the last quarter of the days, forecast from the days before. Under eight days
    they are those of the mean on all days.

    Args:
        history: of fewer than ``history.least`` rows.
    """
    problem = as_problem(history)
    n = history.days
    length = n // 4 if n >= LEAST_HELD_OUT else 0
    model = history.stand_in
    logs = model == AGGREGATION and wants_logs(calm(problem.window(n, 0))[0])
    if length:
        path, known = _held_out(problem, model, logs, length)
        errors = problem.values[n - length :] - path
    else:
        path, known = np.zeros(0), _figures_of_mean(problem)
        errors = problem.values - problem.values.mean()
    candidate = Candidate(model.name, known, 0.0, 1 if length else 0, None)
    selection = Selection(model.name, (model.name,), (1.0,), logs, KINDS[0], {}, (candidate,))
    fitted = fitted_ahead(history, problem, selection)
    how_wrong = _guessed_spread(errors, n)
    if n >= LEAST_SPREAD:
        how_wrong = spread(problem, errors[None], (n - length,), logs)
    origins = (n - length,) if length else ()
    paths = path[None] if length else np.zeros((0, 0))
    return assembled(history, selection, n, origins, paths, fitted, how_wrong)


def _held_out(problem: Problem, model: Model, logs: bool, length: int) -> tuple[Floats, Figures]:
    """The forecast of the last days from those before, shape ``(length,)``, and its errors."""
    origin = len(problem.values) - length
    window = prepared(problem.window(origin, length), problem.rule, logs)
    path = window.restored(model.forecast(sample_of(window, None), length))
    step = weekly_step(problem.values)
    return path, figures(problem.values[origin:], path, problem.business[origin:], step)


def _figures_of_mean(problem: Problem) -> Figures:
    """Errors of the mean on the days that it is the mean of."""
    mean = np.full(len(problem.values), problem.values.mean())
    return figures(problem.values, mean, problem.business, 0.0)


def _guessed_spread(errors: Floats, n: int) -> Spread:
    """The spread of a history too short to see errors grow: the level is as uncertain as the mean of as many
    weeks as there are.

    Args:
        errors: of a few days, shape ``(days,)``.
        n: days of the history.
    """
    weeks = max(1.0, n / WEEK)
    by_week = float(np.sqrt((errors**2).mean())) / np.sqrt(WEEK)
    week = np.resize(errors, (1, WEEK))
    return Spread(
        offset=by_week * float(np.sqrt(1 + 1 / weeks)),
        walk=by_week / 2,
        chance=by_week,
        days=week - week.mean(axis=1, keepdims=True),
        degrees=degrees(n),
    )
