"""Sentences of the value routes, in three languages."""

from __future__ import annotations

import datetime
import math
from collections.abc import Mapping
from functools import lru_cache
from typing import NamedTuple

from abintel.fields import Lang
from plugins.clv.history.histories import Basis
from plugins.clv.tiers import Tier

TOP_HALF = 0.5
"""A share of the customers above this is no distinction."""
FRESHNESS = (30, 90, 180)
"""Days since the last order, up to which it is recent, moderately recent, some time ago; then long ago."""
_TURNED = str.maketrans(",.", ".,")


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


def number(value: float, decimals: int, lang: Lang) -> str:
    """A number as its language writes it.

    >>> number(-1234.5, 2, "en"), number(1234.5, 2, "pt"), number(-0.001, 0, "es")
    ('-1,234.50', '1.234,50', '0')
    """
    plain = f"{value:,.{decimals}f}"
    if plain[0] == "-" and not plain.strip("-0.,"):
        plain = plain[1:]
    return plain if lang == "en" else plain.translate(_TURNED)


def money(value: float, decimals: int, lang: Lang, currency: str) -> str:
    """An amount after its sign; letters and, in Portuguese, every sign stand apart from it.

    >>> money(1188.4, 0, "en", "$"), money(-3, 2, "en", "$"), money(188.4, 2, "pt", "R$")
    ('$1,188', '-$3.00', 'R$ 188,40')
    """
    amount = number(value, decimals, lang)
    if amount[0] == "-":
        return f"-{_sign(lang, currency)}{amount[1:]}"
    return _sign(lang, currency) + amount


@lru_cache(64)
def _sign(lang: Lang, currency: str) -> str:
    return f"{currency} " if lang == "pt" or any(map(str.isalpha, currency)) else currency


