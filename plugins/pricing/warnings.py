"""Warnings about a recommended price."""

from __future__ import annotations

from collections.abc import Mapping

from abintel.endpoint import Call
from plugins.pricing.priced import Priced

MOST_ERROR = 0.2
"""Above this error, the API reference asks for more history."""
FEWEST_HELD_OUT = 8

WARNINGS: Mapping[str, str] = {
    "duplicates_merged": "Rows differ in nothing but units_sold; their units were added up.",
    "extrapolated": "The best price lies outside the prices of the history.",
    "small_sample": "The error is measured on fewer than 8 rows.",
    "low_accuracy": "The forecasts of the last days were off by more than 20 %.",
    "no_price_effect": "The history does not show that demand falls when the price rises.",
    "unseen_category": "A segment or category of now is not in the history.",
    "stock_limit": "A day's demand at the best price exceeds the stock.",
}


def warn(call: Call, priced: Priced, stock: int | None) -> None:
    """Adds the warnings that apply.

    Args:
        call: the call to warn.
        priced: the figures.
        stock: units in stock now, None if not known.
    """
    best = priced.choice.ranked[0]
    low, high = priced.design.price.min(), priced.design.price.max()
    held_out, units = priced.contest.held_out, priced.units[best]
    if priced.choice.extrapolated[best]:
        call.warn(
            "extrapolated",
            f"The best price lies outside the prices of the history, {low:g} to {high:g}: "
            "its demand is a guess from the elasticity.",
        )
    if held_out < FEWEST_HELD_OUT:
        call.warn(
            "small_sample",
            f"The error is measured on {held_out} rows; {FEWEST_HELD_OUT} or more tell something.",
        )
    if priced.contest.error > MOST_ERROR:
        call.warn(
            "low_accuracy",
            f"The forecast of the last days was off by {priced.contest.error:.0%} on average; "
            "send more history.",
        )
    if priced.elasticity is None or priced.elasticity.upper_95 >= 0:
        call.warn("no_price_effect", "The history does not show that demand falls when the price rises.")
    if priced.design.unseen:
        unseen = ", ".join(priced.design.unseen)
        call.warn(
            "unseen_category", f"Never seen in the history, and priced like all others: now's {unseen}."
        )
    if stock is not None and units > stock:
        call.warn(
            "stock_limit",
            f"A day's demand at the best price, {units:.0f} units, exceeds the stock of {stock}: "
            "a higher price may earn more.",
        )
