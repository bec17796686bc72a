"""Formats that a published sentence fixes, against the rule of :mod:`abintel.wording.formats`."""

from __future__ import annotations

from abintel.wording.formats import marks, number
from abintel.wording.locales import Lang


def ungrouped(value: float, decimals: int, lang: Lang) -> str:
    """A figure of a forecast's sentence: "The average daily revenue forecast is 1105.02."

    >>> ungrouped(1105.0178, 2, "en"), ungrouped(1105.0178, 2, "pt"), ungrouped(-0.001, 2, "en")
    ('1105.02', '1105,02', '0.00')
    """
    return number(value, decimals, lang).replace(marks(lang).group, "")
