"""Checks that no schema can make, shared by all areas."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from abintel.faults import shown
from abintel.problem import Fault, pointer


def duplicates(field: str, key: str, values: Sequence[object], thing: str = "customer") -> Iterator[Fault]:
    """A fault for every row of an array whose key an earlier row has.

    Args:
        field: the array.
        key: the member of a row that must be unique.
        values: that member of every row, hashable.
        thing: what a row describes, for the message.

    >>> [fault.message for fault in duplicates("customers", "id", ["a", "b", "a"])]
    ["'a' is already at /customers/0; send each customer once."]
    """
    if len(set(values)) == len(values):
        return
    first_row: dict[object, int] = {}
    for row, value in enumerate(values):
        first = first_row.setdefault(value, row)
        if first != row:
            message = f"{shown(value)} is already at {pointer(field, first)}; send each {thing} once."
            yield Fault(pointer(field, row, key), message)
