"""Orders by customer, as several routes are sent them: their columns, and what no schema can say of them."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from abintel.checks import in_future, last_day
from abintel.endpoint import Call
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
