"""Warnings about a recommended price."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from abintel.endpoint import Call
from abintel.wording import money, number, percent
from plugins.pricing.priced import Priced
from plugins.pricing.words import TEXTS

MOST_ERROR = 0.2
"""Above this error, the API reference asks for more history."""
FEWEST_HELD_OUT = 8

WARNINGS: Mapping[str, str] = {
    "duplicates_merged": "Rows differ in nothing but units_sold; their units were added up.",
    "extrapolated": "The best price lies outside the prices of the history.",
    "small_sample": "The error is measured on fewer than 8 rows.",
    "low_accuracy": "The forecasts of the last days were off by more than 20 %.",
    "no_price_effect": "The history does not show that demand falls when the price rises.",
    "prices_follow_demand": "Prices rose after weeks of high demand: their effect may be understated.",
    "sold_out": "Stock ran out on some rows: their units count as a lower bound of demand.",
    "loss_making": "The best price loses money; a candidate that would not is named.",
    "edge_of_grid": "The best price is the lowest or highest of those that may win.",
    "cadence": "The rows are a week or a month apart: expected figures are those of a week or a month.",
    "unseen_category": "A segment or category of now is not in the history.",
    "stock_limit": "Demand at the best price exceeds the stock.",
}


def warn(call: Call, priced: Priced, request: Any) -> None:
    """Adds the warnings that apply.

    Args:
        call: the call to warn.
        priced: the figures.
        request: cost, goal and stock.
    """
    words, lang, design = TEXTS[call.lang], call.lang, priced.design
    step = words.say(f"per.{design.step}")

    def add(code: str, key: str | None = None, **figures: Any) -> None:
        call.warn(code, words.say(f"warning.{key or code}", **figures))

    held_out, units = priced.contest.held_out, priced.units[priced.best]
    if priced.outside:
        low, high = design.price.min(), design.price.max()
        add("extrapolated", low=_plain(low, call), high=_plain(high, call))
    if held_out < FEWEST_HELD_OUT:
        add("small_sample", rows=held_out, fewest=FEWEST_HELD_OUT)
    if priced.contest.error > MOST_ERROR:
        add("low_accuracy", error=percent(priced.contest.error, 0, lang))
    if priced.no_effect:
        add("no_price_effect")
    if priced.follows:
        add("prices_follow_demand")
    if design.sold_out.any():
        add("sold_out", rows=int(design.sold_out.sum()), all=len(design.sold_out))
    if priced.loses:
        call.warn("loss_making", " ".join(_losses(call, priced, request.cost_per_unit, step)))
    elif priced.end is not None and not priced.outside:
        add("edge_of_grid", f"edge_{priced.end}")
    if design.step != "daily":
        add("cadence", unit=words.say(f"unit.{design.step}"))
    if design.unseen:
        add("unseen_category", names=", ".join(design.unseen))
    stock = request.inventory_level_current
    if stock is not None and units > stock:
        add("stock_limit", step=step, units=number(units, 0, lang), stock=stock)


def _losses(call: Call, priced: Priced, cost: float, step: str) -> list[str]:
    """That the best price loses money, and which candidate would not."""
    words, best = TEXTS[call.lang], priced.best
    earned = money(float(priced.profit[best]), 2, call.lang, call.currency)
    profitable = priced.profitable
    allowed = priced.profit[priced.choice.ranked]
    if profitable is not None and (allowed > 0).any():  # revenue is maximised
        price = float(priced.prices[priced.choice.ranked[int(allowed.argmax())]])
        return [words.say("warning.winner_loses", earned=earned, step=step, price=_plain(price, call))]
    first = words.say("warning.loss_making", earned=earned, step=step, cost=_plain(cost, call))
    if profitable is None:
        return [first, words.say("warning.no_profitable", cost=_plain(cost, call))]
    number_of = priced.prices.tolist().index(profitable)
    excluded = priced.choice.low_margin[number_of] or priced.choice.deep_discount[number_of]
    reason = words.say("reason.guardrail" if excluded else "reason.extrapolated")
    return [first, words.say("warning.profitable", price=_plain(profitable, call), reason=reason)]


def _plain(amount: float, call: Call) -> str:
    return money(float(amount), 2, call.lang, call.currency)
