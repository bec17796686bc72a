"""Who will buy this product next? Send who bought it in the last campaign cycle for some customers and the
features of all: each gets a probability, a tier to filter by and a sentence that says what to do. Once
trained, a product's model answers for 30 days without labels.
"""

from __future__ import annotations

from pydantic import Field

from abintel.fields import Identifier, Label
from plugins.propensity.endpoints.examples import Drawn, customers
from plugins.propensity.propensity import Propensity
from plugins.propensity.schemas import PropensityCustomer, PropensityRequest, customers_field, label_field


class ProductCustomer(PropensityCustomer):
    """A customer who may be shown the product."""

    label_buy: Label | None = label_field("bought the product")


class PropensityBuyProductRequest(PropensityRequest):
    """A product and the customers it may be offered to."""

    product_sku: Identifier = Field(description="Your key of the product; each has its own model.")
    product_category: Identifier | None = Field(
        None,
        description="Your key of the product's category. Labels then train a model of the category too; it "
        "answers for products that have none.",
    )
    customers: list[ProductCustomer] = customers_field()


def example(number: int) -> Drawn:
    """Customers who view the category, and long-standing ones, buy more."""
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
    name="propensity_buy_product",
    summary="How likely each customer is to buy a product, and what to do about it.",
    question="the customer buys the product",
    label="label_buy",
    scope=("product_sku",),
    wider="product_category",
    request=PropensityBuyProductRequest,
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

ENDPOINT = ROUTE.endpoint
