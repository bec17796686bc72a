"""What do we know of each customer, in numbers? Raw orders become one row of features per customer: what
they spent, how often, on how many products, how loyal they are and how long ago they last bought. The rows
feed segmentation, churn and value models, or your own.
"""

from __future__ import annotations

from typing import Any

from pydantic import BaseModel, ConfigDict, Field

from abintel.answer import Answer
from abintel.charts import lazy
from abintel.endpoint import Call, Endpoint
from plugins.shared import features
from plugins.shared.features import CustomerFeaturesRequest


class CustomerFeaturesVector(BaseModel):
    """The six features, and after them those that came with the request."""

    model_config = ConfigDict(extra="allow")
    __pydantic_extra__: dict[str, float]

    purchase_total: float = Field(description="Sum of the amounts, 2 decimals.")
    visit_frequency: float = Field(
        description="Number of orders: rows that share a `transaction_id` are one."
    )
    avg_ticket: float = Field(description="Mean amount of an order, 2 decimals.")
    product_diversity: float = Field(description="Number of different products.")
    loyalty_score: float = Field(description="As sent, or 0.")
    recency_days: float = Field(description="Days since the last order.")


class CustomerFeaturesRow(BaseModel):
    """A customer in numbers."""

    customer_id: str = Field(description="As sent.")
    features: CustomerFeaturesVector = Field(description="The feature vector.")


class CustomerFeaturesAnswer(Answer):
    """A feature vector for every customer."""

    customers: list[CustomerFeaturesRow] = Field(description="One row per customer, in request order.")


def handle(request: CustomerFeaturesRequest, call: Call) -> dict[str, Any]:
    return {"customers": features.rows(request, call)}


def _row(transaction_id: str, date: str, amount: float, product_id: str) -> dict[str, Any]:
    return {"transaction_id": transaction_id, "date": date, "amount": amount, "product_id": product_id}


ENDPOINT = Endpoint(
    name="customer_features",
    summary="What do we know of each customer, in numbers: spend, visits, breadth, loyalty and recency.",
    request=CustomerFeaturesRequest,
    response=CustomerFeaturesAnswer,
    handle=handle,
    on_the_spot=True,
    check=features.check,
    headers=features.HEADERS,
    warnings=features.WARNINGS,
    chart=lazy("plugins.customer.charts", "features"),
    examples={
        "orders": {
            "today": "2025-04-24",
            "customers": [
                {
                    "customer_id": "C-1001",
                    "loyalty_score": 0.97,
                    "transactions": [
                        _row("T-001", "2025-04-21", 520.55, "P-01"),
                        _row("T-002", "2025-04-18", 398.40, "P-02"),
                        _row("T-003", "2025-03-29", 310.00, "P-01"),
                    ],
                },
                {
                    "customer_id": "C-1002",
                    "transactions": [
                        _row("T-004", "2025-01-05", 120.00, "P-10"),
                        _row("T-005", "2024-12-19", 75.90, "P-11"),
                    ],
                },
            ],
        },
        "own-feature": {
            "today": "2025-04-24",
            "customers": [
                {
                    "customer_id": "C-1003",
                    "features": {"open_tickets": 2},
                    "transactions": [_row("T-006", "2025-04-23", 12.50, "P-01")],
                },
            ],
        },
    },
)
