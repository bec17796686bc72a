"""What the churn route says: an action per customer, and what drives churn, in a paragraph."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Literal

from abintel.wording import Lang, Texts, capital, number, paragraph
from plugins.propensity.remarks import FEW_LABELS, NO_SIGNAL_AUC

Band = Literal["High", "Medium", "Low"]
HIGH, MEDIUM = 0.60, 0.25
"""Lowest probability of a band."""
TEXTS = Texts("churn")

_EXPECTED = {
    "tenure": "low",
    "usage_frequency": "low",
    "service_tickets": "high",
    "nps": "low",
    "payment_events": "high",
}
"""Which values of a feature usually go with churn; a driver that points the other way teaches nothing."""


def band(probability: float) -> Band:
    """The band of a probability; at a bound it is the upper one.

    >>> band(0.6), band(0.25), band(0.2499)
    ('High', 'Medium', 'Low')
    """
    return "High" if probability >= HIGH else "Medium" if probability >= MEDIUM else "Low"


def interpret(
    name: str,
    figures: Mapping[str, float],
    drivers: Sequence[Mapping[str, Any]] | None,
    lang: Lang,
    labelled: int | None = None,
) -> str:
    """How good the model is, and what drives churn.

    Args:
        name: the learner that was chosen.
        figures: its cross-validated ``roc_auc`` and ``f1``.
        drivers: strongest first, each with ``feature`` and ``raises_risk_when``, ``high`` or ``low``; None if
            the learner explains nothing.
        lang: of the paragraph.
        labelled: customers that the figures come from; None if there are enough.
    """
    words = TEXTS[lang]
    performance = words.say(
        "performance",
        name=name,
        roc_auc=number(figures["roc_auc"], 3, lang),
        f1=number(figures["f1"], 3, lang),
    )
    if labelled is not None and labelled < FEW_LABELS:
        few = words.say("too_few", n=number(labelled, 0, lang))
        performance = paragraph([performance, few], lang)
    elif figures["roc_auc"] < NO_SIGNAL_AUC:
        # What drives such a model does not drive churn.
        performance, drivers = paragraph([performance, words.say("chance")], lang), drivers and []
    if drivers is None:
        return performance
    if not drivers:
        return paragraph([performance, words.say("no_driver")], lang)
    first, second = drivers[0], drivers[1] if len(drivers) > 1 else None
    feature, direction = first["feature"], first["raises_risk_when"]
    usual = direction == _EXPECTED[feature]
    said = words.say(
        ("one_driver" if second is None else "two_drivers") + ("_and_lesson" if usual else ""),
        first=capital(words.say(f"{direction}.{feature}")),
        second=second and words.say(f"{second['raises_risk_when']}.{second['feature']}"),
        lesson=words.say(f"lessons.{feature}"),
    )
    return paragraph([performance, said], lang)


def untrained(needed: int, lang: Lang) -> str:
    """The paragraph where there is no model."""
    return TEXTS[lang].say("untrained", needed=number(needed, 0, lang))
