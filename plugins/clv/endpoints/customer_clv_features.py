"""Which customers have potential? Each order history becomes the four figures that lifetime-value models
start from (repeat purchases, time between first and last, age as a customer, mean value of an order),
whether the customer is lost, and a tier of potential with a sentence that says why."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Annotated, Any, Literal

from pydantic import BaseModel, Field

from abintel.answer import Answer
from abintel.charts import lazy
from abintel.checks import duplicates
from abintel.endpoint import Call, Endpoint
from abintel.fields import Body, Day, Identifier, Integer
from abintel.problem import Fault
from plugins.clv.history.histories import histories
from plugins.clv.orders import (
    WARNINGS,
    ClvTransaction,
    read,
    warn_of_costs,
    warn_of_history,
    warn_of_values,
)
from plugins.clv.tiers import TIERS, Tier, potential, top_shares
from plugins.clv.words import Churn, Figures, explanations, interpretation
from plugins.shared.orders import future_transactions


class ClvCustomer(Body):
    """A customer and their orders."""

    customer_id: Identifier = Field(description="Your key of the customer, unique in the request.")
    transactions: Annotated[list[ClvTransaction], Field(min_length=1)] = Field(
        description="The whole history; 12 to 24 months serve best."
    )
    churn_date: Day | None = Field(None, description="Known day of cancellation; may be after today.")


class ClvFeaturesRequest(Body):
    """Orders by customer."""

    today: Day | None = Field(None, description="Day that T counts to; the server's (UTC) if absent.")
    churn_threshold_days: Annotated[Integer, Field(ge=1, le=36_500)] | None = Field(
        None, description="Days without an order from which on a customer counts as churned."
    )
    customers: Annotated[list[ClvCustomer], Field(min_length=1)] = Field(
        description="The customers, each once."
    )


class ClvExplanations(BaseModel):
    """A sentence on each figure."""

    frequency: str = Field(description="On the repeat purchases.")
    recency: str = Field(description="On the time between first and last purchase, and since.")
    T: str = Field(description="On the age.")
    monetary_value: str = Field(description="On the mean value of an order.")
    churned: str = Field(description="Why the customer counts as churned, or does not.")
    clv_potential_tier: str = Field(description="Why this tier.")


class ClvFeatures(BaseModel):
    """A customer's figures."""

    customer_id: str = Field(description="As sent.")
    frequency: int = Field(description="Repeat purchases: days with an order, less the first.")
    recency: float = Field(description="Days from the first purchase to the last.")
    T: float = Field(description="Days from the first purchase to today.")
    monetary_value: float = Field(
        description="Mean value of the repeat purchases; of the only purchase where there is no other."
    )
    churned: bool = Field(description="By `churn_date` or by `churn_threshold_days`; else false.")
    clv_potential_tier: Tier = Field(
        description="High: repeat buyers in the top 30 % by monetary value; Medium: other repeat buyers; "
        "Low: one-time buyers. Never translated."
    )
    interpretation: str = Field(description="The figures as a sentence.")
    explanations: ClvExplanations = Field(description="The same, figure by figure.")


class ClvFeaturesAnswer(Answer):
    """The figures of every customer."""

    monetary_basis: Literal["margin", "revenue"] = Field(
        description="What `monetary_value` means: margin if every order has a cost, else revenue."
    )
    customers: list[ClvFeatures] = Field(description="One row per customer, in request order.")


def check(request: ClvFeaturesRequest, call: Call) -> Iterator[Fault]:
    yield from duplicates([row.customer_id for row in request.customers], "customers", "customer_id")
    yield from future_transactions(request, call)


def handle(request: ClvFeaturesRequest, call: Call) -> dict[str, Any]:
    customers, today = request.customers, request.today or call.today
    orders = read(customers)
    basis = orders.basis
    history = histories(orders.bought, today.toordinal())
    tier = potential(history.frequency, history.monetary_value)
    idle = (history.T - history.recency).astype(int).tolist()
    columns = (
        history.frequency,
        history.recency,
        history.T,
        history.monetary_value,
        tier.rank,
        top_shares(history.frequency),
        top_shares(history.monetary_value),
    )
    currency = call.currency or "$"  # as the published example prints it
    threshold = request.churn_threshold_days
    rows = []
    for customer, since, (f, recency, age, value, rank, top_f, top_value) in zip(
        customers, idle, zip(*(column.tolist() for column in columns), strict=True), strict=True
    ):
        date = customer.churn_date
        gone = date is not None and date <= today
        churn = Churn(
            churned=gone or (threshold is not None and since >= threshold),
            date=date,
            threshold=threshold,
            idle=since,
            lies_ahead=date is not None and not gone,
        )
        figures = Figures(
            frequency=f,
            recency=int(recency),
            age=int(age),
            value=value,
            top_frequency=top_f,
            top_value=top_value,
            tier=TIERS[rank],
            cut=tier.cut,
            others=len(customers) > 1,
        )
        rows.append(
            {
                "customer_id": customer.customer_id,
                "frequency": f,
                "recency": recency,
                "T": age,
                "monetary_value": value,
                "churned": churn.churned,
                "clv_potential_tier": figures.tier,
                "interpretation": interpretation(customer.customer_id, figures, basis, call.lang, currency),
                "explanations": explanations(figures, churn, basis, call.lang, currency),
            }
        )
    warn_of_history(call, int(history.T.max()))
    warn_of_costs(call, orders, "monetary_value is")
    warn_of_values(call, history.monetary_value)
    return {"monetary_basis": basis, "customers": rows}


def _customer(customer_id: str, *orders: tuple[str, float, float], **members: Any) -> dict[str, Any]:
    rows = [{"date": date, "amount": amount, "cost": cost} for date, amount, cost in orders]
    return {"customer_id": customer_id, "transactions": rows, **members}


ENDPOINT = Endpoint(
    name="customer_clv_features",
    summary="Which customers have potential: frequency, recency, age, value per order and a potential tier.",
    request=ClvFeaturesRequest,
    response=ClvFeaturesAnswer,
    handle=handle,
    on_the_spot=True,
    check=check,
    writes_words=True,
    warnings=WARNINGS,
    chart=lazy("plugins.clv.charts", "features"),
    examples={
        "orders": {
            "today": "2025-04-24",
            "customers": [
                _customer("C-1001", ("2024-10-12", 520.55, 312.33), ("2025-02-20", 398.40, 210.00)),
                _customer("C-1002", ("2024-09-05", 300.00, 180.00), ("2025-01-17", 250.00, 150.00)),
                _customer("C-1003", ("2025-04-02", 75.00, 40.00)),
            ],
        },
        "churn": {
            "today": "2025-04-24",
            "churn_threshold_days": 90,
            "customers": [
                _customer("C-1001", ("2024-10-12", 520.55, 312.33), ("2025-02-20", 398.40, 210.00)),
                _customer("C-1002", ("2024-09-05", 300.00, 180.00), ("2025-01-17", 250.00, 150.00)),
                _customer("C-1004", ("2024-03-02", 120.00, 60.00), churn_date="2024-04-01"),
            ],
        },
    },
)
