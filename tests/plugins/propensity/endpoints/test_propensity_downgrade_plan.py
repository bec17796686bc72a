"""The route's own words; what it does as its siblings do is in test_every_propensity_route.py."""

from __future__ import annotations

import pytest

from plugins.propensity.endpoints.propensity_downgrade_plan import ROUTE


@pytest.mark.parametrize(
    ("lang", "sentences"),
    [
        (
            "en",
            [
                "Very high propensity – call now, before the plan is changed.",
                "High propensity – offer help, and a reason to stay on the plan.",
                "Medium propensity – show what the plan offers and is not used.",
                "Low propensity – watch usage; no offer needed.",
                "Very low propensity – leave alone; an offer would be wasted.",
            ],
        ),
        (
            "es",
            [
                "Propensión muy alta: llamar ahora, antes de que cambie de plan.",
                "Propensión alta: ofrecer ayuda y un motivo para mantener el plan.",
                "Propensión media: mostrar lo que el plan ofrece y no se usa.",
                "Propensión baja: observar el uso; no hace falta una oferta.",
                "Propensión muy baja: no intervenir; una oferta se desperdiciaría.",
            ],
        ),
        (
            "pt",
            [
                "Propensão muito alta: ligar agora, antes que mude de plano.",
                "Propensão alta: oferecer ajuda e um motivo para manter o plano.",
                "Propensão média: mostrar o que o plano oferece e não é usado.",
                "Propensão baixa: observar o uso; não é preciso uma oferta.",
                "Propensão muito baixa: não intervir; uma oferta seria desperdiçada.",
            ],
        ),
    ],
)
def test_sentences_from_very_high_to_very_low(lang: str, sentences: list[str]) -> None:
    assert list(ROUTE.sentences(lang).values()) == sentences
