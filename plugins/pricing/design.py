"""Daily sales as the columns that demand is learned from."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]

WEEKDAY_DAYS = 14
"""Days of history from which on weekdays are told apart."""
TREND_DAYS = 28
"""Days of history from which on there is a trend."""
MOST_CATEGORIES = 20
FEWEST_ROWS = 3
"""Rows of a category for a column of its own."""


class Sales(NamedTuple):
    """Rows of sales, in any order.

    Attributes:
        day: (n,) ordinals of days.
        price: (n,) in currency, above 0.
        units: (n,) sold, 0 or more.
        numbers: name to (n,), NaN where there is none.
        texts: name to n categories, None where there is none.
    """

    day: Ints
    price: Floats
    units: Floats
    numbers: Mapping[str, Floats]
    texts: Mapping[str, Sequence[str | None]]


class Design(NamedTuple):
    """Sales by day, and what demand is learned from.

    Attributes:
        day, price, units: (n,) ascending by day.
        controls: (n, d) what else there is, each column varying.
        now: (m, d) the same on the days to price: one for each weekday that there were sales on.
        names: of the d columns.
        unseen: columns of text whose value now was never seen.
    """

    day: Ints
    price: Floats
    units: Floats
    controls: Floats
    now: Floats
    names: tuple[str, ...]
    unseen: tuple[str, ...]


def merged(sales: Sales) -> Sales:
    """Rows in an order of their own, by day; those that differ in nothing but units add up to one."""
    texts = {
        name: ["" if text is None else "=" + text for text in column] for name, column in sales.texts.items()
    }
    keys: list[NDArray[np.generic]] = [np.asarray(column) for column in (sales.day, sales.price)]
    keys += [np.nan_to_num(sales.numbers[name], nan=-np.inf) for name in sorted(sales.numbers)]
    keys += [np.unique(texts[name], return_inverse=True)[1] for name in sorted(texts)]
    order = np.lexsort((sales.units, *keys[::-1]))
    columns = [key[order] for key in keys]
    new = np.ones(len(order), np.bool_)
    new[1:] = np.any([column[1:] != column[:-1] for column in columns], axis=0)
    group = np.cumsum(new) - 1
    first = order[new]
    return Sales(
        sales.day[first],
        sales.price[first],
        np.bincount(group, sales.units[order]).astype(np.float64),
        {name: column[first] for name, column in sales.numbers.items()},
        {name: [column[place] for place in first.tolist()] for name, column in sales.texts.items()},
    )


def last_price(sales: Sales) -> float:
    """The price of the last day; of several, the one that most units went for, then the lowest."""
    last = sales.day == sales.day.max()
    return float(min(zip(-sales.units[last], sales.price[last], strict=True))[1])


def design(sales: Sales, now: Mapping[str, float | str | None], logs: Sequence[str] = ()) -> Design:
    """Columns of sales.

    What is missing is carried forward from the day before it, at the start backward. A column that is missing
    in more than half of the rows, or never changes, is left out.

    Args:
        sales: as :func:`merged` gives them.
        now: name to its value on the days to price; what is not named stays as it was last.
        logs: names of numbers to take logarithms of, after adding 1 if one of them is 0.
    """
    days = np.unique(sales.day)
    weekdays = np.unique(days % 7) if len(days) >= WEEKDAY_DAYS else days[-1:] % 7
    columns: dict[str, Floats] = {}
    later: dict[str, Floats] = {}

    def add(name: str, column: Floats, value: Floats | float) -> None:
        if np.ptp(column) > 0:
            columns[name] = column
            later[name] = np.broadcast_to(np.asarray(value, np.float64), len(weekdays))

    if len(weekdays) > 1:
        for weekday in weekdays.tolist()[1:]:  # the first one is what the others differ from
            add(f"weekday={weekday}", (sales.day % 7 == weekday) * 1.0, (weekdays == weekday) * 1.0)
    if len(days) >= TREND_DAYS:
        add("trend", (sales.day - days[0]) / 365.25, (days[-1] + 1 - days[0]) / 365.25)
    for name in sorted(sales.numbers):
        column = sales.numbers[name]
        if 2 * np.isnan(column).sum() > len(column):
            continue
        column = _carried(column)
        given = now.get(name)
        value = float(column[-1] if given is None else given)
        if name in logs:
            shift = 1.0 if min(column.min(), value) <= 0 else 0.0
            column, value = np.log(column + shift), float(np.log(value + shift))
        add(name, column, value)
    unseen = []
    for name in sorted(sales.texts):
        seen = sales.texts[name]
        known = [text for text in seen if text is not None]
        if 2 * len(known) < len(seen):
            continue
        value_now = now.get(name)
        text_now = known[-1] if value_now is None else str(value_now)
        if text_now not in known:
            unseen.append(name)
        counts = {text: known.count(text) for text in sorted(set(known))} if len(set(known)) <= 1000 else {}
        often = sorted(
            (text for text in counts if counts[text] >= FEWEST_ROWS), key=lambda text: -counts[text]
        )
        for text in often[len(often) == len(counts) : MOST_CATEGORIES]:
            add(f"{name}={text}", np.array([1.0 * (one == text) for one in seen]), 1.0 * (text == text_now))
    n, m = len(sales.day), len(weekdays)
    return Design(
        sales.day,
        sales.price,
        sales.units,
        np.column_stack(list(columns.values())) if columns else np.zeros((n, 0)),
        np.column_stack(list(later.values())) if later else np.zeros((m, 0)),
        tuple(columns),
        tuple(unseen),
    )


def _carried(column: Floats) -> Floats:
    """Gaps filled by the value before them, those at the start by the first value."""
    known = np.flatnonzero(~np.isnan(column))
    place = np.searchsorted(known, np.arange(len(column)), side="right") - 1
    return column[known[np.maximum(place, 0)]]
