"""What the churn route says: an action per customer, and what drives churn, in a paragraph."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Literal

from abintel.fields import Lang

Band = Literal["High", "Medium", "Low"]
HIGH, MEDIUM = 0.60, 0.25
"""Lowest probability of a band."""

ACTIONS: Mapping[Lang, Mapping[Band | None, str]] = {
    "en": {
        "High": "High risk → offer retention discount & priority support",
        "Medium": "Medium risk → send value-focused email & usage tips",
        "Low": "Low risk → continue standard engagement cadence",
        None: "Not scored → continue standard engagement cadence",
    },
    "es": {
        "High": "Riesgo alto → ofrecer descuento de retención y soporte prioritario",
        "Medium": "Riesgo medio → enviar un correo centrado en el valor y consejos de uso",
        "Low": "Riesgo bajo → mantener la cadencia habitual de contacto",
        None: "Sin puntuación → mantener la cadencia habitual de contacto",
    },
    "pt": {
        "High": "Risco alto → oferecer desconto de retenção e suporte prioritário",
        "Medium": "Risco médio → enviar e-mail focado em valor e dicas de uso",
        "Low": "Risco baixo → manter a cadência habitual de contato",
        None: "Sem pontuação → manter a cadência habitual de contato",
    },
}
"""What to do, by band; None where there is no probability. English as published."""

_PHRASES: Mapping[Lang, Mapping[str, tuple[str, str]]] = {
    "en": {
        "tenure": ("long tenure", "short tenure"),
        "usage_frequency": ("frequent usage", "infrequent usage"),
        "service_tickets": ("high ticket volume", "low ticket volume"),
        "nps": ("high NPS", "low NPS"),
        "payment_events": ("a high number of failed payments", "a low number of failed payments"),
    },
    "es": {
        "tenure": ("una antigüedad larga", "una antigüedad corta"),
        "usage_frequency": ("un uso frecuente", "un uso poco frecuente"),
        "service_tickets": ("un alto volumen de tickets", "un bajo volumen de tickets"),
        "nps": ("un NPS alto", "un NPS bajo"),
        "payment_events": ("un alto número de pagos fallidos", "un bajo número de pagos fallidos"),
    },
    "pt": {
        "tenure": ("um longo tempo de casa", "um curto tempo de casa"),
        "usage_frequency": ("um uso frequente", "um uso pouco frequente"),
        "service_tickets": ("um alto volume de chamados", "um baixo volume de chamados"),
        "nps": ("um NPS alto", "um NPS baixo"),
        "payment_events": ("um alto número de pagamentos falhos", "um baixo número de pagamentos falhos"),
    },
}
"""A feature that raises the risk when it is high, and when it is low."""
_EXPECTED = {
    "tenure": "low",
    "usage_frequency": "low",
    "service_tickets": "high",
    "nps": "low",
    "payment_events": "high",
}
_LESSONS: Mapping[Lang, Mapping[str, str]] = {
    "en": {
        "tenure": "early onboarding",
        "usage_frequency": "regular engagement",
        "service_tickets": "support quality",
        "nps": "customer satisfaction",
        "payment_events": "reliable billing",
    },
    "es": {
        "tenure": "la incorporación de nuevos clientes",
        "usage_frequency": "la interacción regular",
        "service_tickets": "la calidad del soporte",
        "nps": "la satisfacción del cliente",
        "payment_events": "la fiabilidad de los cobros",
    },
    "pt": {
        "tenure": "a integração de novos clientes",
        "usage_frequency": "o engajamento regular",
        "service_tickets": "a qualidade do suporte",
        "nps": "a satisfação do cliente",
        "payment_events": "a confiabilidade das cobranças",
    },
}
"""What the strongest driver teaches, where it points the way that it usually does."""
_PERFORMANCE: Mapping[Lang, str] = {
    "en": "{name} achieved the highest validation performance (ROC-AUC={roc_auc:.3f}, F1={f1:.3f}).",
    "es": "{name} logró el mejor rendimiento de validación (ROC-AUC={roc_auc:.3f}, F1={f1:.3f}).",
    "pt": "{name} obteve o melhor desempenho de validação (ROC-AUC={roc_auc:.3f}, F1={f1:.3f}).",
}
_NONE: Mapping[Lang, str] = {
    "en": "No feature stood out as a driver of churn.",
    "es": "Ninguna variable destacó como factor de abandono.",
    "pt": "Nenhuma variável se destacou como fator de churn.",
}
_ONE: Mapping[Lang, str] = {
    "en": "{first} was the most influential churn driver",
    "es": "{first} fue el factor de abandono más influyente",
    "pt": "{first} foi o fator de churn mais influente",
}
_TWO: Mapping[Lang, str] = {
    "en": "{first} combined with {second} were the most influential churn drivers",
    "es": "{first} junto con {second} fueron los factores de abandono más influyentes",
    "pt": "{first} junto com {second} foram os fatores de churn mais influentes",
}
_UNDERSCORING: Mapping[Lang, str] = {
    "en": ", underscoring the importance of {lesson}.",
    "es": ", lo que subraya lo importante que es {lesson}.",
    "pt": ", o que ressalta como é importante {lesson}.",
}
_UNTRAINED: Mapping[Lang, str] = {
    "en": "No customer was scored: there is no model yet, and it takes at least {needed} labelled customers "
    "who churned and {needed} who stayed to train one.",
    "es": "Ningún cliente fue puntuado: aún no hay modelo, y para entrenarlo se necesitan al menos {needed} "
    "clientes etiquetados que se fueron y {needed} que se quedaron.",
    "pt": "Nenhum cliente foi pontuado: ainda não há modelo, e para treiná-lo são necessários pelo menos "
    "{needed} clientes rotulados que saíram e {needed} que ficaram.",
}


def band(probability: float) -> Band:
    """The band of a probability; at a bound it is the upper one.

    >>> band(0.6), band(0.25), band(0.2499)
    ('High', 'Medium', 'Low')
    """
    return "High" if probability >= HIGH else "Medium" if probability >= MEDIUM else "Low"


def interpret(
    name: str, figures: Mapping[str, float], drivers: Sequence[Mapping[str, Any]], lang: Lang
) -> str:
    """How good the model is, and what drives churn.

    Args:
        name: the learner that was chosen.
        figures: its cross-validated ``roc_auc`` and ``f1``.
        drivers: strongest first, each with ``feature`` and ``raises_risk_when``, ``high`` or ``low``.
        lang: of the paragraph.
    """
    opening = _PERFORMANCE[lang].format(name=name, **figures)
    if not drivers:
        return f"{opening} {_NONE[lang]}"
    first, *more = (
        _PHRASES[lang][driver["feature"]][driver["raises_risk_when"] == "low"] for driver in drivers[:2]
    )
    first = first[0].upper() + first[1:]
    said = _TWO[lang].format(first=first, second=more[0]) if more else _ONE[lang].format(first=first)
    strongest = drivers[0]["feature"]
    if drivers[0]["raises_risk_when"] != _EXPECTED[strongest]:
        return f"{opening} {said}."
    return f"{opening} {said}{_UNDERSCORING[lang].format(lesson=_LESSONS[lang][strongest])}"


def untrained(needed: int, lang: Lang) -> str:
    """The paragraph where there is no model."""
    return _UNTRAINED[lang].format(needed=needed)
