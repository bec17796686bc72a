"""Sentences of the forecast."""

from __future__ import annotations

import datetime
from functools import lru_cache
from typing import Literal, NamedTuple

from abintel.wording import Lang, date, money, number, percent
from plugins.clv.history.histories import Basis
from plugins.clv.tiers import TIERS, Tier
from plugins.clv.words import TEXTS

Choice = Literal[
    "lowest", "judged", "likeliest", "asked", "asked_unjudged", "only", "only_unjudged", "baseline"
]
RECENT_DAYS = 30
"""Since the last order: who bought so lately is not to be won back."""


class Setting(NamedTuple):
    """What the sentences of all customers of an answer share.

    Attributes:
        months: of the horizon.
        basis: what the money is.
        high, medium: lower bounds of the tiers, in currency.
        algorithm: name of the one that answers, never translated.
        choice: why it answers.
        mae: its mean absolute error, in currency; None if it could not be judged.
        rate_annual: discount, 0.1 for 10 % a year.
        lang, currency: of the sentences.
    """

    months: int
    basis: Basis
    high: float
    medium: float
    algorithm: str
    choice: Choice
    mae: float | None
    rate_annual: float
    lang: Lang
    currency: str


class Writer:
    """Writes the sentences of an answer; what its customers share is written once."""

    def __init__(self, setting: Setting) -> None:
        self._setting = setting
        self._words = words = TEXTS[setting.lang]
        lang, months = setting.lang, words.count("forecast.months", setting.months)
        self._endings = words.choices("forecast.ending")
        self._by_tier = {
            tier: {
                "basis": words.say(f"forecast.basis.{setting.basis}"),
                "months": months,
                "tier": words.say(f"tier.{tier}"),
            }
            for tier in TIERS
        }
        discount = ""
        if setting.rate_annual:
            decimals = len(f"{100 * setting.rate_annual:.4f}".rstrip("0").partition(".")[2])
            discount = words.say("forecast.discount", rate=percent(setting.rate_annual, decimals, lang))
        self._shared = {
            "basis": words.say(f"forecast.whole_basis.{setting.basis}"),
            "months": months,
            "discount": discount,
        }
        mae = "" if setting.mae is None else number(setting.mae, 2, lang)
        self._chosen = words.say(f"forecast.choice.{setting.choice}", mae=mae)
        cuts = {"high": self._cut(setting.high), "medium": self._cut(setting.medium)}
        self._cuts = words.say("forecast.cuts", **cuts)

    def interpretation(self, customer_id: str, value: float, tier: Tier, idle: float) -> str:
        """The forecast in a sentence, and what to do about it; `idle` is the days since the last order."""
        amount = money(value, 0, self._setting.lang, self._setting.currency)
        ending: str = tier
        if value < 0:
            ending = "loss"
        elif tier == "Low" and idle <= RECENT_DAYS:
            ending = "recent"
        return self._words.say(
            "forecast.summary",
            id=customer_id,
            value=amount,
            ending=self._endings[ending],
            **self._by_tier[tier],
        )

    def explanations(
        self,
        txns: float,
        per_order: float,
        alive: float | None,
        churned: bool,
        churn_date: datetime.date | None,
        leaves: bool,
    ) -> dict[str, str]:
        """A sentence on each figure of a forecast, by the figure's name.

        Args:
            txns: expected orders.
            per_order: value of one, in currency.
            alive: probability of still being a customer.
            churned: whether the customer has left.
            churn_date: day of cancellation, where it is known.
            leaves: whether that day lies within the horizon.
        """
        lang = self._setting.lang
        span = "until" if leaves else "whole"
        if churned:
            span = "churned" if churn_date is None else "left"
        day = "" if churn_date is None else date(churn_date, lang)
        orders = {
            "txns": number(txns, 2, lang),
            "each": money(per_order, 2, lang, self._setting.currency),
        }
        return {
            "predicted_clv": self._words.say(f"forecast.value.{span}", date=day, **self._shared),
            "predicted_txns": self._words.say("forecast.txns", **orders),
            "p_alive": _alive(None if alive is None else round(alive, 2), lang),
            "algorithm_used": self._chosen,
            "clv_tier": self._cuts,
        }

    def _cut(self, cut: float) -> str:
        decimals = 0 if float(cut).is_integer() else 2
        return money(cut, decimals, self._setting.lang, self._setting.currency)


@lru_cache(1 << 10)
def _alive(share: float | None, lang: Lang) -> str:
    if share is None:
        return TEXTS[lang].say("forecast.alive.unknown")
    return TEXTS[lang].say("forecast.alive.known", share=percent(share, 0, lang))
