"""Actions and the paragraph, as exact text."""

from __future__ import annotations

from typing import Any

import pytest

from plugins.propensity.churn import FEATURES
from plugins.propensity.churn_words import TEXTS, band, interpret, untrained

LANGS: list[Any] = ["en", "es", "pt"]
FIGURES = {"roc_auc": 1.0, "f1": 1.0, "accuracy": 1.0}


def driver(feature: str, direction: str) -> dict[str, Any]:
    return {"feature": feature, "raises_risk_when": direction, "share": 0.4}


@pytest.mark.parametrize(
    ("probability", "expected"),
    [(1.0, "High"), (0.6, "High"), (0.5999, "Medium"), (0.25, "Medium"), (0.2499, "Low"), (0.0, "Low")],
)
def test_a_band_begins_at_its_bound(probability: float, expected: str) -> None:
    assert band(probability) == expected


def test_actions_are_those_published() -> None:
    assert list(TEXTS["en"].choices("action").values()) == [
        "High risk → offer retention discount & priority support",
        "Medium risk → send value-focused email & usage tips",
        "Low risk → continue standard engagement cadence",
        "Not scored → continue standard engagement cadence",
    ]
    assert list(TEXTS["es"].choices("action").values()) == [
        "Riesgo alto → ofrecer descuento de retención y soporte prioritario",
        "Riesgo medio → enviar un correo centrado en el valor y consejos de uso",
        "Riesgo bajo → mantener la cadencia habitual de contacto",
        "Sin puntuación → mantener la cadencia habitual de contacto",
    ]
    assert list(TEXTS["pt"].choices("action").values()) == [
        "Risco alto → oferecer desconto de retenção e suporte prioritário",
        "Risco médio → enviar e-mail focado em valor e dicas de uso",
        "Risco baixo → manter a cadência habitual de contato",
        "Sem pontuação → manter a cadência habitual de contato",
    ]


def test_tickets_and_nps_are_told_as_in_section_4_1_13() -> None:
    found = interpret(
        "Logistic Regression", FIGURES, [driver("service_tickets", "high"), driver("nps", "low")], "en"
    )
    assert found == (
        "Logistic Regression achieved the highest validation performance (ROC-AUC=1.000, F1=1.000). "
        "High ticket volume combined with low NPS were the most influential churn drivers, "
        "underscoring the importance of support quality."
    )


@pytest.mark.parametrize(
    ("lang", "expected"),
    [
        (
            "es",
            "CatBoost logró el mejor rendimiento de validación (ROC-AUC=0,842, F1=0,700). Un uso poco "
            "frecuente junto con una antigüedad corta fueron los factores de abandono más influyentes, lo "
            "que subraya lo importante que es la interacción regular.",
        ),
        (
            "pt",
            "CatBoost obteve o melhor desempenho de validação (ROC-AUC=0,842, F1=0,700). Um uso pouco "
            "frequente junto com um curto tempo de casa foram os fatores de churn mais influentes, o que "
            "ressalta como é importante o engajamento regular.",
        ),
    ],
)
def test_translations(lang: Any, expected: str) -> None:
    two = [driver("usage_frequency", "low"), driver("tenure", "low"), driver("nps", "low")]
    assert interpret("CatBoost", {"roc_auc": 0.8415, "f1": 0.7}, two, lang) == expected


@pytest.mark.parametrize(
    ("lang", "expected"),
    [
        (
            "en",
            "A high number of failed payments was the most influential churn driver, "
            "underscoring the importance of reliable billing.",
        ),
        (
            "es",
            "Un alto número de pagos fallidos fue el factor de abandono más influyente, "
            "lo que subraya lo importante que es la fiabilidad de los cobros.",
        ),
        (
            "pt",
            "Um alto número de pagamentos falhos foi o fator de churn mais influente, "
            "o que ressalta como é importante a confiabilidade das cobranças.",
        ),
    ],
)
def test_one_driver_alone(lang: Any, expected: str) -> None:
    found = interpret("XGBoost", FIGURES, [driver("payment_events", "high")], lang)
    assert found.endswith(f"). {expected}")


@pytest.mark.parametrize(
    ("lang", "expected"),
    [
        ("en", "No feature stood out as a driver of churn."),
        ("es", "Ninguna variable destacó como factor de abandono."),
        ("pt", "Nenhuma variável se destacou como fator de churn."),
    ],
)
def test_no_driver(lang: Any, expected: str) -> None:
    assert interpret("XGBoost", FIGURES, [], lang).endswith(f"). {expected}")


def test_a_driver_against_expectation_teaches_nothing() -> None:
    found = interpret("XGBoost", FIGURES, [driver("nps", "high"), driver("tenure", "low")], "en")
    assert found.endswith("High NPS combined with short tenure were the most influential churn drivers.")


@pytest.mark.parametrize("lang", LANGS)
@pytest.mark.parametrize("feature", FEATURES)
def test_every_feature_has_words_for_both_directions(lang: Any, feature: str) -> None:
    both = {interpret("XGBoost", FIGURES, [driver(feature, one)], lang) for one in ("high", "low")}
    assert len(both) == 2


def test_figures_of_a_few_customers_are_called_meaningless() -> None:
    drivers = [driver("nps", "low")]
    said = interpret("CatBoost", FIGURES, drivers, "en", labelled=4)
    assert said.startswith(
        "CatBoost achieved the highest validation performance (ROC-AUC=1.000, F1=1.000). With only 4 "
        "labelled customers these figures are meaningless: they say nothing about other customers. Low NPS "
    )
    assert interpret("CatBoost", FIGURES, drivers, "en", labelled=20) == interpret(
        "CatBoost", FIGURES, drivers, "en"
    )


def test_a_model_that_ranks_by_chance_names_no_driver() -> None:
    said = interpret("CatBoost", {"roc_auc": 0.51, "f1": 0.3}, [driver("nps", "low")], "en")
    assert said == (
        "CatBoost achieved the highest validation performance (ROC-AUC=0.510, F1=0.300). That is about "
        "chance: the features say hardly anything about who leaves. No feature stood out as a driver of "
        "churn."
    )


def test_without_a_model() -> None:
    assert untrained(2, "en") == (
        "No customer was scored: there is no model yet, and it takes at least 2 labelled customers "
        "who churned and 2 who stayed to train one."
    )
    assert untrained(2, "es") == (
        "Ningún cliente fue puntuado: aún no hay modelo, y para entrenarlo se necesitan al menos 2 "
        "clientes etiquetados que se fueron y 2 que se quedaron."
    )
    assert untrained(2, "pt") == (
        "Nenhum cliente foi pontuado: ainda não há modelo, e para treiná-lo são necessários pelo menos "
        "2 clientes rotulados que saíram e 2 que ficaram."
    )
