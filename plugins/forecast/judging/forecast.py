"""From a history to a champion that forecasts sixty months."""

from __future__ import annotations

import hashlib
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from plugins.forecast.days.calendar import business_mask, holiday_mask, months_after, weekdays
from plugins.forecast.days.preparation import Prepared, Window, prepared, wants_logs
from plugins.forecast.days.series import WEEK, Daily, Rule
from plugins.forecast.judging import judge
from plugins.forecast.judging.errors import Figures, figures, weekly_step
from plugins.forecast.judging.intervals import Spread, degrees, spread
from plugins.forecast.judging.judge import Candidate, Problem, Verdict, sample_of
from plugins.forecast.zoo.arima import Orders
from plugins.forecast.zoo.roster import AGGREGATION, EVERY, NAIVE_MEAN, Zoo

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]
Bools = NDArray[np.bool_]

LONGEST_MONTHS = 60
LEAST_JUDGED = 60
"""Days with a row that a history needs for its models to be judged (API reference, 4.3.1)."""
LEAST_JUDGED_UNITS = 30
"""The same of a history of units (API reference, 4.3.2)."""
GUESS_WEEKS = 8
WORSE = 1.5
"""Error on the days that a history grew by, over that of the backtest, from which on all is judged anew."""


class History(NamedTuple):
    """A series, and all that a forecast of it takes into account.

    Attributes:
        daily: one value a day.
        names: of the drivers.
        country: whose holidays count, None for none.
        future_days: ordinals of the days ahead whose drivers are known, ascending, shape ``(m,)``.
        future: those drivers, shape ``(m, k)``.
        rule: how outliers are found.
        zoo: which models are tried.
    """

    daily: Daily
    names: tuple[str, ...]
    country: str | None
    future_days: Ints
    future: Floats
    rule: Rule
    zoo: Zoo = "money"

    @property
    def least(self) -> int:
        """Days with a row from which on models are judged."""
        return LEAST_JUDGED if self.rule == "iqr" else LEAST_JUDGED_UNITS

    @property
    def stand_in(self) -> str:
        """What a shorter history is forecast with."""
        return AGGREGATION if self.rule == "iqr" else NAIVE_MEAN

    @property
    def days(self) -> int:
        """Days from the first to the last."""
        return len(self.daily.values)

    @property
    def rows(self) -> int:
        """Days that a row was sent for."""
        return int((~self.daily.filled).sum())

    def holidays(self, first: int, days: int) -> Bools:
        """Which days are holidays, shape ``(days,)``."""
        return holiday_mask(self.country, first, days)

    def business(self, first: int, days: int) -> Bools:
        """Which days are business days, shape ``(days,)``."""
        return business_mask(first, self.holidays(first, days))

    def settings(self) -> dict[str, Any]:
        """What, beside the values, decides on the forecast."""
        return {"country": self.country, "drivers": list(self.names), "rule": self.rule, "zoo": self.zoo}

    def digest(self, days: int | None = None) -> str:
        """SHA-256 of the first ``days`` days, of all if None."""
        part = slice(0, self.days if days is None else days)
        total = hashlib.sha256(str(self.daily.first).encode())
        for array in (self.daily.values[part], self.daily.filled[part], self.daily.drivers[part]):
            total.update(np.ascontiguousarray(array).tobytes() + b"|")
        return total.hexdigest()

    def fingerprint(self) -> str:
        """SHA-256 of all that decides on the forecast."""
        total = hashlib.sha256(repr(self.settings()).encode() + self.digest().encode())
        total.update(self.future_days.tobytes() + b"|" + np.ascontiguousarray(self.future).tobytes())
        return total.hexdigest()


