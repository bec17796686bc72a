"""Checks that no schema can make, shared by all areas."""

from __future__ import annotations

import datetime
from collections.abc import Callable, Iterator, Sequence
from typing import Any

from abintel.endpoint import Call
from abintel.faults import shown
from abintel.problem import Fault, pointer


def duplicates(
    values: Sequence[Any],
    array: str,
    member: str | None = None,
    thing: str = "customer",
    show: Callable[[Any], str] = shown,
) -> Iterator[Fault]:
    """A fault for every value of an array that an earlier row has.

    Args:
        values: (n,) hashable, what must be unique.
        array: name of the array in the request.
        member: name of the value in each row; None if the rows are the values.
        thing: what a row describes.
        show: writes a value into the message.

    >>> [fault] = duplicates(["a", "b", "a"], "customers", "id")
    >>> fault.pointer, fault.message
    ('/customers/2/id', "'a' is already at /customers/0; send each customer once.")
    """
    if len(set(values)) == len(values):
        return
    first_row: dict[Any, int] = {}
    for row, value in enumerate(values):
        first = first_row.setdefault(value, row)
        if first != row:
            parts = (array, row) if member is None else (array, row, member)
            message = f"{show(value)} is already at {pointer(array, first)}; send each {thing} once."
            yield Fault(pointer(*parts), message)


def last_day(call: Call) -> datetime.date:
    """The last day that history may have: one day after the server's, for callers in eastern time zones."""
    return call.today + datetime.timedelta(days=1)


def in_future(value: str | datetime.date, call: Call) -> str:
    """The message about a date after :func:`last_day`."""
    return f"{value} is after the server's date, {call.today}, by more than a day; send history only."


def future_days(
    days: Sequence[datetime.date | None] | Sequence[str], array: str, member: str, call: Call
) -> Iterator[Fault]:
    """A fault for every row of an array whose day is after :func:`last_day`.

    Args:
        days: (n,) dates, or the ISO 8601 texts of all of them; None where a row has none.
        array: name of the array in the request.
        member: name of the day in each row.
        call: its clock counts.
    """
    limit: Any = last_day(call)
    if days and isinstance(days[0], str):
        limit = limit.isoformat()
    for row, day in enumerate(days):
        if day is not None and day > limit:
            yield Fault(pointer(array, row, member), in_future(day, call))
