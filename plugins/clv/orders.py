"""Orders as the value routes take them, and the warnings that both routes give about them."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray
from pydantic import Field

from abintel.endpoint import Call
from abintel.fields import Amount, Body, Day, Identifier
from plugins.clv.history.histories import Basis, Occasions, occasions, order_values
from plugins.shared.orders import add_up, order_numbers, transaction_columns

SHORTEST_DAYS = 180
"""Six months of history: what the API reference asks for, 4.1.5."""

WARNINGS = {
    "short_history": "The oldest order is less than 180 days old.",
    "partial_costs": "Some orders have a cost and some do not: values are revenue, not margin.",
    "not_positive": "Some customers have a monetary value of 0 or less, which Gamma-Gamma leaves out.",
}


class ClvTransaction(Body):
    """An order."""

    date: Day = Field(description="Day of the order; orders of one day count as one purchase.")
    amount: Amount = Field(description="Revenue of the order, gross or net.")
    cost: Amount | None = Field(None, description="Cost of the goods; margin is used if every order has it.")
    transaction_id: Identifier | None = Field(
        None, description="Order id; rows of a customer that share it are lines of one order."
    )


class Orders(NamedTuple):
    """What customers bought.

    Attributes:
        bought: as purchase occasions.
        basis: what their value is.
        rows: how many orders.
        uncosted: how many of them have no cost.
    """

    bought: Occasions
    basis: Basis
    rows: int
    uncosted: int


def read(customers: Sequence[Any]) -> Orders:
    """The orders of customers, each with at least one."""
    lines = transaction_columns(customers)
    costs = np.array([row.cost for customer in customers for row in customer.transactions], dtype=float)
    values, basis = order_values(lines.amounts, costs)
    orders = add_up(lines._replace(amounts=values), order_numbers(customers))
    return Orders(occasions(*orders), basis, len(costs), int(np.isnan(costs).sum()))


def warn_of_history(call: Call, span: int) -> None:
    """Warns if the first order is less than six months old."""
    if span < SHORTEST_DAYS:
        call.warn(
            "short_history",
            f"The first order is {span} days old; value models want {SHORTEST_DAYS} days of history or more.",
        )


def warn_of_costs(call: Call, orders: Orders, what: str) -> None:
    """Warns if only some orders have a cost; `what` begins the sentence about the values that are revenue."""
    if 0 < orders.uncosted < orders.rows:
        call.warn(
            "partial_costs",
            f"{orders.uncosted} of {orders.rows} orders have no cost: {what} revenue for every customer.",
        )


def warn_of_values(call: Call, values: NDArray[np.float64]) -> None:
    """Warns if Gamma-Gamma leaves customers out."""
    unusable = int((values <= 0).sum())
    if unusable:
        call.warn(
            "not_positive",
            f"{unusable} of {len(values)} customers have a monetary_value of 0 or less: "
            "Gamma-Gamma models leave them out.",
        )
