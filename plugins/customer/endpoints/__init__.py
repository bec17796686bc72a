"""The routes, a file each, and what several of them read or refuse in the same way."""

from __future__ import annotations

import datetime
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from abintel.endpoint import Call
from abintel.faults import shown
from abintel.problem import Fault, pointer


def transaction_columns(
    customers: Sequence[Any],
) -> tuple[NDArray[np.int64], NDArray[np.float64], NDArray[np.int64]]:
    """Days (ordinals) and amounts of all transactions, and how many each customer has."""
    rows = [row for customer in customers for row in customer.transactions]
    return (
        np.fromiter([row.date.toordinal() for row in rows], np.int64, len(rows)),
        np.fromiter([row.amount for row in rows], np.float64, len(rows)),
        np.array([len(customer.transactions) for customer in customers]),
    )


def repeated_customers(customers: Sequence[Any]) -> Iterator[Fault]:
    """A fault for every customer sent again: ``customer_id`` is the key of the answer."""
    first: dict[str, int] = {}
    for i, customer in enumerate(customers):
        known = first.setdefault(customer.customer_id, i)
        if known != i:
            yield Fault(
                pointer("customers", i, "customer_id"),
                f"{shown(customer.customer_id)} is customers[{known}] already; send each customer once.",
            )


def future_transactions(request: Any, call: Call) -> Iterator[Fault]:
    """A fault for every transaction after ``today``; without one, a day is left for time zones."""
    limit = request.today or call.today + datetime.timedelta(days=1)
    said = f"today, {limit}" if request.today else f"the server's date, {call.today}, by more than a day"
    late = [
        i for i, customer in enumerate(request.customers) for row in customer.transactions if row.date > limit
    ]
    for i in dict.fromkeys(late):
        for j, row in enumerate(request.customers[i].transactions):
            if row.date > limit:
                yield Fault(
                    pointer("customers", i, "transactions", j, "date"),
                    f"{row.date} is after {said}; send history only.",
                )


def equal_bounds(member: str, bounds: Mapping[str, float]) -> Iterator[Fault]:
    """A fault for every band that starts where another does: neither could be told from the other."""
    first: dict[float, str] = {}
    for name, bound in bounds.items():
        known = first.setdefault(bound, name)
        if known != name:
            yield Fault(
                pointer(member, name),
                f"{shown(bound)} is the lower bound of {shown(known)} already; give each its own.",
            )
