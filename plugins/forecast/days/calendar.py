"""Days, months, business days and the holidays of a country. Days are proleptic ordinals
(``date.toordinal``).
"""

from __future__ import annotations

import datetime
from functools import lru_cache
from typing import NamedTuple

import holidays
import numpy as np
from numpy.typing import NDArray

Ints = NDArray[np.int64]
Bools = NDArray[np.bool_]
FRIDAY = 4


def iso(day: int) -> str:
    """A day as ``YYYY-MM-DD``.

    Args:
        day: its ordinal.

    >>> iso(738_521)
    '2023-01-01'
    """
    return datetime.date.fromordinal(day).isoformat()


class Month(NamedTuple):
    """A calendar month ahead: its label ``yyyy-mm``, ordinals of its first day and of the day after its
    last.
    """

    label: str
    first: int
    end: int


def months_after(last: int, count: int) -> list[Month]:
    """The whole months that follow the month of a day.

    Args:
        last: ordinal of the day.
        count: how many months.

    >>> [month.label for month in months_after(datetime.date(2024, 11, 30).toordinal(), 3)]
    ['2024-12', '2025-01', '2025-02']
    """
    day = datetime.date.fromordinal(last)
    number = day.year * 12 + day.month
    bounds = [datetime.date(*_year_month(number + step), 1).toordinal() for step in range(count + 1)]
    labels = ["{:04d}-{:02d}".format(*_year_month(number + step)) for step in range(count)]
    return [Month(*month) for month in zip(labels, bounds, bounds[1:], strict=False)]


def _year_month(number: int) -> tuple[int, int]:
    return number // 12, number % 12 + 1


def weekdays(first: int, days: int) -> Ints:
    """Weekday of each of ``days`` days from ``first`` on, 0 for Monday; shape ``(days,)``.

    >>> weekdays(datetime.date(2024, 1, 5).toordinal(), 3).tolist()
    [4, 5, 6]
    """
    return (np.arange(first, first + days) - 1) % 7


def countries() -> frozenset[str]:
    """ISO 3166-1 alpha-2 codes whose public holidays are known."""
    return frozenset(code for code in holidays.list_supported_countries() if len(code) == 2)


@lru_cache(maxsize=512)
def _holidays_of_year(country: str, year: int) -> tuple[int, ...]:
    return tuple(sorted(day.toordinal() for day in holidays.country_holidays(country, years=year)))


def holiday_mask(country: str | None, first: int, days: int) -> Bools:
    """Which of ``days`` days from ``first`` on are public holidays of a country; none without a country.

    Returns:
        Shape ``(days,)``.
    """
    mask = np.zeros(days, np.bool_)
    if country is None or days == 0:
        return mask
    years = range(datetime.date.fromordinal(first).year, datetime.date.fromordinal(first + days - 1).year + 1)
    for year in years:
        for day in _holidays_of_year(country, year):
            if first <= day < first + days:
                mask[day - first] = True
    return mask


def business_mask(first: int, holiday: Bools) -> Bools:
    """Monday to Friday, less the holidays.

    Args:
        first: ordinal of the first day.
        holiday: which days are holidays, shape ``(n,)``.
    """
    return (weekdays(first, len(holiday)) <= FRIDAY) & ~holiday
