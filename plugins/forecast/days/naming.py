"""Recurring events in words, and the days on which they come next."""

from __future__ import annotations

import datetime
from collections.abc import Callable, Mapping
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from plugins.forecast.days.patterns import (
    EASTER_REACH,
    THANKSGIVING_REACH,
    WEEK,
    numbered,
)
from plugins.forecast.days.recurring import Event

Ints = NDArray[np.int64]

NEXT = 3
"""How many dates ahead are named."""
LOOKED_AHEAD = 4 * 366
MONTHS = [
    "January",
    "February",
    "March",
    "April",
    "May",
    "June",
    "July",
    "August",
    "September",
    "October",
    "November",
    "December",
]
WEEKDAYS = ["Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday"]


class Recurrence(NamedTuple):
    """An event as it is reported.

    Attributes:
        pattern: in English words; a name, which is not translated.
        size: what it adds to one of its days, in the unit of the series; a share if proportional.
        proportional: whether it grows with the level.
        days: how long it lasts.
        next_dates: ordinals of its next first days.
    """

    pattern: str
    size: float
    proportional: bool
    days: int
    next_dates: tuple[int, ...]


def recurrence(event: Event, last: int, country: str | None) -> Recurrence:
    """An event as it is reported.

    Args:
        event: that recurs.
        last: ordinal of the last day of the history.
        country: whose holidays are no business days.
    """
    number = numbered(last + 1, LOOKED_AHEAD, country)[event.pattern]
    ahead = np.flatnonzero(number == event.number)[:NEXT] + last + 1
    days = len(event.sizes)
    size = float(np.mean(event.sizes))
    return Recurrence(named(event), size, event.proportional, days, tuple(ahead.tolist()))


def named(event: Event) -> str:
    """The pattern of an event in words.

    >>> named(Event("day_of_month", 0, (3000.0,), False, 1)), named(Event("date", 344, (9.0,) * 15, False, 1))
    ('1st of the month', '10 December to 24 December')
    >>> named(Event("thanksgiving", 4, (9.0,), False, 1)), named(Event("easter", 47, (9.0,) * 8, False, 1))
    ('Black Friday', '7 days before Easter to Easter Sunday')
    """
    first, last = event.number, event.number + len(event.sizes) - 1
    if event.pattern in _SPANS:
        name = _SPANS[event.pattern]
        return name(first) if first == last else f"{name(first)} to {name(last)}"
    return _NAMES[event.pattern](first)


def ordinal(n: int) -> str:
    """An ordinal number.

    >>> ordinal(1), ordinal(2), ordinal(11), ordinal(23)
    ('1st', '2nd', '11th', '23rd')
    """
    suffix = "th" if n % 100 in (11, 12, 13) else {1: "st", 2: "nd", 3: "rd"}.get(n % 10, "th")
    return f"{n}{suffix}"


def _from_end(n: int, what: str) -> str:
    return f"last {what}" if n == 0 else f"{ordinal(n + 1)} last {what}"


def _quarter_months(third: int) -> str:
    names = MONTHS[third::3]
    return f"{', '.join(names[:-1])} and {names[-1]}"


def _date(number: int) -> str:
    day = datetime.date(2024, 1, 1) + datetime.timedelta(days=number)
    return f"{day.day} {MONTHS[day.month - 1]}"


def _easter(number: int) -> str:
    offset = number + EASTER_REACH[0]
    if offset == 0:
        return "Easter Sunday"
    days = "1 day" if abs(offset) == 1 else f"{abs(offset)} days"
    return f"{days} {'before' if offset < 0 else 'after'} Easter"


def _thanksgiving(number: int) -> str:
    offset = number + THANKSGIVING_REACH[0]
    if offset == 1:
        return "Black Friday"
    if offset == 0:
        return "Thanksgiving"
    days = "1 day" if abs(offset) == 1 else f"{abs(offset)} days"
    return f"{days} {'before' if offset < 0 else 'after'} Thanksgiving"


_SPANS: Mapping[str, Callable[[int], str]] = {
    "date": _date,
    "easter": _easter,
    "thanksgiving": _thanksgiving,
}
_NAMES: Mapping[str, Callable[[int], str]] = {
    "day_of_month": lambda n: f"{ordinal(n + 1)} of the month",
    "day_before_month_end": lambda n: f"{_from_end(n, 'day')} of the month",
    "business_day_of_month": lambda n: f"{ordinal(n + 1)} business day of the month",
    "business_day_before_month_end": lambda n: f"{_from_end(n, 'business day')} of the month",
    "weekday_of_month": lambda n: f"{ordinal(n // WEEK + 1)} {WEEKDAYS[n % WEEK]} of the month",
    "last_weekday_of_month": lambda n: f"last {WEEKDAYS[n]} of the month",
    "every_14_days": lambda n: "every 14 days",
    "every_28_days": lambda n: "every 28 days",
    "day_of_quarter_month": lambda n: f"{ordinal(n // 3 + 1)} of {_quarter_months(n % 3)}",
    "day_before_quarter_month_end": lambda n: f"{_from_end(n // 3, 'day')} of {_quarter_months(n % 3)}",
    "business_day_of_quarter_month": lambda n: (
        f"{ordinal(n // 3 + 1)} business day of {_quarter_months(n % 3)}"
    ),
    "business_day_before_quarter_month_end": lambda n: (
        f"{_from_end(n // 3, 'business day')} of {_quarter_months(n % 3)}"
    ),
    "weekday_of_month_yearly": lambda n: (
        f"{ordinal(n // 12 // WEEK + 1)} {WEEKDAYS[n // 12 % WEEK]} of {MONTHS[n % 12]}"
    ),
    "last_weekday_of_month_yearly": lambda n: f"last {WEEKDAYS[n // 12]} of {MONTHS[n % 12]}",
}
