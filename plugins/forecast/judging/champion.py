"""From a history to a champion that forecasts sixty months: raced, or carried on from a shorter history."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from plugins.forecast.days.calendar import months_after
from plugins.forecast.days.preparation import Prepared, Window, prepared
from plugins.forecast.days.series import Rule
from plugins.forecast.judging import race
from plugins.forecast.judging.backtest import Problem, sample_of
from plugins.forecast.judging.errors import figures
from plugins.forecast.judging.history import History, Source, as_problem, columns_ahead
from plugins.forecast.judging.intervals import Spread, spread
from plugins.forecast.judging.race import Selection, Verdict
from plugins.forecast.models.roster import by_name

Floats = NDArray[np.float64]

LONGEST_MONTHS = 60


class Champion(NamedTuple):
    """A judged and fitted forecast.

    Attributes:
        selection: the model, and how all models did.
        source: the history that it was fitted on.
        judged_days: days of the history that the models were judged on.
        origins: of the folds.
        paths: its forecast of each fold, shape ``(folds, days)``.
        ahead: its forecast of the days after the history, for sixty months, shape ``(horizon,)``.
        outliers: positions of the outlying days.
        effects: of the holidays, where there is a country, and of each driver, on the scale of the models.
        how_wrong: its errors.
    """

    selection: Selection
    source: Source
    judged_days: int
    origins: tuple[int, ...]
    paths: Floats
    ahead: Floats
    outliers: tuple[int, ...]
    effects: tuple[float, ...]
    how_wrong: Spread


def _fitted(window: Window, rule: Rule, selection: Selection) -> tuple[Floats, Prepared]:
    """A champion's forecast of the days after a window, and the prepared window."""
    ready = prepared(window, rule, selection.logs)
    models = by_name()
    paths = [
        ready.restored(models[name].forecast(sample_of(ready, selection.choices.get(name)), ready.horizon))
        for name in selection.members
    ]
    return np.mean(paths, axis=0), ready


def fitted_ahead(history: History, problem: Problem, selection: Selection) -> tuple[Floats, Prepared]:
    """A champion's forecast of the sixty months after a history, and the prepared history."""
    last = history.daily.last
    horizon = months_after(last, LONGEST_MONTHS)[-1].end - 1 - last
    window = Window(problem.first, problem.values, problem.columns, columns_ahead(history, horizon))
    return _fitted(window, history.rule, selection)


def _champion(history: History, problem: Problem, verdict: Verdict, judged_days: int) -> Champion:
    selection = verdict.selection
    ahead, window = fitted_ahead(history, problem, selection)
    length = verdict.paths.shape[1]
    actual = np.array([problem.values[origin : origin + length] for origin in verdict.origins])
    return Champion(
        selection=selection,
        source=history.source(),
        judged_days=judged_days,
        origins=verdict.origins,
        paths=verdict.paths,
        ahead=ahead,
        outliers=tuple(window.outliers.tolist()),
        effects=tuple(window.effects.tolist()),
        how_wrong=spread(problem, actual - verdict.paths, verdict.origins, selection.logs),
    )


def judged(history: History) -> Champion:
    """Every model judged, the best one fitted.

    Args:
        history: of ``history.least`` rows or more.
    """
    problem = as_problem(history)
    return _champion(history, problem, race.race(problem), history.days)


def refitted(history: History, selection: Selection, judged_days: int) -> Champion:
    """An earlier selection fitted to a history that grew. No other model is tried; the champion's own errors
    are measured again.

    Raises:
        ValueError: a member can no longer be fitted.
    """
    problem = as_problem(history)
    return _champion(history, problem, race.again(problem, selection), judged_days)


def ahead_again(history: History, selection: Selection, days: int) -> Floats:
    """What an earlier selection forecast for the days by which its history grew.

    Args:
        history: as it is now.
        selection: as it was made on the first ``days`` days.
        days: of the shorter history.

    Returns:
        Shape ``(history.days - days,)``.

    Raises:
        ValueError: a member cannot be fitted.
    """
    problem = as_problem(history)
    window = Window(problem.first, problem.values[:days], problem.columns[:days], problem.columns[days:])
    return _fitted(window, history.rule, selection)[0]


def worsening(history: History, selection: Selection, days: int, ahead: Floats) -> float:
    """A champion's error on the days by which its history grew, over its error in the backtest; 0 if neither
    has any.

    Args:
        history: as it is now.
        selection: as it was made on the first ``days`` days.
        days: of the shorter history.
        ahead: its forecast of the days after these, shape ``(m,)``.
    """
    actual = history.daily.values[days : days + len(ahead)]
    business = history.business(history.daily.first + days, len(actual))
    now = figures(actual, ahead[: len(actual)], business, 0.0).score
    before = selection.figures().score
    if before > 0:
        return now / before
    return 0.0 if now == 0 else np.inf
