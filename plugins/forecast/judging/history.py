"""A series, and everything else that decides on its forecast."""

from __future__ import annotations

import hashlib
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from plugins.forecast.days.cadence import Cadence
from plugins.forecast.days.calendar import FRIDAY, business_mask, holiday_mask, weekdays
from plugins.forecast.days.series import WEEK, Daily, Rule
from plugins.forecast.judging.backtest import Problem
from plugins.forecast.models.model import Model
from plugins.forecast.models.naive import AGGREGATION, NAIVE_MEAN
from plugins.forecast.models.roster import Pool

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]
Bools = NDArray[np.bool_]

LEAST_JUDGED = 60
"""Days with a row that a history needs for a race (API reference, 4.3.1)."""
LEAST_JUDGED_UNITS = 30
"""The same for a history of units (API reference, 4.3.2)."""
RECENT_WEEKS = 8
"""Weeks whose mean is the expected future of a driver."""


class Source(NamedTuple):
    """Which history a forecast was made from.

    Attributes:
        first: ordinal of the first day.
        days: days from the first to the last.
        digest: SHA-256 of these days.
        settings: what decides on the forecast besides the days; JSON can hold it.
    """

    first: int
    days: int
    digest: str
    settings: dict[str, Any]


class History(NamedTuple):
    """A series, and everything else that decides on its forecast.

    Attributes:
        daily: one value a day.
        names: of the drivers.
        country: whose holidays count, None for none.
        future_days: ordinals of the days ahead with known drivers, ascending, shape ``(m,)``.
        future: those drivers, shape ``(m, k)``.
        rule: how outliers are found.
        pool: which models are tried.
        closed: weekdays that no row is of and that were not filled in, Monday is 0.
    """

    daily: Daily
    names: tuple[str, ...]
    country: str | None
    future_days: Ints
    future: Floats
    rule: Rule
    pool: Pool = "money"
    closed: tuple[int, ...] = ()

    @property
    def cadence(self) -> Cadence:
        """How far apart the rows are."""
        return self.pool if self.pool in ("weekly", "monthly") else "daily"

    @property
    def least(self) -> int:
        """Days with a row from which on models are judged."""
        return LEAST_JUDGED if self.rule == "iqr" else LEAST_JUDGED_UNITS

    @property
    def stand_in(self) -> Model:
        """The model for a shorter history."""
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
        """What decides on the forecast besides the days; JSON can hold it."""
        return {
            "country": self.country,
            "drivers": list(self.names),
            "drivers_known": bool(self.names) and len(self.future_days) > 0,
            "rule": self.rule,
            "pool": self.pool,
        }

    def digest(self, days: int | None = None) -> str:
        """SHA-256 of the first ``days`` days, of all if None."""
        part = slice(0, self.days if days is None else days)
        total = hashlib.sha256(str(self.daily.first).encode())
        for array in (self.daily.values[part], self.daily.filled[part], self.daily.drivers[part]):
            total.update(np.ascontiguousarray(array).tobytes() + b"|")
        return total.hexdigest()

    def source(self) -> Source:
        """Which history this is."""
        return Source(self.daily.first, self.days, self.digest(), self.settings())

    def fingerprint(self) -> str:
        """SHA-256 of everything that decides on the model. The drivers' future does not: scenarios of one
        history share a model.
        """
        return hashlib.sha256(repr(self.settings()).encode() + self.digest().encode()).hexdigest()

    def continues(self, source: Source) -> bool:
        """Whether this history is that of an earlier forecast, and days after it."""
        return (
            source.first == self.daily.first
            and source.days < self.days
            and source.settings == self.settings()
            and source.digest == self.digest(source.days)
        )


def _with_holidays(history: History, first: int, days: int, drivers: Floats) -> Floats:
    """The drivers, and before them a column of the holidays where there is a country."""
    if history.country is None:
        return drivers
    # A holiday on a Saturday or Sunday changes nothing.
    on_weekdays = history.holidays(first, days) & (weekdays(first, days) <= FRIDAY)
    return np.column_stack([on_weekdays.astype(np.float64), drivers])


def expected_drivers(drivers: Floats, horizon: int) -> Floats:
    """The mean of each weekday over the last eight weeks, shape ``(horizon, k)``."""
    n = len(drivers)
    weeks = min(RECENT_WEEKS, n // WEEK)
    if weeks == 0:
        return np.tile(drivers.mean(axis=0), (horizon, 1))
    week = drivers[n - weeks * WEEK :].reshape(weeks, WEEK, -1).mean(axis=0)
    return np.tile(week, (-(-horizon // WEEK), 1))[:horizon]


def expected_ahead(history: History, horizon: int) -> Floats:
    """Holidays and expected drivers of the days after the history, shape ``(horizon, k)``."""
    drivers = expected_drivers(history.daily.drivers, horizon)
    return _with_holidays(history, history.daily.last + 1, horizon, drivers)


def columns_ahead(history: History, horizon: int) -> Floats:
    """Holidays and drivers of the days after the history, expected ones where they are not known; shape
    ``(horizon, k)``.
    """
    first = history.daily.last + 1
    drivers = expected_drivers(history.daily.drivers, horizon)
    positions = history.future_days - first
    within = (positions >= 0) & (positions < horizon)
    drivers[positions[within]] = history.future[within]
    return _with_holidays(history, first, horizon, drivers)


def as_problem(history: History) -> Problem:
    """The history as it is backtested: if the future of its drivers is known, folds know theirs, too."""
    first, days = history.daily.first, history.days
    columns = _with_holidays(history, first, days, history.daily.drivers)

    def known(origin: int, length: int) -> Floats:
        if history.settings()["drivers_known"] or not history.names:
            return columns[origin : origin + length]
        drivers = expected_drivers(history.daily.drivers[:origin], length)
        return _with_holidays(history, first + origin, length, drivers)

    return Problem(
        first=first,
        values=history.daily.values,
        columns=columns,
        columns_ahead=known,
        business=history.business(first, days),
        rule=history.rule,
        pool=history.pool,
        country=history.country,
    )
