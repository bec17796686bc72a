"""The step of the rows: a row a day, a week or a month; and weekdays that never have one."""

from __future__ import annotations

from typing import Literal

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]
Bools = NDArray[np.bool_]
Cadence = Literal["daily", "weekly", "monthly"]

WEEK = 7
LEAST_WEEKS, LEAST_MONTHS = 8, 6
"""Rows that a step of weeks or months is seen in."""
REGULAR = 0.9
"""Share of the gaps that have to be of the step's length."""
LEAST_FOR_WEEKDAYS = 4
"""Weeks of rows from which on a weekday that never has one is a closed one."""
EPOCH = 719_163


def month_of(days: Ints) -> Ints:
    """Months since January 1970 of ordinals, shape of ``days``."""
    return np.asarray((days - EPOCH).astype("datetime64[D]").astype("datetime64[M]").astype(np.int64))


def month_start(months: Ints) -> Ints:
    """Ordinal of the first day of months since January 1970.

    >>> int(month_start(month_of(np.array([739_250])))[0])  # of 30 December 2024
    739221
    """
    return np.asarray(months.astype("datetime64[M]").astype("datetime64[D]").astype(np.int64) + EPOCH)


def cadence_of(days: Ints) -> Cadence:
    """The step of rows.

    Args:
        days: ordinals of the days that have a row, in any order.

    >>> cadence_of(np.arange(739_000, 739_100, 7)), cadence_of(np.arange(739_000, 739_100))
    ('weekly', 'daily')
    >>> cadence_of(month_start(np.arange(600, 612)))
    'monthly'
    """
    own = np.unique(days)
    gaps = np.diff(own)
    weeks = len(own) >= LEAST_WEEKS and (gaps == WEEK).mean() >= REGULAR
    if weeks and (gaps % WEEK == 0).mean() >= REGULAR:
        return "weekly"
    if len(own) >= LEAST_MONTHS and gaps.min() >= 26:
        months = np.diff(month_of(own))
        if (months == 1).mean() >= REGULAR and months.min() >= 1:
            return "monthly"
    return "daily"


def closed_weekdays(days: Ints) -> Bools:
    """Weekdays, Monday first, that no row is of although there are four weeks of rows; shape ``(7,)``.

    >>> closed_weekdays(np.array([day for day in range(739_001, 739_101) if (day - 1) % 7 < 5])).tolist()
    [False, False, False, False, False, True, True]
    """
    own = np.unique(days)
    counts = np.bincount((own - 1) % WEEK, minlength=WEEK)
    weeks = (own[-1] - own[0] + 1) / WEEK
    busy = counts > 0
    # Rows of most weeks on every other weekday: a series with gaps everywhere has no closed weekday.
    regular = weeks >= LEAST_FOR_WEEKDAYS and counts[busy].min() >= 0.6 * weeks
    return ~busy if regular else np.zeros(WEEK, np.bool_)


def spread_evenly(days: Ints, values: Floats, cadence: Cadence) -> tuple[Ints, Floats]:
    """A row of a week or a month as as many rows, a day each, whose sum is the same.

    A week's row stands for the seven days that end with its own, so that the last day stays what it is; a
    month's for the days of its month. Rows of one week or month are added up.

    Args:
        days: ordinal of each row's day, shape ``(rows,)``.
        values: shape ``(rows,)``.
        cadence: weekly or monthly.

    Returns:
        Days without a gap, ascending, and their values.
    """
    if cadence == "weekly":
        step = (int(days.max()) - days) // WEEK
        number = step.max() - step
        ends = int(days.max()) + 1 - WEEK * np.arange(int(step.max()), -1, -1)
        starts = ends - WEEK
    else:
        own = month_of(days)
        number = own - own.min()
        months = np.arange(own.min(), own.max() + 2)
        starts, ends = month_start(months[:-1]), month_start(months[1:])
    sums = np.bincount(number, values, len(starts))
    length = ends - starts
    return np.arange(starts[0], ends[-1]), np.repeat(sums / length, length)
