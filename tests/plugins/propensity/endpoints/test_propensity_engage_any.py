"""The route's own words; what it does as its siblings do is in test_every_propensity_route.py."""

from __future__ import annotations

import pytest

from plugins.propensity.endpoints.propensity_engage_any import ROUTE


@pytest.mark.parametrize(
    ("lang", "sentences"),
    [
        (
            "en",
            [
                "Very high propensity – include in every relevant send.",
                "High propensity – include in main sends.",
                "Medium propensity – send less often, with the strongest content.",
                "Low propensity – an occasional send at most.",
                "Very low propensity – pause sends or try another channel.",
            ],
        ),
        (
            "es",
            [
                "Propensión muy alta: incluir en todos los envíos relevantes.",
                "Propensión alta: incluir en los envíos principales.",
                "Propensión media: enviar con menos frecuencia y el mejor contenido.",
                "Propensión baja: como mucho, un envío ocasional.",
                "Propensión muy baja: pausar los envíos o probar otro canal.",
            ],
        ),
        (
            "pt",
            [
                "Propensão muito alta: incluir em todos os envios relevantes.",
                "Propensão alta: incluir nos envios principais.",
                "Propensão média: enviar com menos frequência e o melhor conteúdo.",
                "Propensão baixa: no máximo, um envio ocasional.",
                "Propensão muito baixa: pausar os envios ou tentar outro canal.",
            ],
        ),
    ],
)
def test_sentences_from_very_high_to_very_low(lang: str, sentences: list[str]) -> None:
    assert list(ROUTE.sentences(lang).values()) == sentences
