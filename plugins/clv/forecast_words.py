"""Sentences of the forecast, in three languages."""

from __future__ import annotations

import datetime
from collections.abc import Mapping
from functools import lru_cache
from typing import Literal, NamedTuple

from abintel.fields import Lang
from plugins.clv.history.histories import Basis
from plugins.clv.tiers import Tier
from plugins.clv.words import money, number

Choice = Literal["lowest", "asked", "asked_unjudged", "only", "only_unjudged", "baseline"]


class Setting(NamedTuple):
    """What the sentences of all customers of an answer share.

    Attributes:
        months: of the horizon.
        basis: what the money is.
        high, medium: lower bounds of the tiers, in currency.
        algorithm: name of the one that answered, never translated.
        choice: why it did.
        mae: its mean absolute error, in currency; None if it could not be judged.
        rate_annual: discount.
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


_BASIS: Mapping[Lang, Mapping[Basis, tuple[str, str]]] = {
    "en": {"margin": ("margin", "gross margin"), "revenue": ("revenue", "revenue")},
    "es": {"margin": ("margen", "margen bruto"), "revenue": ("ingresos", "ingresos")},
    "pt": {"margin": ("margem", "margem bruta"), "revenue": ("receita", "receita")},
}
_MONTHS: Mapping[Lang, tuple[str, str]] = {
    "en": ("1 month", "{} months"),
    "es": ("1 mes", "{} meses"),
    "pt": ("1 mês", "{} meses"),
}
_TIER: Mapping[Lang, Mapping[Tier, str]] = {
    "en": {"High": "High", "Medium": "Medium", "Low": "Low"},
    "es": {"High": "Alto", "Medium": "Medio", "Low": "Bajo"},
    "pt": {"High": "Alto", "Medium": "Médio", "Low": "Baixo"},
}
_ENDINGS: Mapping[Lang, Mapping[Tier, str]] = {
    "en": {
        "High": "Top value, offer early access and VIP terms.",
        "Medium": "Consistent spender, nurture with loyalty offers.",
        "Low": "Consider automated win-back.",
    },
    "es": {
        "High": "Valor máximo: ofrecer acceso anticipado y condiciones VIP.",
        "Medium": "Comprador constante: cultivar con ofertas de fidelidad.",
        "Low": "Considerar una recuperación automatizada.",
    },
    "pt": {
        "High": "Valor máximo: oferecer acesso antecipado e condições VIP.",
        "Medium": "Comprador constante: cultivar com ofertas de fidelidade.",
        "Low": "Considerar uma reconquista automatizada.",
    },
}
_SUMMARY: Mapping[Lang, str] = {
    "en": "{id} expected to deliver {value} {basis} in {months} (tier {tier}). {ending}",
    "es": "Se espera de {id} {value} de {basis} en {months} (nivel {tier}). {ending}",
    "pt": "Espera-se de {id} {value} de {basis} em {months} (nível {tier}). {ending}",
}
_VALUE: Mapping[Lang, Mapping[str, str]] = {
    "en": {
        "whole": "Projected {basis} over {months}{discount}.",
        "until": "Projected {basis} until {date}, when the customer leaves{discount}.",
        "left": "Nothing is projected: the customer left on {date}.",
        "churned": "Nothing is projected: the customer has churned.",
        "discount": ", discounted at {rate} % a year",
    },
    "es": {
        "whole": "Previsión de {basis} en {months}{discount}.",
        "until": "Previsión de {basis} hasta la baja del cliente, el {date}{discount}.",
        "left": "No se prevé nada: el cliente se dio de baja el {date}.",
        "churned": "No se prevé nada: el cliente está perdido.",
        "discount": ", descontado al {rate} % anual",
    },
    "pt": {
        "whole": "Previsão de {basis} em {months}{discount}.",
        "until": "Previsão de {basis} até a saída do cliente, em {date}{discount}.",
        "left": "Nada é previsto: o cliente saiu em {date}.",
        "churned": "Nada é previsto: o cliente foi perdido.",
        "discount": ", descontada a {rate} % ao ano",
    },
}
_CHOICE: Mapping[Lang, Mapping[Choice, str]] = {
    "en": {
        "lowest": "Selected via lowest MAE ({mae}).",
        "asked": "Requested; its MAE is {mae}.",
        "asked_unjudged": "Requested; there is too little history to judge it.",
        "only": "The only model that these data allow; its MAE is {mae}.",
        "only_unjudged": "The only model that these data allow; they do not allow to judge it.",
        "baseline": "Baseline, as there is too little history to compare models; its in-sample MAE is {mae}.",
    },
    "es": {
        "lowest": "Elegido por el menor MAE ({mae}).",
        "asked": "Solicitado; su MAE es {mae}.",
        "asked_unjudged": "Solicitado; el historial es demasiado corto para evaluarlo.",
        "only": "El único modelo que permiten estos datos; su MAE es {mae}.",
        "only_unjudged": "El único modelo que permiten estos datos, que no permiten evaluarlo.",
        "baseline": "Modelo base: el historial es demasiado corto para comparar modelos; "
        "su MAE dentro de la muestra es {mae}.",
    },
    "pt": {
        "lowest": "Escolhido pelo menor MAE ({mae}).",
        "asked": "Solicitado; seu MAE é {mae}.",
        "asked_unjudged": "Solicitado; o histórico é curto demais para avaliá-lo.",
        "only": "O único modelo que estes dados permitem; seu MAE é {mae}.",
        "only_unjudged": "O único modelo que estes dados permitem, que não permitem avaliá-lo.",
        "baseline": "Modelo base: o histórico é curto demais para comparar modelos; "
        "seu MAE dentro da amostra é {mae}.",
    },
}
_CUTS: Mapping[Lang, str] = {
    "en": "High ≥ {high}, Medium ≥ {medium}, Low < {medium}.",
    "es": "Alto ≥ {high}, Medio ≥ {medium}, Bajo < {medium}.",
    "pt": "Alto ≥ {high}, Médio ≥ {medium}, Baixo < {medium}.",
}
_TXNS: Mapping[Lang, str] = {
    "en": "{txns} orders expected, at {each} each.",
    "es": "Se esperan {txns} pedidos, a {each} cada uno.",
    "pt": "São esperados {txns} pedidos, a {each} cada um.",
}
_ALIVE: Mapping[Lang, tuple[str, str]] = {
    "en": (
        "Still a customer with a probability of {} %.",
        "Unknown: it takes BG/NBD, which was not fitted.",
    ),
    "es": (
        "Sigue siendo cliente con una probabilidad del {} %.",
        "Desconocida: requiere BG/NBD, que no se ajustó.",
    ),
    "pt": (
        "Continua cliente com probabilidade de {} %.",
        "Desconhecida: requer BG/NBD, que não foi ajustado.",
    ),
}


class Writer:
    """Writes the sentences of an answer; what its customers share is put together once."""

    def __init__(self, setting: Setting) -> None:
        self._setting = setting
        self._lang = lang = setting.lang
        months = _MONTHS[lang][setting.months != 1].format(setting.months)
        short, long = _BASIS[lang][setting.basis]
        self._summary = {
            tier: _SUMMARY[lang].format(
                id="{id}",
                value="{value}",
                basis=short,
                months=months,
                tier=_TIER[lang][tier],
                ending=_ENDINGS[lang][tier],
            )
            for tier in _TIER[lang]
        }
        words = _VALUE[lang]
        discount = ""
        if setting.rate_annual:
            rate = f"{setting.rate_annual * 100:g}"
            discount = words["discount"].format(rate=rate if lang == "en" else rate.replace(".", ","))
        self._whole = words["whole"].format(basis=long, months=months, discount=discount)
        self._until = words["until"].format(basis=long, date="{date}", discount=discount)
        mae = "" if setting.mae is None else number(setting.mae, 2, lang)
        self._chosen = _CHOICE[lang][setting.choice].format(mae=mae)
        self._cuts = _CUTS[lang].format(high=self._cut(setting.high), medium=self._cut(setting.medium))

    def interpretation(self, customer_id: str, value: float, tier: Tier) -> str:
        """The forecast in a sentence, and what to do about it."""
        said = money(value, 0, self._lang, self._setting.currency)
        return self._summary[tier].format(id=customer_id, value=said)

    def explanations(
        self,
        txns: float,
        per_order: float,
        alive: float | None,
        churned: bool,
        churn_date: datetime.date | None,
        until: bool,
    ) -> dict[str, str]:
        """A sentence on each figure of a forecast, by the figure's name.

        Args:
            txns: expected orders.
            per_order: value of one, in currency.
            alive: probability of still being a customer.
            churned: whether the customer is gone.
            churn_date: day of cancellation, where it is known.
            until: whether that day lies within the horizon.
        """
        lang, said = self._lang, self._whole
        if churned:
            words = _VALUE[lang]
            said = words["churned"] if churn_date is None else words["left"].format(date=churn_date)
        elif until:
            said = self._until.format(date=churn_date)
        each = money(per_order, 2, lang, self._setting.currency)
        return {
            "predicted_clv": said,
            "predicted_txns": _TXNS[lang].format(txns=number(txns, 2, lang), each=each),
            "p_alive": _alive(None if alive is None else round(alive * 100), lang),
            "algorithm_used": self._chosen,
            "clv_tier": self._cuts,
        }

    def _cut(self, cut: float) -> str:
        decimals = 0 if float(cut).is_integer() else 2
        return money(cut, decimals, self._lang, self._setting.currency)


@lru_cache(1 << 10)
def _alive(percent: int | None, lang: Lang) -> str:
    known, unknown = _ALIVE[lang]
    return unknown if percent is None else known.format(percent)
