"""Who will buy this product next? Send who bought it in the last campaign cycle for some customers and the
features of all: each gets a probability, a tier to filter by and a sentence that says what to do. Once
trained, a product's model answers for 30 days without labels.
"""

from __future__ import annotations

from typing import Annotated

from pydantic import Field

from abintel.charts import lazy
from abintel.endpoint import Endpoint
from abintel.fields import Identifier, Label
from plugins.propensity.endpoints.examples import Drawn, customers
from plugins.propensity.factors import HEADER
from plugins.propensity.propensity import MAX_ROWS, WARNINGS, Propensity, Sentences
from plugins.propensity.schemas import PropensityAnswer, PropensityCustomer, PropensityRequest


class ProductCustomer(PropensityCustomer):
    """A customer who may be shown the product."""

    label_buy: Label | None = Field(
        None,
        description="1 if the customer bought the product, 0 if not; absent or null where that is not known.",
    )


class PropensityBuyProductRequest(PropensityRequest):
    """A product and the customers it may be offered to."""

    product_sku: Identifier = Field(description="Your key of the product; each has its own model.")
    customers: Annotated[list[ProductCustomer], Field(min_length=1)] = Field(
        description="Customers to score; a model is trained if at least 20 have label 1 and 20 have label 0."
    )


SENTENCES: Sentences = {
    "en": {
        "Very High": "Very high propensity – prime candidate for personalised offer.",
        "High": "High propensity – include in product campaign.",
        "Medium": "Medium propensity – show on site and in newsletters, without a discount.",
        "Low": "Low propensity – mention beside other products at most.",
        "Very Low": "Very low propensity – deprioritise in current cycle.",
    },
    "es": {
        "Very High": "Propensión muy alta: candidato ideal para una oferta personalizada.",
        "High": "Propensión alta: incluir en la campaña del producto.",
        "Medium": "Propensión media: mostrar en el sitio y en boletines, sin descuento.",
        "Low": "Propensión baja: como mucho, mencionar junto a otros productos.",
        "Very Low": "Propensión muy baja: sin prioridad en el ciclo actual.",
    },
    "pt": {
        "Very High": "Propensão muito alta: candidato ideal para uma oferta personalizada.",
        "High": "Propensão alta: incluir na campanha do produto.",
        "Medium": "Propensão média: mostrar no site e em newsletters, sem desconto.",
        "Low": "Propensão baixa: no máximo, mencionar junto a outros produtos.",
        "Very Low": "Propensão muito baixa: sem prioridade no ciclo atual.",
    },
}


def example(number: int) -> Drawn:
    """Who looks at the category and has been a customer for long buys more."""
    views = number * 37 % 20
    tenure = number * 11 % 48
    features = {
        "age": 20 + number * 7 % 50,
        "tenure_months": tenure,
        "category_views_last_30d": views,
        "avg_ticket": 40 + number * 29 % 150 + 0.5,
        "device": ("phone", "desktop", "tablet")[number * 5 % 7 % 3],
    }
    return features, 0.06 * views + 0.012 * tenure - 1.35


ROUTE = Propensity(
    question="the customer buys the product",
    label="label_buy",
    scope=("product_sku",),
    sentences=SENTENCES,
)

ENDPOINT = Endpoint(
    name="propensity_buy_product",
    summary="How likely each customer is to buy a product, and what to do about it.",
    request=PropensityBuyProductRequest,
    response=PropensityAnswer,
    handle=ROUTE.handle,
    check=ROUTE.check,
    trainable=ROUTE.trainable,
    headers=(HEADER,),
    writes_words=True,
    warnings=WARNINGS,
    max_rows={"customers": MAX_ROWS},
    chart=lazy("plugins.propensity.charts", "propensity"),
    examples={
        "not_enough_labels": {
            "product_sku": "SKU-A123",
            "customers": [
                {
                    "customer_id": "C-1001",
                    "features": {
                        "age": 34,
                        "tenure_months": 27,
                        "category_views_last_30d": 15,
                        "avg_ticket": 185.3,
                    },
                    "label_buy": 1,
                },
                {
                    "customer_id": "C-1002",
                    "features": {
                        "age": 57,
                        "tenure_months": 3,
                        "category_views_last_30d": 2,
                        "avg_ticket": 42.1,
                    },
                },
            ],
        },
        "train_and_score": {"product_sku": "SKU-B456", "customers": customers(1101, "label_buy", example)},
    },
)
