"""The recommendation as a sentence."""

from __future__ import annotations

from typing import NamedTuple

from abintel.wording import Lang, Texts, list_of, money, paragraph, percent
from abintel.wording.published import as_sent

TEXTS = Texts("pricing")


class Told(NamedTuple):
    """What the sentence says.

    Attributes:
        price: the best price.
        profit: whether profit is maximised; else revenue.
        earned: profit or revenue of the best price per day.
        next_price, next_earned: the next-best price and what it earns, None if there is none.
        competitor: the rival's price, None if not known.
        competitor_now: whether it was sent; else it is the last one of the history.
        inventory: units in stock, None if not known.
        step: what a row of the history stands for.
        sure: whether the history shows that the price has an effect, so that a gain may be named.
        loses: whether the best price earns less than nothing.
        outside: whether the best price lies outside the prices of the history.
    """

    price: float
    profit: bool
    earned: float
    next_price: float | None
    next_earned: float | None
    competitor: float | None
    competitor_now: bool
    inventory: int | None
    step: str = "daily"
    sure: bool = True
    loses: bool = False
    outside: bool = False


def interpret(told: Told, lang: Lang, currency: str | None) -> str:
    """The sentence of section 4.2.8, without what is not known."""
    words = TEXTS[lang]
    comparison = ""
    promised = told.sure and not told.loses and not told.outside
    if promised and told.next_price is not None and told.next_earned is not None:
        comparison = words.say(
            "comparison",
            gain=_gain(told.earned, told.next_earned, lang, currency),
            price=money(told.next_price, 2, lang, currency),
        )
    known = []
    if told.competitor is not None:
        key = "competitor_now" if told.competitor_now else "competitor_in_history"
        known.append(words.say(key, price=as_sent(told.competitor, lang, currency)))
    if told.inventory is not None:
        known.append(words.count("inventory", told.inventory))
    price, goal = money(told.price, 2, lang, currency), "profit" if told.profit else "revenue"
    if told.loses and told.profit:
        earned, step = money(told.earned, 2, lang, currency), words.say(f"per.{told.step}")
        best = words.say("loses", price=price, earned=earned, step=step)
    else:
        best = words.say(f"best.{goal}" if told.sure else f"unsure.{goal}", price=price)
    first = words.say(
        "sentence",
        best=best,
        comparison=comparison,
        context=words.say("context", known=list_of(known, lang)) if known else "",
    )
    return paragraph([first, *([words.say("outside")] if told.outside else [])], lang)


def _gain(earned: float, other: float, lang: Lang, currency: str | None) -> str:
    """The gain in percent; in money if the other price earns nothing, or more than 100 times less."""
    if other > 0 and earned / other < 100:
        return percent(earned / other - 1, 1, lang, signed=True)
    return f"+{money(earned - other, 2, lang, currency)}"