_REPEATS: Mapping[Lang, tuple[str, str, str]] = {
    "en": ("no repeat purchase yet", "1 repeat purchase", "{} repeat purchases"),
    "es": ("ninguna recompra todavía", "1 recompra", "{} recompras"),
    "pt": ("nenhuma recompra ainda", "1 recompra", "{} recompras"),
}
_DAYS: Mapping[Lang, tuple[str, str]] = {
    "en": ("1 day", "{} days"),
    "es": ("1 día", "{} días"),
    "pt": ("1 dia", "{} dias"),
}
_VALUE: Mapping[Lang, Mapping[Basis, tuple[str, str]]] = {
    "en": {
        "margin": ("Margin of the only order", "Avg margin/order"),
        "revenue": ("Revenue of the only order", "Avg revenue/order"),
    },
    "es": {
        "margin": ("Margen del único pedido", "Margen medio por pedido"),
        "revenue": ("Ingreso del único pedido", "Ingreso medio por pedido"),
    },
    "pt": {
        "margin": ("Margem do único pedido", "Margem média por pedido"),
        "revenue": ("Receita do único pedido", "Receita média por pedido"),
    },
}
_TIER: Mapping[Lang, Mapping[Tier, str]] = {
    "en": {"High": "High", "Medium": "Medium", "Low": "Low"},
    "es": {"High": "Alto", "Medium": "Medio", "Low": "Bajo"},
    "pt": {"High": "Alto", "Medium": "Médio", "Low": "Baixo"},
}
_ENDINGS: Mapping[Lang, Mapping[Tier, str]] = {
    "en": {
        "High": "Focus on VIP retention & upsell.",
        "Medium": "Consistent buyer, nurture with offers.",
        "Low": "One-time buyer, encourage a second order.",
    },
    "es": {
        "High": "Priorizar la retención VIP y la venta de mayor valor.",
        "Medium": "Comprador constante: cultivar con ofertas.",
        "Low": "Comprador de una sola vez: animarlo a un segundo pedido.",
    },
    "pt": {
        "High": "Priorizar a retenção VIP e a venda de maior valor.",
        "Medium": "Comprador constante: cultivar com ofertas.",
        "Low": "Comprador de uma única vez: incentivar um segundo pedido.",
    },
}
_SUMMARY: Mapping[Lang, tuple[str, str]] = {
    "en": (
        "{id} has {repeats}. {label}: {value}. Tier: {tier}. {ending}",
        "{id} has {repeats}, {days} between first & last buy, and {label}: {value}. Tier: {tier}. {ending}",
    ),
    "es": (
        "{id} no tiene {repeats}. {label}: {value}. Nivel: {tier}. {ending}",
        "{id} tiene {repeats}, {days} entre la primera y la última compra. {label}: {value}. "
        "Nivel: {tier}. {ending}",
    ),
    "pt": (
        "{id} não tem {repeats}. {label}: {value}. Nível: {tier}. {ending}",
        "{id} tem {repeats}, {days} entre a primeira e a última compra. {label}: {value}. "
        "Nível: {tier}. {ending}",
    ),
}
_TOP: Mapping[Lang, tuple[str, str]] = {
    "en": ("in the top {}% by {}", "outside the top half by {}"),
    "es": ("en el {}% superior por {}", "fuera de la mitad superior por {}"),
    "pt": ("entre os {}% superiores por {}", "fora da metade superior por {}"),
}
_BY: Mapping[Lang, tuple[str, str]] = {
    "en": ("repeat purchases", "value per order"),
    "es": ("recompras", "valor por pedido"),
    "pt": ("recompras", "valor por pedido"),
}
_BETWEEN: Mapping[Lang, str] = {
    "en": "{} between first & last buy.",
    "es": "{} entre la primera y la última compra.",
    "pt": "{} entre a primeira e a última compra.",
}
_ONE_BUY: Mapping[Lang, str] = {
    "en": "One purchase only.",
    "es": "Una sola compra.",
    "pt": "Uma única compra.",
}
_LAST: Mapping[Lang, tuple[str, str, str, str]] = {
    "en": (
        "Last order recent ({} ago).",
        "Last order moderately recent ({} ago).",
        "Last order some time ago ({}).",
        "Last order long ago ({}).",
    ),
    "es": (
        "Último pedido reciente (hace {}).",
        "Último pedido moderadamente reciente (hace {}).",
        "Último pedido hace algún tiempo ({}).",
        "Último pedido hace mucho tiempo ({}).",
    ),
    "pt": (
        "Último pedido recente (há {}).",
        "Último pedido moderadamente recente (há {}).",
        "Último pedido há algum tempo ({}).",
        "Último pedido há muito tempo ({}).",
    ),
}
_AGE: Mapping[Lang, str] = {
    "en": "{} observed (customer age).",
    "es": "{} en observación (antigüedad del cliente).",
    "pt": "{} em observação (tempo como cliente).",
}
_CHURN: Mapping[Lang, Mapping[str, str]] = {
    "en": {
        "date": "True (churn date {date}).",
        "idle": "True (no order for {idle}; the threshold is {threshold}).",
        "ahead": "False (churn date {date} lies ahead).",
        "bought": "False (last order {idle} ago; the threshold is {threshold}).",
        "unknown": "False (no churn date supplied).",
    },
    "es": {
        "date": "Sí (fecha de baja: {date}).",
        "idle": "Sí (sin pedidos desde hace {idle}; el umbral es de {threshold}).",
        "ahead": "No (la fecha de baja, {date}, aún no ha llegado).",
        "bought": "No (último pedido hace {idle}; el umbral es de {threshold}).",
        "unknown": "No (no se indicó fecha de baja).",
    },
    "pt": {
        "date": "Sim (data de cancelamento: {date}).",
        "idle": "Sim (sem pedidos há {idle}; o limite é de {threshold}).",
        "ahead": "Não (a data de cancelamento, {date}, ainda não chegou).",
        "bought": "Não (último pedido há {idle}; o limite é de {threshold}).",
        "unknown": "Não (nenhuma data de cancelamento informada).",
    },
}
_OVERALL: Mapping[Lang, Mapping[Tier, str]] = {
    "en": {
        "High": "Overall potential tier **High**: repeat buyer, {cut} per order or more (70th percentile).",
        "Medium": "Overall potential tier **Medium**: repeat buyer, under {cut} per order (70th percentile).",
        "Low": "Overall potential tier **Low**: one-time buyer.",
    },
    "es": {
        "High": "Nivel de potencial **Alto**: comprador recurrente, {cut} por pedido o más (percentil 70).",
        "Medium": "Nivel de potencial **Medio**: comprador recurrente, por debajo de {cut} por pedido "
        "(percentil 70).",
        "Low": "Nivel de potencial **Bajo**: comprador de una sola vez.",
    },
    "pt": {
        "High": "Nível de potencial **Alto**: comprador recorrente, {cut} por pedido ou mais (percentil 70).",
        "Medium": "Nível de potencial **Médio**: comprador recorrente, abaixo de {cut} por pedido "
        "(percentil 70).",
        "Low": "Nível de potencial **Baixo**: comprador de uma única vez.",
    },
}


