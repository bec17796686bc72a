"""From a history to a champion that forecasts sixty months: raced, or carried on from a shorter history."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from plugins.forecast.days.calendar import months_after
from plugins.forecast.days.effects import column_effects
from plugins.forecast.days.preparation import Prepared, Window, prepared
from plugins.forecast.days.recurring import Event
from plugins.forecast.days.series import Rule
from plugins.forecast.days.shifts import Shift
from plugins.forecast.days.trend import Damping
from plugins.forecast.judging import race
from plugins.forecast.judging.backtest import Problem, sample_of
from plugins.forecast.judging.combining import combined
from plugins.forecast.judging.errors import figures
from plugins.forecast.judging.history import (
    History,
    Source,
    as_problem,
    columns_ahead,
    expected_ahead,
    expected_drivers,
)
from plugins.forecast.judging.intervals import Spread, spread
from plugins.forecast.judging.race import Selection, Verdict
from plugins.forecast.models.roster import by_name

Floats = NDArray[np.float64]

LONGEST_MONTHS = 60
RECENT_SHIFT, AFTER_SHIFT = 365, 1.25
"""Days for which a step of the level makes bounds wider, and by how much: what stepped may step again."""
FADED = 0.01
"""Share of a mean day that damping has to change for it to be reported."""


class Champion(NamedTuple):
    """A judged and fitted forecast.

    Attributes:
        selection: the model, and how all models did.
        source: the history that it was fitted on.
        judged_days: days of the history that the models were judged on.
        origins: of the folds.
        paths: its forecast of each fold, shape ``(folds, days)``.
        ahead: its forecast of the days after the history, for sixty months, with the expected drivers; shape
            ``(horizon,)``.
        outliers: positions of the outlying days.
        left_out: what was cut off them, over the sum of all days.
        events: that recur in the calendar.
        shift: start and size of the step of the level that was taken off, None for none.
        damping: how the trend fades; None if nothing fades that could be seen.
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
    left_out: float
    events: tuple[Event, ...]
    shift: Shift | None
    damping: Damping | None
    effects: tuple[float, ...]
    how_wrong: Spread


class Fitted(NamedTuple):
    """The days ahead, the prepared history, and how the trend fades; None if nothing fades."""

    ahead: Floats
    window: Prepared
    damping: Damping | None


def _fitted(window: Window, rule: Rule, selection: Selection) -> Fitted:
    """A champion's forecast of the days after a window."""
    ready = prepared(window, rule, selection.logs, selection.fading)
    raw = _raw(ready, selection)
    ahead = combined([ready.restored(path) for path in raw], selection.weights)
    endless = ready._replace(damping=Damping(1.0, ready.damping.reach))
    unfaded = combined([endless.restored(path) for path in raw], selection.weights)
    seen = np.abs(unfaded - ahead).max(initial=0.0) > FADED * max(ahead.mean(), 0.0)
    return Fitted(ahead, ready, ready.damping if seen else None)


def _raw(ready: Prepared, selection: Selection) -> list[Floats]:
    """What each member says of the days ahead. Those with a process of their own run while this thread fits
    the others.
    """
    models = by_name()

    def forecast(name: str) -> Floats:
        return models[name].forecast(sample_of(ready, selection.choices.get(name)), ready.horizon)

    with ThreadPoolExecutor(1) as pool:
        elsewhere = {
            name: pool.submit(forecast, name) for name in selection.members if models[name].own_process
        }
        here = {name: forecast(name) for name in selection.members if name not in elsewhere}
        return [elsewhere[name].result() if name in elsewhere else here[name] for name in selection.members]


def fitted_ahead(history: History, problem: Problem, selection: Selection) -> Fitted:
    """A champion's forecast of the sixty months after a history."""
    last = history.daily.last
    horizon = months_after(last, LONGEST_MONTHS)[-1].end - 1 - last
    window = Window(
        problem.first,
        problem.values,
        problem.columns,
        expected_ahead(history, horizon),
        problem.country,
        even=problem.even,
    )
    return _fitted(window, history.rule, selection)


