"""From a request to a history: what no schema can check, and rows to one value a day."""

from __future__ import annotations

import datetime
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any, NamedTuple

import numpy as np

from abintel.checks import duplicates, future_days
from abintel.endpoint import Call
from abintel.faults import shown
from abintel.fields import MAX_MAGNITUDE
from abintel.problem import Fault, bad_body, pointer
from plugins.forecast.days.cadence import (
    Cadence,
    Floats,
    Ints,
    cadence_of,
    closed_weekdays,
    spread_evenly,
)
from plugins.forecast.days.calendar import countries
from plugins.forecast.days.series import Rule, daily
from plugins.forecast.judging.history import History
from plugins.forecast.models.roster import Pool
from plugins.forecast.words import Noun

LONGEST_SPAN = 20 * 366
"""Days from the first row to the last. A gap of decades is a mistyped year."""
MOST_DRIVERS = 20
LATEST = datetime.date.max.toordinal() - 62 * 366
"""Last day that sixty months can follow."""
MOST_NAMED = 5
"""Ignored columns that a warning names."""

Warn = Callable[[str, str], None]
Rows = Sequence[Mapping[str, Any]]


class Subject(NamedTuple):
    """What a route forecasts.

    Attributes:
        column: name of the value in a row.
        analysis: the answer's ``analysis_type``.
        average: key of the mean daily forecast.
        word: key of its name in sentences.
        rule: how outliers are found.
        pool: which models are tried.
    """

    column: str
    analysis: str
    average: str
    word: Noun
    rule: Rule
    pool: Pool = "money"


def check(request: Any, call: Call) -> Iterator[Fault]:
    """Faults of dates, drivers and country that no schema can express."""
    yield from series_faults(request.data, request.future_drivers or (), call)
    yield from country_faults(request)


def country_faults(request: Any) -> Iterator[Fault]:
    """The country, if no holidays are known of it."""
    if request.country is not None and request.country not in countries():
        yield Fault(
            "/country", f"{shown(request.country)} is no ISO 3166 code of a country with known holidays."
        )


def series_faults(rows: Rows, future: Rows, call: Call) -> Iterator[Fault]:
    """Faults of the days and drivers of a series.

    Args:
        rows: its days, one or more.
        future: days ahead with their drivers.
        call: with the clock.
    """
    dates = [row["date"] for row in rows]
    yield from future_days(dates, "data", "date", call)
    distinct = set(dates)
    first, last = min(distinct), max(distinct)
    if len(distinct) < 2:
        yield Fault("/data", "All rows are of one day; a forecast needs at least 2 days.")
    elif _ordinal(last) - _ordinal(first) > LONGEST_SPAN:
        message = f"The rows span {first} to {last}; send at most 20 years, and look for a mistyped year."
        yield Fault("/data", message)
    elif _ordinal(last) > LATEST:
        yield Fault("/data", f"{last} is too late for a forecast.")
    yield from _driver_faults(rows, future, last)


def _driver_faults(history_rows: Rows, future: Rows, last: str) -> Iterator[Fault]:
    for field, rows in (("data", history_rows), ("future_drivers", future)):
        for index, row in enumerate(rows):
            for key, value in row.items():
                if isinstance(value, (int, float)) and abs(value) > MAX_MAGNITUDE:
                    message = f"Input should be a number of magnitude at most {MAX_MAGNITUDE:g}."
                    yield Fault(pointer(field, index, key), message)
    for index, row in enumerate(future):
        date = row["date"]
        if date <= last:
            message = f"{date} is no day after the last one of data, {last}."
            yield Fault(pointer("future_drivers", index, "date"), message)
    yield from duplicates([row["date"] for row in future], "future_drivers", "date", "day", str)


def _ordinal(date: str) -> int:
    return datetime.date.fromisoformat(date).toordinal()


def history_of(
    rows: Rows,
    future: Rows | None,
    settings: Any,
    subject: Subject,
    warn: Warn,
    last: int | None = None,
    cadence: Cadence | None = None,
) -> History:
    """A series.

    Args:
        rows: its days.
        future: the drivers' known future.
        settings: how gaps are filled, and whose holidays count.
        subject: what is forecast.
        warn: receives warnings.
        last: ordinal of the last day of the series; None for the day of its last row.
        cadence: how far apart its rows are; None for what the settings say.

    Raises:
        Problem: 400, there are too many drivers.
    """
    column = subject.column
    names = _drivers(rows, column, warn)
    if len(names) > MOST_DRIVERS:
        message = f"The rows have {len(names)} numeric columns beside {column}; send at most {MOST_DRIVERS}."
        raise bad_body([Fault("/data", message)])
    days = np.array([_ordinal(row["date"]) for row in rows], dtype=np.int64)
    values = np.array([row[column] for row in rows], dtype=np.float64)
    drivers = np.array([[row[name] for name in names] for row in rows], dtype=np.float64)
    drivers = drivers.reshape(len(rows), len(names))
    cadence = cadence or step_of(days, settings)
    closed: tuple[int, ...] = ()
    if cadence == "daily":
        series = daily(days, values, drivers, settings.fill, last)
        if settings.fill == "interpolate":
            closed = tuple(np.flatnonzero(closed_weekdays(days)).tolist())
            series = series.with_closed(closed)
    else:
        own, even = spread_evenly(days, values, cadence)
        last = None if last is None else max(last, int(own[-1]))
        held = np.column_stack(
            [np.interp(own, *_in_order(days, column)) for column in drivers.T] or [np.zeros((len(own), 0))]
        )
        series = daily(own, even, held, settings.fill, last)
    known = sorted(
        (_ordinal(row["date"]), [float(row[name]) for name in names])
        for row in future or ()
        if names and all(_is_number(row.get(name)) for name in names)
    )
    return History(
        daily=series,
        names=names,
        country=settings.country,
        future_days=np.array([day for day, _ in known], dtype=np.int64),
        future=np.array([row for _, row in known], dtype=np.float64).reshape(len(known), len(names)),
        rule=subject.rule,
        pool=subject.pool if cadence == "daily" else cadence,
        closed=closed,
    )


def step_of(days: Ints, settings: Any) -> Cadence:
    """How far apart rows are: as the settings say, or as the gaps between them do."""
    asked: Any = settings.cadence
    return cadence_of(days) if asked == "auto" else asked


def _in_order(days: Ints, column: Floats) -> tuple[Ints, Floats]:
    order = np.argsort(days, kind="stable")
    return days[order], column[order]


def _is_number(value: Any) -> bool:
    return isinstance(value, (bool, int, float))


def _drivers(rows: Rows, column: str, warn: Warn) -> tuple[str, ...]:
    """Names of the columns with a number or a boolean in every row, in alphabetical order."""
    known = {key for row in rows for key in row} - {"date", column}
    used = {key for key in known if all(_is_number(row.get(key)) for row in rows)}
    ignored = sorted(known - used)
    if ignored:
        names = ", ".join(shown(name) for name in ignored[:MOST_NAMED])
        more = f" and {len(ignored) - MOST_NAMED} more" if len(ignored) > MOST_NAMED else ""
        warn("ignored_columns", f"No number or boolean in every row: {names}{more}.")
    return tuple(sorted(used))
