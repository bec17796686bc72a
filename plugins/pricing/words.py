"""The recommendation as a sentence, in three languages."""

from __future__ import annotations

from collections.abc import Mapping
from typing import NamedTuple

from abintel.fields import Lang

_TURNED = str.maketrans(",.", ".,")


class Told(NamedTuple):
    """What the sentence says.

    Attributes:
        price: the best price.
        profit: whether profit is maximised; else revenue.
        earned: what the best price earns per day.
        next_price, next_earned: the same of the next-best price, None if there is none.
        competitor: the rival's price, None if none is known.
        competitor_now: whether it was sent for now, and not taken from the history.
        inventory: units in stock, None if not known.
    """

    price: float
    profit: bool
    earned: float
    next_price: float | None
    next_earned: float | None
    competitor: float | None
    competitor_now: bool
    inventory: int | None


_MAXIMISES: Mapping[Lang, tuple[str, str]] = {
    "en": ("Setting the price at {} maximises REVENUE", "Setting the price at {} maximises PROFIT"),
    "es": ("Fijar el precio en {} maximiza los INGRESOS", "Fijar el precio en {} maximiza el BENEFICIO"),
    "pt": ("Definir o preço em {} maximiza a RECEITA", "Definir o preço em {} maximiza o LUCRO"),
}
_VERSUS: Mapping[Lang, str] = {
    "en": ": {gain} versus the next-best option ({price})",
    "es": ": {gain} frente a la siguiente mejor opción ({price})",
    "pt": ": {gain} em relação à segunda melhor opção ({price})",
}
_GIVEN: Mapping[Lang, str] = {"en": " given {}", "es": ", dados {}", "pt": ", considerando {}"}
_AND: Mapping[Lang, str] = {"en": " and ", "es": " y ", "pt": " e "}
_COMPETITOR: Mapping[Lang, tuple[str, str]] = {
    "en": ("the last competitor price seen ({})", "today’s competitor price ({})"),
    "es": ("el último precio visto de la competencia ({})", "el precio de la competencia de hoy ({})"),
    "pt": ("o último preço visto do concorrente ({})", "o preço do concorrente de hoje ({})"),
}
_INVENTORY: Mapping[Lang, tuple[str, str]] = {
    "en": ("inventory level (1 unit)", "inventory level ({} units)"),
    "es": ("el nivel de inventario (1 unidad)", "el nivel de inventario ({} unidades)"),
    "pt": ("o nível de estoque (1 unidade)", "o nível de estoque ({} unidades)"),
}


def interpret(told: Told, lang: Lang, currency: str | None) -> str:
    """The sentence of section 4.2.8; what is not known is left out of it."""
    text = _MAXIMISES[lang][told.profit].format(_money(told.price, lang, currency))
    if told.next_price is not None and told.next_earned is not None:
        gain = _gain(told.earned, told.next_earned, lang, currency)
        text += _VERSUS[lang].format(gain=gain, price=_money(told.next_price, lang, currency))
    known = []
    if told.competitor is not None:
        price = _plain(told.competitor, lang)
        known.append(_COMPETITOR[lang][told.competitor_now].format(_signed(price, lang, currency)))
    if told.inventory is not None:
        known.append(_INVENTORY[lang][told.inventory != 1].format(told.inventory))
    if known:
        text += _GIVEN[lang].format(_AND[lang].join(known))
    return text + "."


def _gain(earned: float, other: float, lang: Lang, currency: str | None) -> str:
    """In percent; in money where there is nothing to take percents of."""
    if other > 0 and earned / other < 100:
        text = f"+{earned / other - 1:.1%}"
        return text if lang == "en" else text.translate(_TURNED)
    return "+" + _money(earned - other, lang, currency)


def _money(value: float, lang: Lang, currency: str | None) -> str:
    """Without thousands marks, as published.

    >>> _money(79, "en", None), _money(1079.9, "pt", "R$"), _money(79, "es", "EUR")
    ('79.00', 'R$ 1079,90', 'EUR 79,00')
    """
    text = f"{value:.2f}"
    return _signed(text if lang == "en" else text.translate(_TURNED), lang, currency)


def _plain(value: float, lang: Lang) -> str:
    text = str(float(value))
    return text if lang == "en" else text.translate(_TURNED)


def _signed(text: str, lang: Lang, currency: str | None) -> str:
    if currency is None:
        return text
    apart = " " if lang == "pt" or any(map(str.isalpha, currency)) else ""
    return f"{currency}{apart}{text}"
