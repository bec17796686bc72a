"""Calendar patterns in which events recur: by the month, by business days, every 14 and 28 days, by the
quarter, and once a year by date, by weekday of a month, by Easter and by Thanksgiving.

A pattern numbers the days: days with the same number are occurrences of the same candidate event.
"""

from __future__ import annotations

import datetime
from collections.abc import Callable, Mapping
from functools import lru_cache
from typing import Literal, NamedTuple

import numpy as np
from dateutil.easter import easter  # type: ignore[import-untyped]
from numpy.typing import NDArray

from plugins.forecast.days.calendar import business_mask, holiday_mask, weekdays

Ints = NDArray[np.int64]
Family = Literal["month", "fortnight", "quarter", "year"]

EPOCH = 719_163
"""Ordinal of 1970-01-01."""
WEEK = 7
MONTH_ENDS, BUSINESS_STARTS, BUSINESS_ENDS = 7, 10, 5
"""How many days before the end of a month, and business days after its start and before its end, are looked
at."""
EASTER_REACH = (-54, 61)
"""The week of Carnival ends 47 days before Easter, Corpus Christi is 60 days after it."""
THANKSGIVING_REACH = (-3, 8)
"""From the Monday before Black Friday's week to the Thursday after it."""
NONE = -1


class Pattern(NamedTuple):
    """A way to number the days.

    Attributes:
        family: how often its events come.
        candidates: how many different events it could hold: the more, the more likely chance makes one.
        steps_with: whether neighbouring numbers are neighbouring days, so that events may last for days.
    """

    family: Family
    candidates: int
    steps_with: bool = False


PATTERNS: Mapping[str, Pattern] = {
    "day_of_month": Pattern("month", 31),
    "day_before_month_end": Pattern("month", MONTH_ENDS),
    "business_day_of_month": Pattern("month", BUSINESS_STARTS),
    "business_day_before_month_end": Pattern("month", BUSINESS_ENDS),
    "weekday_of_month": Pattern("month", 28),
    "last_weekday_of_month": Pattern("month", 7),
    "every_14_days": Pattern("fortnight", 14),
    "every_28_days": Pattern("fortnight", 28),
    "day_of_quarter_month": Pattern("quarter", 93),
    "day_before_quarter_month_end": Pattern("quarter", 3 * MONTH_ENDS),
    "business_day_of_quarter_month": Pattern("quarter", 3 * BUSINESS_STARTS),
    "business_day_before_quarter_month_end": Pattern("quarter", 3 * BUSINESS_ENDS),
    "date": Pattern("year", 366, True),
    "easter": Pattern("year", EASTER_REACH[1] - EASTER_REACH[0], True),
    "thanksgiving": Pattern("year", THANKSGIVING_REACH[1] - THANKSGIVING_REACH[0], True),
    "weekday_of_month_yearly": Pattern("year", 336),
    "last_weekday_of_month_yearly": Pattern("year", 84),
}
"""Simple patterns first: of two that explain the same, the first one is kept."""


def thanksgiving(year: int) -> int:
    """Ordinal of the fourth Thursday of November; Black Friday is the day after it.

    >>> datetime.date.fromordinal(thanksgiving(2024) + 1)
    datetime.date(2024, 11, 29)
    """
    first = datetime.date(year, 11, 1)
    return first.toordinal() + (3 - first.weekday()) % WEEK + 3 * WEEK


@lru_cache(maxsize=32)
def numbered(first: int, days: int, country: str | None = None) -> Mapping[str, Ints]:
    """The number of each day in each pattern, -1 for a day that has none there.

    Args:
        first: ordinal of the first day.
        days: how many.
        country: whose holidays are no business days.

    Returns:
        By pattern, shape ``(days,)`` each.

    >>> numbered(datetime.date(2024, 11, 28).toordinal(), 3)["thanksgiving"].tolist()
    [3, 4, 5]
    """
    # Whole months on either side, so that business days are counted from and to the ends of months.
    start, stop = first - 31, first + days + 31
    ordinals = np.arange(start, stop)
    dates = (ordinals - EPOCH).astype("datetime64[D]")
    months = dates.astype("datetime64[M]")
    month = months.astype(np.int64) % 12
    day = (dates - months).astype(np.int64)
    length = ((months + 1).astype("datetime64[D]") - months.astype("datetime64[D]")).astype(np.int64)
    before_end = length - 1 - day
    weekday = weekdays(start, stop - start)
    business = business_mask(start, holiday_mask(country, start, stop - start))
    passed: Ints = np.cumsum(business, dtype=np.int64)
    at_start: Ints = passed - business.astype(np.int64)
    month_start = np.maximum(np.arange(len(day)) - day, 0)
    month_end = np.minimum(np.arange(len(day)) + before_end, len(day) - 1)
    nth_business = passed - at_start[month_start] - 1
    before_last_business = passed[month_end] - passed
    nth = day // WEEK
    last = before_end < WEEK
    third = month % 3

    def where(mask: NDArray[np.bool_], number: Ints) -> Ints:
        return np.asarray(np.where(mask, number, np.int64(NONE)))

    of_month = {
        "day_of_month": day,
        "day_before_month_end": where(before_end < MONTH_ENDS, before_end),
        "business_day_of_month": where(business & (nth_business < BUSINESS_STARTS), nth_business),
        "business_day_before_month_end": where(
            business & (before_last_business < BUSINESS_ENDS), before_last_business
        ),
    }
    of_quarter = {
        name.replace("month", "quarter_month", 1): where(number >= 0, number * 3 + third)
        for name, number in of_month.items()
    }
    by_weekday = where(nth < 4, nth * WEEK + weekday)
    last_weekday = where(last, weekday)
    found = {
        **of_month,
        "weekday_of_month": by_weekday,
        "last_weekday_of_month": last_weekday,
        "every_14_days": ordinals % 14,
        "every_28_days": ordinals % 28,
        **of_quarter,
        "date": _day_of_leap_year(month, day),
        "easter": _around(ordinals, lambda year: easter(year).toordinal(), EASTER_REACH),
        "thanksgiving": _around(ordinals, thanksgiving, THANKSGIVING_REACH),
        "weekday_of_month_yearly": where(by_weekday >= 0, by_weekday * 12 + month),
        "last_weekday_of_month_yearly": where(last, last_weekday * 12 + month),
    }
    return {name: found[name][31 : 31 + days].copy() for name in PATTERNS}


def _day_of_leap_year(month: Ints, day: Ints) -> Ints:
    """A date's place in a year of 366 days, so that it is the same in each year."""
    before = np.cumsum([0, 31, 29, 31, 30, 31, 30, 31, 31, 30, 31, 30])
    return np.asarray(before[month] + day)


def _around(ordinals: Ints, anchor: Callable[[int], int], reach: tuple[int, int]) -> Ints:
    """Days after the first day of the reach around each year's anchor; -1 outside of it."""
    number = np.full(len(ordinals), NONE)
    # The first and the last days that there are have neighbours before year 1 and after year 9999.
    known = np.clip(ordinals[[0, -1]], 1, datetime.date.max.toordinal()).tolist()
    first, last = (datetime.date.fromordinal(day).year for day in known)
    years = range(max(first - 1, datetime.MINYEAR), min(last + 1, datetime.MAXYEAR) + 1)
    for year in years:
        start = anchor(year) + reach[0] - int(ordinals[0])
        places = np.arange(max(0, start), min(len(ordinals), start + reach[1] - reach[0]))
        number[places] = places - start
    return number