@lru_cache(1 << 14)
def _repeats(count: int, lang: Lang) -> str:
    return _REPEATS[lang][min(count, 2)].format(number(count, 0, lang))


@lru_cache(1 << 14)
def _days(count: int, lang: Lang) -> str:
    return _DAYS[lang][count != 1].format(number(count, 0, lang))


@lru_cache(1 << 14)
def _standing(share: float, by: int, lang: Lang) -> str:
    """Where a share of 1/n to 1 puts a customer."""
    if share > TOP_HALF:
        return _TOP[lang][1].format(_BY[lang][by])
    return _TOP[lang][0].format(math.ceil(share * 100 - 1e-9), _BY[lang][by])


def interpretation(customer_id: str, figures: Figures, basis: Basis, lang: Lang, currency: str) -> str:
    """The history in a sentence, and what to do about it."""
    repeated = figures.frequency > 0
    label = _VALUE[lang][basis][repeated]
    return _SUMMARY[lang][repeated].format(
        id=customer_id,
        repeats=_repeats(figures.frequency, lang),
        days=_days(figures.recency, lang),
        label=label,
        value=money(figures.value, 0, lang, currency),
        tier=_TIER[lang][figures.tier],
        ending=_ENDINGS[lang][figures.tier],
    )


def explanations(figures: Figures, churn: Churn, basis: Basis, lang: Lang, currency: str) -> dict[str, str]:
    """A sentence on each figure of a history, by the figure's name."""
    repeats = _repeats(figures.frequency, lang)
    value = f"{_VALUE[lang][basis][figures.frequency > 0]}: {money(figures.value, 2, lang, currency)}"
    if figures.others:
        if figures.frequency:
            repeats += f", {_standing(figures.top_frequency, 0, lang)}"
        value += f", {_standing(figures.top_value, 1, lang)}"
    between = _BETWEEN[lang].format(_days(figures.recency, lang)) if figures.frequency else _ONE_BUY[lang]
    band = sum(churn.idle > bound for bound in FRESHNESS)
    return {
        "frequency": repeats[:1].upper() + repeats[1:] + ".",
        "recency": f"{between} {_LAST[lang][band].format(_days(churn.idle, lang))}",
        "T": _AGE[lang].format(_days(figures.age, lang)),
        "monetary_value": f"{value}.",
        "churned": _churned(churn, lang),
        "clv_potential_tier": _overall(figures.tier, figures.cut, lang, currency),
    }


@lru_cache(64)
def _overall(tier: Tier, cut: float, lang: Lang, currency: str) -> str:
    return _OVERALL[lang][tier].format(cut=money(cut, 2, lang, currency))


def _churned(churn: Churn, lang: Lang) -> str:
    if churn.date is not None and not churn.lies_ahead:
        key = "date"
    elif churn.churned:
        key = "idle"
    elif churn.date is not None:
        key = "ahead"
    else:
        key = "unknown" if churn.threshold is None else "bought"
    return _CHURN[lang][key].format(
        date=churn.date, idle=_days(churn.idle, lang), threshold=_days(churn.threshold or 0, lang)
    )
