"""What do we know of each customer, in numbers? Raw orders become one row of features per customer: what
they spent, how often, on how many products, how loyal they are and how long ago they last bought. The rows
feed segmentation, churn and value models, or your own.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from typing import Annotated, Any

import numpy as np
from pydantic import BaseModel, ConfigDict, Field

from abintel.answer import Answer
from abintel.charts import late
from abintel.endpoint import Call, Endpoint, Parameter
from abintel.faults import shown
from abintel.fields import MAX_MAGNITUDE, Amount, Body, Day, Identifier, Number, Share
from abintel.problem import Fault, bad_parameter, pointer
from plugins.customer.endpoints import future_transactions, repeated_customers, transaction_columns
from plugins.customer.transactions import histories, to_cents

CURRENCY_TABLE = "currency_conversion_table"
_RATE = r'"[!#-\[\]-~]{1,20}": ?([1-9][0-9]{0,12}(\.[0-9]{1,9})?|0\.[0-9]{0,8}[1-9])'
Whole = Annotated[int, Field(ge=-(10**15), le=10**15)]
"""A whole number that stays one: as a ``Number`` alone, 2 would come back as 2.0."""


class CustomerFeaturesTransaction(Body):
    """An order, or a line of one."""

    transaction_id: Identifier = Field(description="Order id.")
    date: Day = Field(description="Day of the transaction.")
    amount: Amount = Field(description="What was paid.")
    product_id: Identifier = Field(description="SKU or category.")
    currency: Identifier | None = Field(
        None, description=f"Currency of `amount`; header `{CURRENCY_TABLE}` converts it."
    )


class CustomerFeaturesCustomer(Body):
    """A customer and what they bought."""

    customer_id: Identifier = Field(description="Your key of the customer, unique in the request.")
    loyalty_score: Share | None = Field(None, description="Loyalty that you computed before, 0 to 1.")
    transactions: Annotated[list[CustomerFeaturesTransaction], Field(min_length=1)] = Field(
        description="History of purchases; 12 to 18 months serve best."
    )
    features: dict[Identifier, Whole | Number] | None = Field(
        None, description="Further numeric features of yours, handed on unchanged."
    )


class CustomerFeaturesRequest(Body):
    """Raw transactions by customer."""

    today: Day | None = Field(None, description="Day that recency counts to; the server's (UTC) if absent.")
    customers: Annotated[list[CustomerFeaturesCustomer], Field(min_length=1)] = Field(
        description="The customers, each once."
    )


class CustomerFeaturesVector(BaseModel):
    """The six features, and after them those that came with the request."""

    model_config = ConfigDict(extra="allow")
    __pydantic_extra__: dict[str, float]

    purchase_total: float = Field(description="Sum of the amounts, 2 decimals.")
    visit_frequency: float = Field(description="Number of transactions.")
    avg_ticket: float = Field(description="Mean amount of a transaction, 2 decimals.")
    product_diversity: float = Field(description="Number of different products.")
    loyalty_score: float = Field(description="As sent, or 0.")
    recency_days: float = Field(description="Days since the last transaction.")


class CustomerFeaturesRow(BaseModel):
    """A customer in numbers."""

    customer_id: str = Field(description="As sent.")
    features: CustomerFeaturesVector = Field(description="The feature vector.")


class CustomerFeaturesAnswer(Answer):
    """A feature vector for every customer."""

    customers: list[CustomerFeaturesRow] = Field(description="One row per customer, in request order.")


FEATURES = tuple(CustomerFeaturesVector.model_fields)


def check(request: CustomerFeaturesRequest, call: Call) -> Iterator[Fault]:
    rates = _rates(call)
    yield from repeated_customers(request.customers)
    yield from future_transactions(request, call)
    yield from _unconvertible(request.customers, rates)


def _rates(call: Call) -> dict[str | None, float] | None:
    """Rates into the common currency, by currency; None if no table was sent."""
    text = call.headers.get(CURRENCY_TABLE)
    if text is None:
        return None
    try:
        table = json.loads(text)
    except (ValueError, RecursionError):
        table = None
    if not isinstance(table, dict):
        message = f'{shown(text)} is not a JSON object of rates, such as {{"EUR": 1, "USD": 0.92}}.'
        raise bad_parameter(CURRENCY_TABLE, message)
    for currency, rate in table.items():
        if isinstance(rate, bool) or not isinstance(rate, int | float) or not 0 < rate <= MAX_MAGNITUDE:
            message = f"the rate of {shown(currency)} is {shown(rate)}; send a number above 0."
            raise bad_parameter(CURRENCY_TABLE, message)
    return {None: 1.0, **table}


def _unconvertible(
    customers: Sequence[CustomerFeaturesCustomer], rates: Mapping[str | None, float] | None
) -> Iterator[Fault]:
    """Faults of currencies that the table lacks, or, without a table, of the first that differs."""
    sent = dict.fromkeys(row.currency for customer in customers for row in customer.transactions)
    named = [currency for currency in sent if currency is not None]
    known = set(named[:1] if rates is None else rates)
    if known.issuperset(named):
        return
    for i, customer in enumerate(customers):
        for j, row in enumerate(customer.transactions):
            if row.currency is None or row.currency in known:
                continue
            place = pointer("customers", i, "transactions", j, "currency")
            if rates is None:
                message = f"{shown(row.currency)} beside {shown(named[0])}; send header {CURRENCY_TABLE}."
                yield Fault(place, message)
                return
            yield Fault(place, f"{shown(row.currency)} has no rate in header {CURRENCY_TABLE}; add it.")


def handle(request: CustomerFeaturesRequest, call: Call) -> dict[str, Any]:
    customers = request.customers
    days, amounts, sizes = transaction_columns(customers)
    rates = _rates(call)
    if rates is not None:
        amounts *= np.array([rates[row.currency] for customer in customers for row in customer.transactions])
    history = histories(days, amounts, sizes, (request.today or call.today).toordinal())
    columns = (
        to_cents(history.monetary).tolist(),
        history.frequency.astype(float).tolist(),
        to_cents(history.monetary / history.frequency).tolist(),
        [float(len({row.product_id for row in customer.transactions})) for customer in customers],
        [customer.loyalty_score or 0.0 for customer in customers],
        history.recency_days.astype(float).tolist(),
    )
    _warn_of_replaced(customers, call)
    return {
        "customers": [
            {"customer_id": customer.customer_id, "features": _vector(values, customer.features)}
            for customer, values in zip(customers, zip(*columns, strict=True), strict=True)
        ]
    }


def _vector(values: Sequence[float], own: Mapping[str, float] | None) -> dict[str, float]:
    """The six features, then the caller's own, none of which replaces one of the six."""
    computed = dict(zip(FEATURES, values, strict=True))
    return {**computed, **own, **computed} if own else computed


