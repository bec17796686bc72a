"""Invented customers of the routes' examples: enough of them with an outcome to train on."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

CUSTOMERS = 60
WITH_OUTCOME = 45

Drawn = tuple[dict[str, Any], float]
"""A customer's features, and how much these draw them to the outcome: up to −1 never, above 0 always."""


def customers(first: int, label: str, describe: Callable[[int], Drawn]) -> list[dict[str, Any]]:
    """The customers; the first of them have a label, in which luck has a part.

    Args:
        first: number in the first ``customer_id``.
        label: name of the label's field.
        describe: the customer of a number, from 0 on.
    """
    rows = []
    for number in range(CUSTOMERS):
        features, drawn = describe(number)
        row: dict[str, Any] = {"customer_id": f"C-{first + number}", "features": features}
        if number < WITH_OUTCOME:
            luck = (number * 53 % 47) / 47
            row[label] = int(drawn + luck > 0)
        rows.append(row)
    return rows
