"""Daily sales as the columns that demand is learned from."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from plugins.pricing import rhythm, sold_out

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]
Bools = NDArray[np.bool_]
Column = tuple[str, Floats, Floats | float]
"""Name, past values (n,), and present value or values (weekdays,)."""

STOCK = "inventory_level"
WEEKDAY_DAYS = 14
"""Days of history from which weekdays are distinguished."""
TREND_DAYS = 28
"""Days of history from which a trend is fitted."""
MOST_CATEGORIES = 20
"""Columns of one text column at most."""
FEWEST_ROWS = 3
"""Rows that a category must have for its own column."""


class Sales(NamedTuple):
    """Rows of sales, in any order.

    Attributes:
        day: (n,) ordinals of days.
        price: (n,) in currency, more than 0.
        units: (n,) units sold, 0 or more.
        numbers: (n,) numbers by name of the column, NaN if missing.
        texts: n categories by name of the column, None if missing.
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
        controls: (n, d) all other columns; none of them is constant.
        now: (m, d) the same on the days to price: one row for each weekday with sales.
        names: names of the d columns.
        sold_out: (n,) whether the stock ran out, so that units are a lower bound of demand.
        step: what a row stands for.
        unseen: text columns whose present value is not in the history.
    """

    day: Ints
    price: Floats
    units: Floats
    controls: Floats
    now: Floats
    names: tuple[str, ...]
    unseen: tuple[str, ...]
    sold_out: Bools
    step: rhythm.Step


def merged(sales: Sales) -> Sales:
    """Rows in a fixed order, by day. Rows that differ only in their units become one row with their sum."""
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
        {name: [column[row] for row in first.tolist()] for name, column in sales.texts.items()},
    )


def last_price(sales: Sales) -> float:
    """The price of the last day; of several prices, the one with the most units, then the lowest."""
    on_last_day = sales.day == sales.day.max()
    return float(min(zip(-sales.units[on_last_day], sales.price[on_last_day], strict=True))[1])


def design(sales: Sales, now: Mapping[str, float | str | None], logs: Sequence[str] = ()) -> Design:
    """Columns of sales.

    Rows that are a week or a month apart have no weekdays. Stock is no column if it ran out.

    A missing value is filled with the one before it, and at the start with the first one. A column is left
    out if it is constant, or if more than half of its values are missing.

    Args:
        sales: as :func:`merged` returns them.
        now: values on the days to price, by column. Other columns keep their last value.
        logs: numeric columns to take logarithms of; 1 is added first if the column has a 0.
    """
    days = np.unique(sales.day)
    step = rhythm.step(days)
    several = step == "daily" and len(days) >= WEEKDAY_DAYS
    weekdays = np.unique(days % 7) if several else days[-1:] % 7
    ended = np.zeros(len(sales.day), np.bool_)
    if STOCK in sales.numbers:
        ended = sold_out.days(sales.day, sales.units, sales.numbers[STOCK])
    if ended.any():
        # On these days the stock is the number of units sold, so it would explain what it cuts off.
        sales = sales._replace(
            numbers={name: column for name, column in sales.numbers.items() if name != STOCK}
        )
    unseen: list[str] = []
    past: dict[str, Floats] = {}
    present: dict[str, Floats] = {}
    for name, column, value in (
        *_calendar(sales.day, days, weekdays),
        *_numbers(sales, now, logs),
        *_categories(sales, now, unseen),
    ):
        if np.ptp(column) > 0:
            past[name] = column
            present[name] = np.broadcast_to(np.asarray(value, np.float64), len(weekdays))
    return Design(
        day=sales.day,
        price=sales.price,
        units=sales.units,
        controls=np.column_stack(list(past.values())) if past else np.zeros((len(sales.day), 0)),
        now=np.column_stack(list(present.values())) if present else np.zeros((len(weekdays), 0)),
        names=tuple(past),
        unseen=tuple(unseen),
        sold_out=ended,
        step=step,
    )


def _calendar(day: Ints, days: Ints, weekdays: Ints) -> Iterator[Column]:
    """Indicators of the weekdays, compared with the first one, and the trend in years."""
    for weekday in weekdays.tolist()[1:]:
        yield f"weekday={weekday}", (day % 7 == weekday) * 1.0, (weekdays == weekday) * 1.0
    if len(days) >= TREND_DAYS:
        yield "trend", (day - days[0]) / 365.25, (days[-1] + 1 - days[0]) / 365.25


def _numbers(sales: Sales, now: Mapping[str, float | str | None], logs: Sequence[str]) -> Iterator[Column]:
    for name in sorted(sales.numbers):
        column = sales.numbers[name]
        if 2 * np.isnan(column).sum() > len(column):
            continue
        column = _filled(column)
        sent = now.get(name)
        value = float(column[-1] if sent is None else sent)
        if name in logs:
            shift = 1.0 if min(column.min(), value) <= 0 else 0.0
            column, value = np.log(column + shift), float(np.log(value + shift))
        yield name, column, value


def _categories(sales: Sales, now: Mapping[str, float | str | None], unseen: list[str]) -> Iterator[Column]:
    """Indicators of the frequent categories of each text column.

    If all categories are frequent, the most frequent one is what the others are compared with. Otherwise the
    rare ones are, together.

    Args:
        unseen: receives the columns whose present category is not in the history.
    """
    for name in sorted(sales.texts):
        texts = sales.texts[name]
        known = [text for text in texts if text is not None]
        if 2 * len(known) < len(texts):
            continue
        sent = now.get(name)
        text_now = known[-1] if sent is None else str(sent)
        if text_now not in known:
            unseen.append(name)
        distinct = sorted(set(known))
        counts = {text: known.count(text) for text in distinct} if len(distinct) <= 1000 else {}
        frequent = sorted(
            (text for text in counts if counts[text] >= FEWEST_ROWS), key=lambda text: -counts[text]
        )
        for category in frequent[len(frequent) == len(counts) : MOST_CATEGORIES]:
            column = np.array([1.0 * (text == category) for text in texts])
            yield f"{name}={category}", column, 1.0 * (text_now == category)


def _filled(column: Floats) -> Floats:
    """Missing values filled with the value before them, and at the start with the first one.

    >>> _filled(np.array([np.nan, 1.0, np.nan, 3.0])).tolist()
    [1.0, 1.0, 1.0, 3.0]
    """
    known = np.flatnonzero(~np.isnan(column))
    previous = np.searchsorted(known, np.arange(len(column)), side="right") - 1
    return column[known[np.maximum(previous, 0)]]
