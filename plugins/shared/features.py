"""Features of a customer: what `customer_features` and `customer_segmentation` take, check and compute."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from typing import Annotated, Any

import numpy as np
from pydantic import Field

from abintel.checks import duplicates
from abintel.endpoint import Call, Parameter
from abintel.faults import shown
from abintel.fields import MAX_MAGNITUDE, Amount, Body, Day, Identifier, Number, Share
from abintel.problem import Fault, bad_parameter, pointer
from plugins.shared.orders import add_up, future_transactions, order_numbers, transaction_columns
from plugins.shared.transactions import histories, to_cents

CURRENCY_TABLE = "currency_conversion_table"
_RATE = r'"[!#-\[\]-~]{1,20}": ?([1-9][0-9]{0,12}(\.[0-9]{1,9})?|0\.[0-9]{0,8}[1-9])'
Whole = Annotated[int, Field(ge=-(10**15), le=10**15)]
"""A whole number that stays one: as a ``Number`` alone, 2 would come back as 2.0."""


class CustomerFeaturesTransaction(Body):
    """An order, or a line of one."""

    transaction_id: Identifier = Field(
        description="Order id; rows of a customer that share it are lines of one order."
    )
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


FEATURES = (
    *("purchase_total", "visit_frequency", "avg_ticket"),
    *("product_diversity", "loyalty_score", "recency_days"),
)
"""The computed features, in the order of an answer."""
HEADERS = (
    Parameter(
        CURRENCY_TABLE,
        'JSON object: currency to its rate into the common currency, such as {"EUR": 1, "USD": 0.92}.',
        {"type": "string", "pattern": rf"^\{{({_RATE}(, ?{_RATE})*)?\}}$"},
    ),
)
WARNINGS = {
    "feature_replaced": "A feature of yours has the name of a computed one; the computed one is given."
}


def check(request: CustomerFeaturesRequest, call: Call) -> Iterator[Fault]:
    """Customers sent twice, transactions after today, and currencies without a rate.

    Raises:
        Problem: 400, the header of rates is malformed.
    """
    rates = _rates(call)
    yield from duplicates([row.customer_id for row in request.customers], "customers", "customer_id")
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
            member = pointer("customers", i, "transactions", j, "currency")
            if rates is None:
                message = f"{shown(row.currency)} beside {shown(named[0])}; send header {CURRENCY_TABLE}."
                yield Fault(member, message)
                return
            yield Fault(member, f"{shown(row.currency)} has no rate in header {CURRENCY_TABLE}; add it.")


def rows(request: CustomerFeaturesRequest, call: Call) -> list[dict[str, Any]]:
    """``customer_id`` and ``features`` of every customer, in request order.

    Warns ``feature_replaced`` where a feature of the caller has the name of a computed one.
    """
    customers = request.customers
    lines = transaction_columns(customers)
    rates = _rates(call)
    if rates is not None:
        rate = np.array([rates[row.currency] for customer in customers for row in customer.transactions])
        lines = lines._replace(amounts=lines.amounts * rate)
    orders = add_up(lines, order_numbers(customers))
    history = histories(*orders, (request.today or call.today).toordinal())
    columns = (
        to_cents(history.monetary).tolist(),
        history.frequency.astype(float).tolist(),
        to_cents(history.monetary / history.frequency).tolist(),
        [float(len({row.product_id for row in customer.transactions})) for customer in customers],
        [customer.loyalty_score or 0.0 for customer in customers],
        history.recency_days.astype(float).tolist(),
    )
    _warn_of_replaced(customers, call)
    return [
        {"customer_id": customer.customer_id, "features": _vector(values, customer.features)}
        for customer, values in zip(customers, zip(*columns, strict=True), strict=True)
    ]


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
