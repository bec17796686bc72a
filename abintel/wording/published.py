"""Formats that a published sentence fixes, against the rule of :mod:`abintel.wording.formats`."""

from __future__ import annotations

from decimal import Decimal

from abintel.wording.formats import marks, money, number
from abintel.wording.locales import Lang


def ungrouped(value: float, decimals: int, lang: Lang) -> str:
    """A figure of a forecast's sentence: "The average daily revenue forecast is 1105.02."

    >>> ungrouped(1105.0178, 2, "en"), ungrouped(1105.0178, 2, "pt"), ungrouped(-0.001, 2, "en")
    ('1105.02', '1105,02', '0.00')
    """
    return number(value, decimals, lang).replace(marks(lang).group, "")


def as_sent(value: float, lang: Lang, currency: str | None) -> str:
    """A competitor's price with the decimals that it was sent with: "given today’s competitor price (94.0)".

    >>> as_sent(94.0, "en", None), as_sent(1094.25, "pt", "R$"), as_sent(1e15, "en", None)
    ('94.0', 'R$\\xa01.094,25', '1,000,000,000,000,000.0')
    """
    decimals = -int(Decimal(repr(float(value))).as_tuple().exponent)
    return money(value, max(decimals, 1), lang, currency)