class Champion(NamedTuple):
    """A judged and fitted forecast.

    Attributes:
        algorithm: its name.
        members: the models that it is the mean of.
        logs, orders: how the models see the series, and ARIMA's orders.
        candidates: how all models did.
        origins: of the folds.
        paths: its forecast of each fold, shape ``(folds, days)``.
        ahead: its forecast of the days after the history, for sixty months, shape ``(horizon,)``.
        outliers: places of the days that were out of line.
        effects: of the holidays, where there is a country, and of each driver, on the scale of the models.
        how_wrong: its errors.
        first, days, digest, settings: the history that it was fitted on.
        judged_days: days of the history that the models were judged on.
    """

    algorithm: str
    members: tuple[str, ...]
    logs: bool
    orders: Orders | None
    candidates: tuple[Candidate, ...]
    origins: tuple[int, ...]
    paths: Floats
    ahead: Floats
    outliers: tuple[int, ...]
    effects: tuple[float, ...]
    how_wrong: Spread
    first: int
    days: int
    digest: str
    settings: dict[str, Any]
    judged_days: int

    def figures(self) -> Figures:
        """The champion's own.

        Raises:
            ValueError: it is not among the candidates.
        """
        for candidate in self.candidates:
            if candidate.name == self.algorithm and candidate.figures is not None:
                return candidate.figures
        raise ValueError("the champion has no figures")


def _columns(history: History) -> Floats:
    """Holidays on what would be business days, and the drivers; shape ``(n, k)``."""
    first, days = history.daily.first, history.days
    return _with_holidays(history, first, days, history.daily.drivers)


def _with_holidays(history: History, first: int, days: int, drivers: Floats) -> Floats:
    if history.country is None:
        return drivers
    # A Sunday is no emptier for being a holiday.
    on_weekdays = history.holidays(first, days) & (weekdays(first, days) <= 4)
    return np.column_stack([on_weekdays.astype(np.float64), drivers])


