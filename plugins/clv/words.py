"""Sentences about a customer's history."""

from __future__ import annotations

import datetime
import math
from functools import lru_cache
from typing import NamedTuple

from abintel.wording import Lang, Texts, capital, date, money, paragraph, percent
from plugins.clv.history.histories import Basis
from plugins.clv.tiers import Tier

TEXTS = Texts("clv")
TOP_HALF = 0.5
"""A customer further down than this is not in the top."""
FRESHNESS = {"recent": 30, "moderate": 90, "some": 180}
"""Most days since the last order for each description of it; beyond all it is "long" ago."""


class Figures(NamedTuple):
    """What the sentences on a customer's history say.

    Attributes:
        frequency: repeat purchases.
        recency, age: days from the first purchase to the last one, and to today.
        value: mean value of a repeat purchase, or the value of the only one, in currency.
        top_frequency, top_value: share of the customers who have as much or more, 1/n to 1.
        tier: the potential.
        cut: value from which on a repeat buyer is High.
        others: whether there are other customers to compare with.
    """

    frequency: int
    recency: int
    age: int
    value: float
    top_frequency: float
    top_value: float
    tier: Tier
    cut: float
    others: bool


class Churn(NamedTuple):
    """Why a customer counts as lost, or does not.

    Attributes:
        churned: the flag.
        date: known day of cancellation.
        threshold: days without an order from which on a customer is lost.
        idle: days since the last order.
        lies_ahead: whether `date` is after today.
    """

    churned: bool
    date: datetime.date | None
    threshold: int | None
    idle: int
    lies_ahead: bool


@lru_cache(1 << 14)
def _repeats(count: int, lang: Lang) -> str:
    return TEXTS[lang].count("features.repeats", count)


@lru_cache(1 << 14)
def _days(count: int, lang: Lang) -> str:
    return TEXTS[lang].count("features.days", count)


@lru_cache(1 << 14)
def _standing(figure: str, share: float, lang: Lang) -> str:
    """Where a share of 1/n to 1 puts a customer."""
    if share > TOP_HALF:
        return TEXTS[lang].say(f"features.outside.{figure}")
    # Rounded up: a customer is never said to stand higher. 0.07 × 100 is a little more than 7 in binary.
    whole = math.ceil(share * 100 - 1e-9) / 100
    return TEXTS[lang].say(f"features.top.{figure}", share=percent(whole, 0, lang))


def _bought(figures: Figures) -> str:
    return "repeat" if figures.frequency else "once"


def interpretation(customer_id: str, figures: Figures, basis: Basis, lang: Lang, currency: str) -> str:
    """The history in a sentence, and what to do about it."""
    words, bought = TEXTS[lang], _bought(figures)
    return words.say(
        f"features.summary.{bought}",
        id=customer_id,
        repeats=_repeats(figures.frequency, lang),
        days=_days(figures.recency, lang),
        label=words.say(f"features.label.{basis}.{bought}"),
        value=money(figures.value, 0, lang, currency),
        tier=words.say(f"tier.{figures.tier}"),
        ending=words.say(f"features.ending.{'loss' if figures.value < 0 else figures.tier}"),
    )


def explanations(figures: Figures, churn: Churn, basis: Basis, lang: Lang, currency: str) -> dict[str, str]:
    """A sentence on each figure of a history, by the figure's name."""
    words = TEXTS[lang]
    top_frequency = figures.top_frequency if figures.others and figures.frequency else None
    label = words.say(f"features.label.{basis}.{_bought(figures)}")
    amount = money(figures.value, 2, lang, currency)
    if figures.others:
        standing = _standing("value", figures.top_value, lang)
        value = words.say("features.with_standing.value", label=label, value=amount, standing=standing)
    else:
        value = words.say("features.alone.value", label=label, value=amount)
    return {
        "frequency": _frequency(figures.frequency, top_frequency, lang),
        "recency": _recency(figures, churn.idle, lang),
        "T": _age(figures.age, lang),
        "monetary_value": value,
        "churned": _churned(churn, lang),
        "clv_potential_tier": _overall(figures.tier, figures.cut, lang, currency),
    }


@lru_cache(1 << 14)
def _frequency(count: int, top: float | None, lang: Lang) -> str:
    repeats = capital(_repeats(count, lang))
    if top is None:
        return TEXTS[lang].say("features.alone.frequency", repeats=repeats)
    standing = _standing("frequency", top, lang)
    return TEXTS[lang].say("features.with_standing.frequency", repeats=repeats, standing=standing)


def _recency(figures: Figures, idle: int, lang: Lang) -> str:
    between = _between(figures.recency, lang) if figures.frequency else TEXTS[lang].say("features.only")
    return paragraph((between, _last(idle, lang)), lang)


@lru_cache(1 << 14)
def _between(days: int, lang: Lang) -> str:
    return TEXTS[lang].say("features.between", days=_days(days, lang))


@lru_cache(1 << 14)
def _last(idle: int, lang: Lang) -> str:
    freshness = next((name for name, most in FRESHNESS.items() if idle <= most), "long")
    return TEXTS[lang].say(f"features.last.{freshness}", days=_days(idle, lang))


@lru_cache(1 << 14)
def _age(days: int, lang: Lang) -> str:
    return TEXTS[lang].say("features.age", days=_days(days, lang))


@lru_cache(64)
def _overall(tier: Tier, cut: float, lang: Lang, currency: str) -> str:
    return TEXTS[lang].say(f"features.overall.{tier}", cut=money(cut, 2, lang, currency))


@lru_cache(1 << 14)
def _churned(churn: Churn, lang: Lang) -> str:
    if churn.date is not None and not churn.lies_ahead:
        key = "date"
    elif churn.churned:
        key = "idle"
    elif churn.date is not None:
        key = "ahead"
    else:
        key = "unknown" if churn.threshold is None else "bought"
    return TEXTS[lang].say(
        f"features.churned.{key}",
        date="" if churn.date is None else date(churn.date, lang),
        idle=_days(churn.idle, lang),
        threshold=_days(churn.threshold or 0, lang),
    )