def _warn_of_replaced(customers: Sequence[CustomerFeaturesCustomer], call: Call) -> None:
    sent = {name for customer in customers if customer.features for name in customer.features}
    replaced = [name for name in FEATURES if name in sent]
    if replaced:
        call.warn(
            "feature_replaced",
            f"`features` of the request holds {', '.join(replaced)}: the computed values stand instead.",
        )


def _row(transaction_id: str, date: str, amount: float, product_id: str) -> dict[str, Any]:
    return {"transaction_id": transaction_id, "date": date, "amount": amount, "product_id": product_id}


ENDPOINT = Endpoint(
    name="customer_features",
    summary="What do we know of each customer, in numbers: spend, visits, breadth, loyalty and recency.",
    request=CustomerFeaturesRequest,
    response=CustomerFeaturesAnswer,
    handle=handle,
    on_the_spot=True,
    check=check,
    headers=(
        Parameter(
            CURRENCY_TABLE,
            'JSON object: currency to its rate into the common currency, such as {"EUR": 1, "USD": 0.92}.',
            {"type": "string", "pattern": rf"^\{{({_RATE}(, ?{_RATE})*)?\}}$"},
        ),
    ),
    warnings={
        "feature_replaced": "A feature of yours has the name of a computed one; the computed one is given."
    },
    chart=late("plugins.customer.charts", "features"),
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
