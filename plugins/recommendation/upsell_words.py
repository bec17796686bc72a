"""Sentences of the upsell route, in three languages."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Protocol

from abintel.fields import Lang

_TURNED = str.maketrans(",.", ".,")

NOTES: Mapping[Lang, Mapping[str, str]] = {
    "en": {
        "unknown": "The customer has no order: there is nothing to build on.",
        "none": "No dearer item suits what was bought: widen the price range or lower min_confidence.",
    },
    "es": {
        "unknown": "El cliente no tiene pedidos: no hay en qué basarse.",
        "none": "Ningún artículo más caro encaja con lo comprado: amplíe el rango de precios o reduzca "
        "min_confidence.",
    },
    "pt": {
        "unknown": "O cliente não tem pedidos: não há em que se basear.",
        "none": "Nenhum item mais caro combina com o que foi comprado: amplie a faixa de preços ou reduza "
        "min_confidence.",
    },
}
_SAME: Mapping[Lang, str] = {
    "en": "A step up from {base}, {more} dearer: {affinity} of the orders with {category} hold it.",
    "es": "Un paso más que {base}, {more} más caro: está en el {affinity} de los pedidos con {category}.",
    "pt": "Um passo acima de {base}, {more} mais caro: está em {affinity} dos pedidos com {category}.",
}
_OTHER: Mapping[Lang, str] = {
    "en": "{other} is bought in {confidence} of the orders with {category}; this item is in {affinity} of "
    "them and {more} dearer than {base}.",
    "es": "{other} se compra en el {confidence} de los pedidos con {category}; este artículo está en el "
    "{affinity} de ellos y es {more} más caro que {base}.",
    "pt": "{other} é comprado em {confidence} dos pedidos com {category}; este item está em {affinity} deles "
    "e é {more} mais caro que {base}.",
}


class Priced(Protocol):
    """An item of the catalogue."""

    item_id: str
    category: str
    price: float


def explanation(
    offered: Priced, owned: Priced, affinity: float, confidence: float, lang: Lang, currency: str | None
) -> str:
    """Why an item is offered to the owner of another."""
    sentence = (_SAME if offered.category == owned.category else _OTHER)[lang]
    return sentence.format(
        base=owned.item_id,
        category=owned.category,
        other=offered.category,
        affinity=share(affinity, lang),
        confidence=share(confidence, lang),
        more=money(offered.price - owned.price, lang, currency),
    )


def share(value: float, lang: Lang) -> str:
    """A fraction in percent, one decimal.

    >>> share(0.125, "en"), share(0.125, "pt"), share(0.0001, "en")
    ('12.5 %', '12,5 %', '< 0.1 %')
    """
    text = f"{value:.1%}".replace("%", " %") if value >= 0.0005 else "< 0.1 %"
    return text if lang == "en" else text.translate(_TURNED)


def money(value: float, lang: Lang, currency: str | None) -> str:
    """An amount after its sign, if there is one.

    >>> money(1234.5, "en", "$"), money(1234.5, "pt", "R$"), money(30, "es", None)
    ('$1,234.50', 'R$ 1.234,50', '30,00')
    """
    text = f"{value:,.2f}" if lang == "en" else f"{value:,.2f}".translate(_TURNED)
    if currency is None:
        return text
    return f"{currency}{' ' if lang == 'pt' or currency[-1].isalpha() else ''}{text}"
