"""Numbers as each language writes them."""

from __future__ import annotations

from typing import NamedTuple


class Format(NamedTuple):
    """The marks of a language: thousands, decimals, and which currency signs touch the amount."""

    thousands: str
    decimal: str
    touching: str
    """Signs without a space after them: ``symbols`` (no letters: $2,577, €2,577), ``dollar``, or ``none``."""


FORMATS = {
    "en": Format(",", ".", "symbols"),
    "es": Format(".", ",", "dollar"),
    "pt": Format(".", ",", "none"),
}


def number(value: float, decimals: int, lang: str) -> str:
    """A number with its thousands apart: 2,577.37 in English, 2.577,37 in Spanish and Portuguese."""
    marks = FORMATS[lang]
    plain = f"{value + 0.0:,.{decimals}f}"
    if plain.strip("-0.,") == "":
        plain = plain.lstrip("-")
    return plain.translate(str.maketrans(",.", marks.thousands + marks.decimal))


def money(value: float, decimals: int, lang: str, currency: str | None) -> str:
    """An amount after its currency sign: $2,577, R$ 2.577, € 2.577; without a sign the bare number."""
    amount = number(value, decimals, lang)
    sign = (currency or "").strip()
    if not sign:
        return amount
    rule = FORMATS[lang].touching
    touches = (rule == "symbols" and not any(map(str.isalpha, sign))) or (rule == "dollar" and sign == "$")
    return f"{sign}{amount}" if touches else f"{sign} {amount}"


def percent(value: float, lang: str) -> str:
    """A percentage with one decimal: 40.7%, or 40,7%."""
    return f"{number(value, 1, lang)}%"
