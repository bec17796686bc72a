"""Orders by customer, as several routes are sent them: their columns, and what no schema can say of them."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from abintel.checks import in_future, last_day
from abintel.endpoint import Call
from abintel.problem import Fault, pointer


class OrderColumns(NamedTuple):
    """The orders of n customers, m of them, customer after customer.

    Attributes:
        days: (m,) ordinal of each order's first day.
        amounts: (m,) amount of each order.
        sizes: (n,) how many orders each customer has.
    """

    days: NDArray[np.int64]
    amounts: NDArray[np.float64]
    sizes: NDArray[np.int64]


def transaction_columns(customers: Sequence[Any]) -> OrderColumns:
    """The rows of ``customers[].transactions`` as they were sent, lines of one order not yet added up."""
    rows = [row for customer in customers for row in customer.transactions]
    return OrderColumns(
        np.fromiter([row.date.toordinal() for row in rows], np.int64, len(rows)),
        np.fromiter([row.amount for row in rows], np.float64, len(rows)),
        np.array([len(customer.transactions) for customer in customers]),
    )


def order_numbers(customers: Sequence[Any]) -> NDArray[np.int64] | None:
    """For each row of ``customers[].transactions``, the number of its order; None if each row is an order.

    Rows of one customer that share a ``transaction_id`` are lines of one order. A row without an id is an
    order of its own. Numbers ascend by customer and, within a customer, by the order's first row.
    """
    numbers: list[int] = []
    orders = 0
    for customer in customers:
        ids = [row.transaction_id for row in customer.transactions]
        distinct = set(ids)
        if len(distinct) == len(ids) or distinct == {None}:
            numbers.extend(range(orders, orders + len(ids)))
            orders += len(ids)
            continue
        known: dict[str, int] = {}
        for transaction_id in ids:
            number = orders if transaction_id is None else known.setdefault(transaction_id, orders)
            orders += number == orders
            numbers.append(number)
    return np.array(numbers) if orders < len(numbers) else None


def add_up(lines: OrderColumns, numbers: NDArray[np.int64] | None) -> OrderColumns:
    """Orders from lines: amounts add up, and the order is of its earliest line's day.

    Args:
        lines: a row per line.
        numbers: what :func:`order_numbers` gave for the same customers.
    """
    if numbers is None:
        return lines
    # The first row of each order, to count the orders of each customer.
    _, firsts = np.unique(numbers, return_index=True)
    owners = np.repeat(np.arange(len(lines.sizes)), lines.sizes)
    days = lines.days[firsts]
    np.minimum.at(days, numbers, lines.days)
    sizes = np.bincount(owners[firsts], minlength=len(lines.sizes))
    amounts = np.zeros(len(firsts))
    np.add.at(amounts, numbers, lines.amounts)
    return OrderColumns(days, amounts, sizes)


def future_transactions(request: Any, call: Call) -> Iterator[Fault]:
    """A fault for every transaction after ``today``; without one, a day is left for time zones."""
    limit = request.today or last_day(call)
    late = [
        i for i, customer in enumerate(request.customers) for row in customer.transactions if row.date > limit
    ]
    for i in dict.fromkeys(late):
        for j, row in enumerate(request.customers[i].transactions):
            if row.date > limit:
                message = (
                    f"{row.date} is after today, {limit}; send history only."
                    if request.today
                    else in_future(row.date, call)
                )
                yield Fault(pointer("customers", i, "transactions", j, "date"), message)
