"""The route's own words; what it does as its siblings do is in test_every_propensity_route.py."""

from __future__ import annotations

import pytest

from plugins.propensity.endpoints.propensity_buy_product import ENDPOINT, ROUTE
from tests.plugins.calls import Registry, answered, golden


def test_the_documented_example_of_too_few_labels_is_answered_exactly() -> None:
    published = golden("propensity_buy_product_few_labels")
    assert ENDPOINT.example == published["request"]
    assert answered(ENDPOINT, published["request"]) == published["response"]


@pytest.mark.parametrize(
    ("lang", "sentences"),
    [
        (
            "en",
            [
                "Very high propensity – prime candidate for personalised offer.",
                "High propensity – include in product campaign.",
                "Medium propensity – show on site and in newsletters, without a discount.",
                "Low propensity – mention beside other products at most.",
                "Very low propensity – deprioritise in current cycle.",
            ],
        ),
        (
            "es",
            [
                "Propensión muy alta: candidato ideal para una oferta personalizada.",
                "Propensión alta: incluir en la campaña del producto.",
                "Propensión media: mostrar en el sitio y en boletines, sin descuento.",
                "Propensión baja: como mucho, mencionar junto a otros productos.",
                "Propensión muy baja: sin prioridad en el ciclo actual.",
            ],
        ),
        (
            "pt",
            [
                "Propensão muito alta: candidato ideal para uma oferta personalizada.",
                "Propensão alta: incluir na campanha do produto.",
                "Propensão média: mostrar no site e em newsletters, sem desconto.",
                "Propensão baixa: no máximo, mencionar junto a outros produtos.",
                "Propensão muito baixa: sem prioridade no ciclo atual.",
            ],
        ),
    ],
)
def test_sentences_from_very_high_to_very_low(lang: str, sentences: list[str]) -> None:
    assert list(ROUTE.sentences(lang).values()) == sentences


def test_a_product_without_a_model_is_answered_by_its_categorys() -> None:
    registry = Registry(ENDPOINT)
    labelled = {**ENDPOINT.examples["train_and_score"], "product_category": "tea"}
    trained = answered(ENDPOINT, labelled, registry)
    assert "category_model" not in {warning["code"] for warning in trained["warnings"]}
    rows = [{key: row[key] for key in ("customer_id", "features")} for row in labelled["customers"]]
    other = {"product_sku": "SKU-NEW", "customers": rows}
    assert answered(ENDPOINT, other, registry)["predictions"][0]["probability"] is None
    answer = answered(ENDPOINT, {**other, "product_category": "tea"}, registry)
    assert [row["probability"] for row in answer["predictions"]] == [
        row["probability"] for row in trained["predictions"]
    ]
    assert [warning["message"] for warning in answer["warnings"] if warning["code"] == "category_model"] == [
        "There is no model of 'SKU-NEW' yet: the probabilities are those of its category, 'tea'. "
        "Send labels to train one."
    ]