def _champion(history: History, problem: Problem, verdict: Verdict, judged_days: int) -> Champion:
    selection = verdict.selection
    fitted = fitted_ahead(history, problem, selection)
    length = verdict.paths.shape[1]
    actual = np.array([problem.values[origin : origin + length] for origin in verdict.origins])
    how_wrong = spread(problem, actual - verdict.paths, verdict.origins, selection.logs)
    return assembled(history, selection, judged_days, verdict.origins, verdict.paths, fitted, how_wrong)


def assembled(
    history: History,
    selection: Selection,
    judged_days: int,
    origins: tuple[int, ...],
    paths: Floats,
    fitted: Fitted,
    how_wrong: Spread,
) -> Champion:
    """A champion of its parts; a recent step of the level makes its bounds wider."""
    window = fitted.window
    if window.shift is not None and history.days - window.shift.start < RECENT_SHIFT:
        how_wrong = how_wrong._replace(offset=how_wrong.offset * AFTER_SHIFT)
    return Champion(
        selection=selection,
        source=history.source(),
        judged_days=judged_days,
        origins=origins,
        paths=paths,
        ahead=fitted.ahead,
        outliers=tuple(window.outliers.tolist()),
        left_out=window.left_out,
        events=window.events,
        shift=window.shift,
        damping=fitted.damping,
        effects=tuple(window.effects.tolist()),
        how_wrong=how_wrong,
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
    window = Window(
        problem.first,
        problem.values[:days],
        problem.columns[:days],
        problem.columns[days:],
        problem.country,
        even=problem.even,
    )
    return _fitted(window, history.rule, selection).ahead


def with_drivers(champion: Champion, history: History, horizon: int) -> Floats:
    """A champion's days ahead with the drivers that are known of them, shape ``(horizon,)``.

    Args:
        champion: of that history.
        history: its drivers' future counts.
        horizon: days, within the champion's.
    """
    ahead = champion.ahead[:horizon]
    if not history.names or not len(history.future_days):
        return ahead
    known, expected = columns_ahead(history, len(ahead)), expected_ahead(history, len(ahead))
    return _moved(ahead, (known - expected) @ np.array(champion.effects), champion.selection.logs)


def doubt_of_drivers(champion: Champion, history: History, path: Floats, paths: int, seed: int) -> Floats:
    """Errors of the days ahead for want of certainty about the drivers' effects, shape ``(paths, horizon)``.

    They matter where the drivers' known future differs from the expected one: the backtest has seen the
    others.

    Args:
        champion: of that history.
        history: with the future of its drivers.
        path: its forecast, shape ``(horizon,)``.
        paths: how many, even: half of them mirror the other half.
        seed: of the random numbers.
    """
    horizon = len(path)
    if not history.names or not len(history.future_days):
        return np.zeros((1, horizon))
    change = columns_ahead(history, horizon) - expected_ahead(history, horizon)
    problem, logs = as_problem(history), champion.selection.logs
    scale = np.log1p(problem.values) if logs else problem.values
    doubt = column_effects(scale, problem.columns).doubt
    drawn = np.random.default_rng(seed).standard_normal((paths // 2, len(doubt))) @ doubt.T @ change.T
    drawn = np.vstack([drawn, -drawn])
    return (1 + path) * np.expm1(np.clip(drawn, -700.0, 700.0)) if logs else drawn


def _moved(ahead: Floats, change: Floats, logs: bool) -> Floats:
    """Days ahead changed by effects on the scale of the models."""
    moved = (1 + ahead) * np.exp(np.minimum(change, 700.0)) - 1 if logs else ahead + change
    return np.maximum(0.0, moved)


def since_then(history: History, prior: Champion) -> Floats:
    """What an earlier champion says of the days by which its history grew, their drivers known; shape
    ``(m,)``.
    """
    then, days = prior.source.days, history.days - prior.source.days
    drivers = history.daily.drivers
    ahead = prior.ahead[:days]
    if not history.names:
        return ahead
    names = slice(len(prior.effects) - len(history.names), None)
    change = drivers[then:] - expected_drivers(drivers[:then], days)
    return _moved(ahead, change[: len(ahead)] @ np.array(prior.effects[names]), prior.selection.logs)


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
