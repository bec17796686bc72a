"""Orders in the bodies of the basket routes: fields, and what no schema can check."""

from __future__ import annotations

from collections.abc import Iterator, Sequence, Set
from itertools import chain
from typing import Annotated, Any

from pydantic import Field

from abintel.faults import shown
from abintel.fields import Body, Day, Identifier
from abintel.problem import Fault, pointer


class BasketOrder(Body):
    """An order."""

    customer_id: Identifier = Field(description="Your key of the customer.")
    items: list[Identifier] = Field(description="The items of the order; each counts once.")
    date: Day | None = Field(None, description="Day of the order; `time_range` needs it.")


BasketOrders = Annotated[list[BasketOrder], Field(min_length=1)]


def folded(category: str) -> str:
    """What categories are compared by: without case and outer spaces.

    >>> folded("Tea ") == folded("tea")
    True
    """
    return " ".join(category.split()).casefold()


def empty_orders(transactions: Sequence[Any]) -> Iterator[Fault]:
    """A fault if no order has an item."""
    if not any(order.items for order in transactions):
        yield Fault("/transactions", "No order has an item; send orders with items.")


def strangers(transactions: Sequence[Any], known: Set[str]) -> Iterator[Fault]:
    """A fault for each item that is not in the catalogue, at its first occurrence."""
    unknown = set(chain.from_iterable(order.items for order in transactions)) - known
    if not unknown:
        return
    for number, order in enumerate(transactions):
        for line, item in enumerate(order.items):
            if item in unknown:
                unknown.discard(item)
                message = f"{shown(item)} is not in item_catalog; add it there, with its category."
                yield Fault(pointer("transactions", number, "items", line), message)
        if not unknown:
            return