def _expected_drivers(drivers: Floats, horizon: int) -> Floats:
    """The mean of each weekday over the last eight weeks, shape ``(horizon, k)``."""
    n = len(drivers)
    weeks = min(GUESS_WEEKS, n // WEEK)
    if weeks == 0:
        return np.tile(drivers.mean(axis=0), (horizon, 1))
    week = drivers[n - weeks * WEEK :].reshape(weeks, WEEK, -1).mean(axis=0)
    return np.tile(week, (-(-horizon // WEEK), 1))[:horizon]


def known_ahead(history: History, horizon: int) -> Floats:
    """What is known, and else expected, of the days after the history; shape ``(horizon, k)``."""
    first = history.daily.last + 1
    drivers = _expected_drivers(history.daily.drivers, horizon)
    places = history.future_days - first
    within = (places >= 0) & (places < horizon)
    drivers[places[within]] = history.future[within]
    return _with_holidays(history, first, horizon, drivers)


def problem(history: History) -> Problem:
    """The history as it is judged: where the future of its drivers is given, folds know theirs too."""
    columns = _columns(history)
    first = history.daily.first

    def guessed(origin: int, length: int) -> Floats:
        if len(history.future_days) or not history.names:
            return columns[origin : origin + length]
        drivers = _expected_drivers(history.daily.drivers[:origin], length)
        return _with_holidays(history, first + origin, length, drivers)

    business = history.business(first, history.days)
    return Problem(first, history.daily.values, columns, guessed, business, history.rule, history.zoo)


def _horizon(last: int) -> int:
    return months_after(last, LONGEST_MONTHS)[-1].end - 1 - last


def _ahead(
    history: History, asked: Problem, members: tuple[str, ...], logs: bool, orders: Orders | None
) -> tuple[Floats, Prepared]:
    known = known_ahead(history, _horizon(history.daily.last))
    return _fitted(
        Window(asked.first, asked.values, asked.columns, known), history.rule, members, logs, orders
    )


def _fitted(
    window: Window, rule: Rule, members: tuple[str, ...], logs: bool, orders: Orders | None
) -> tuple[Floats, Prepared]:
    """The days ahead of a window, and how it was prepared."""
    ready = prepared(window, rule, logs)
    sample = sample_of(ready, orders)
    paths = [ready.restored(EVERY[name](sample, ready.horizon)) for name in members]
    return np.mean(paths, axis=0), ready


def _champion(history: History, asked: Problem, verdict: Verdict, judged_days: int) -> Champion:
    ahead, window = _ahead(history, asked, verdict.members, verdict.logs, verdict.orders)
    length = verdict.paths.shape[1]
    actual = np.array([asked.values[origin : origin + length] for origin in verdict.origins])
    return Champion(
        verdict.champion,
        verdict.members,
        verdict.logs,
        verdict.orders,
        verdict.candidates,
        verdict.origins,
        verdict.paths,
        ahead,
        tuple(window.outliers.tolist()),
        tuple(window.effects.tolist()),
        spread(asked, actual - verdict.paths, verdict.origins, verdict.logs),
        history.daily.first,
        history.days,
        history.digest(),
        history.settings(),
        judged_days,
    )


def judged(history: History) -> Champion:
    """Every model judged, the best one fitted.

    Args:
        history: of as many rows as it says at least.
    """
    asked = problem(history)
    return _champion(history, asked, judge.race(asked), history.days)


def grown(history: History, prior: Champion) -> bool:
    """Whether a history is that of a champion, and days after it."""
    return (
        prior.first == history.daily.first
        and prior.days < history.days
        and prior.settings == history.settings()
        and prior.digest == history.digest(prior.days)
    )


def worsening(history: History, prior: Champion) -> float:
    """The champion's error on the days that its history grew by, over its error in the backtest; 0 where
    neither has any.
    """
    actual = history.daily.values[prior.days :]
    ahead = prior.ahead[: len(actual)]
    actual = actual[: len(ahead)]
    business = history.business(prior.first + prior.days, len(actual))
    now = figures(actual, ahead, business, 0.0).score
    before = prior.figures().score
    if before > 0:
        return now / before
    return 0.0 if now == 0 else np.inf


def carried_ahead(history: History, prior: Champion) -> Floats:
    """What a champion says of the days that its history grew by, fitted on those before them, ``(days,)``.

    Raises:
        ValueError: it cannot be fitted.
    """
    asked = problem(history)
    known = slice(prior.days, history.days)
    window = Window(
        asked.first, asked.values[: prior.days], asked.columns[: prior.days], asked.columns[known]
    )
    return _fitted(window, history.rule, prior.members, prior.logs, prior.orders)[0]


def refitted(history: History, prior: Champion) -> Champion:
    """A champion's choice fitted on a history that grew: nothing is chosen anew, its own figures are.

    Raises:
        ValueError: the choice cannot be fitted any more.
    """
    asked = problem(history)
    verdict = judge.again(asked, prior.algorithm, prior.members, prior.logs, prior.orders, prior.candidates)
    return _champion(history, asked, verdict, prior.judged_days)


def unjudged(history: History) -> Champion:
    """The aggregation, or the mean of all days, for a history too short for models to be judged on.

    Its figures are those of the last quarter of the days, forecast from those before; of the mean of all days
    where there are fewer than eight.
    """
    asked = problem(history)
    n = history.days
    length = n // 4 if n >= 8 else 0
    name = history.stand_in
    logs = name == AGGREGATION and wants_logs(asked.values)
    ahead, window = _ahead(history, asked, (name,), logs, None)
    origin = n - length
    if length:
        bare = prepared(
            Window(asked.first, asked.values[:origin], asked.columns[:origin], asked.guessed(origin, length)),
            history.rule,
            window.logs,
        )
        path = bare.restored(EVERY[name](sample_of(bare, None), length))
        errors = (asked.values[origin:] - path)[None]
        known = figures(asked.values[origin:], path, asked.business[origin:], weekly_step(asked.values))
    else:
        path = np.zeros(0)
        flat = np.full(n, asked.values.mean())
        known = figures(asked.values, flat, asked.business, 0.0)
        errors = (asked.values - flat)[None]
    deviation = float(errors.std()) if length == 0 else float(np.sqrt((errors**2).mean()))
    if n >= 5 * WEEK:
        how_wrong = spread(asked, errors, (origin,), window.logs)
    else:
        # Too little to see errors grow: the level is as uncertain as the mean of so few weeks.
        weeks = max(1.0, n / WEEK)
        by_week = deviation / np.sqrt(WEEK)
        days = np.resize(errors[0], (1, WEEK)) if errors.shape[1] else np.zeros((1, WEEK))
        how_wrong = Spread(
            by_week * float(np.sqrt(1 + 1 / weeks)),
            by_week / 2,
            by_week,
            days - days.mean(axis=1, keepdims=True),
            degrees(n),
        )
    candidate = Candidate(name, known, 0.0, 1 if length else 0, None)
    return Champion(
        name,
        (name,),
        window.logs,
        None,
        (candidate,),
        (origin,) if length else (),
        path[None] if length else np.zeros((0, 0)),
        ahead,
        tuple(window.outliers.tolist()),
        tuple(window.effects.tolist()),
        how_wrong,
        history.daily.first,
        n,
        history.digest(),
        history.settings(),
        n,
    )
