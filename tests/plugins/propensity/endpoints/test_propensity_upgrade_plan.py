"""The route's own words; what it does as its siblings do is in test_every_propensity_route.py."""

from __future__ import annotations

import pytest

from plugins.propensity.endpoints.propensity_upgrade_plan import ENDPOINT, ROUTE
from tests.plugins.calls import answered, golden


def test_the_documented_example_of_too_few_labels_is_answered_exactly() -> None:
    published = golden("propensity_upgrade_plan_few_labels")
    assert ENDPOINT.example == published["request"]
    assert answered(ENDPOINT, published["request"]) == published["response"]


@pytest.mark.parametrize(
    ("lang", "sentences"),
    [
        (
            "en",
            [
                "Very high propensity – contact first, with a personal upgrade offer.",
                "High propensity – push personalised upgrade offer.",
                "Medium propensity – show what the target plan adds, in the product.",
                "Low propensity – nurture, don’t discount.",
                "Very low propensity – deprioritise in current cycle.",
            ],
        ),
        (
            "es",
            [
                "Propensión muy alta: contactar primero, con una oferta de mejora personal.",
                "Propensión alta: impulsar una oferta de mejora personalizada.",
                "Propensión media: mostrar dentro del producto lo que añade el plan superior.",
                "Propensión baja: cultivar la relación, sin descuentos.",
                "Propensión muy baja: sin prioridad en el ciclo actual.",
            ],
        ),
        (
            "pt",
            [
                "Propensão muito alta: contatar primeiro, com uma oferta de upgrade pessoal.",
                "Propensão alta: impulsionar uma oferta de upgrade personalizada.",
                "Propensão média: mostrar dentro do produto o que o plano superior acrescenta.",
                "Propensão baixa: cultivar o relacionamento, sem descontos.",
                "Propensão muito baixa: sem prioridade no ciclo atual.",
            ],
        ),
    ],
)
def test_sentences_from_very_high_to_very_low(lang: str, sentences: list[str]) -> None:
    assert list(ROUTE.sentences(lang).values()) == sentences
