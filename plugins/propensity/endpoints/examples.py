"""Invented customers of the routes' examples: enough of them with an outcome to train on."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

CUSTOMERS = 60
WITH_OUTCOME = 45

Drawn = tuple[dict[str, Any], float]
"""A customer's features, and a score: the outcome is impossible at −1 and below, and certain above 0."""


def customers(first: int, label: str, describe: Callable[[int], Drawn]) -> list[dict[str, Any]]:
    """The customers; the first 45 have a label that depends on the score and on luck.

    Args:
        first: number in the first ``customer_id``.
        label: name of the label's field.
        describe: the customer of a number, from 0 on.
    """
    rows = []
    for number in range(CUSTOMERS):
        features, score = describe(number)
        row: dict[str, Any] = {"customer_id": f"C-{first + number}", "features": features}
        if number < WITH_OUTCOME:
            luck = (number * 53 % 47) / 47
            row[label] = int(score + luck > 0)
        rows.append(row)
    return rows
