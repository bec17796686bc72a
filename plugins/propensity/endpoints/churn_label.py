"""Who has churned? Send a snapshot of each customer: the rule of your kind of business (90 days of silence,
a cancelled subscription, an empty balance that was not topped up) labels each 1 or 0, to train a churn model
or to count churn by.
"""

from __future__ import annotations

import datetime
from collections.abc import Iterator, Sequence
from typing import Annotated, Any, Literal

import numpy as np
from numpy.typing import NDArray
from pydantic import BaseModel, Field

from abintel.charts import lazy
from abintel.checks import duplicates, future_days
from abintel.endpoint import Call, Endpoint
from abintel.faults import shown
from abintel.fields import Body, Day, Identifier, Integer, Number
from abintel.problem import Fault, pointer
from plugins.propensity.churn_labels import SILENCE_DAYS, cancelled, lapsed, silent

MAX_ROWS = 250_000
REQUIRED = {
    "ecommerce": ("last_purchase_date",),
    "saas": ("subscription_cancelled",),
    "prepaid": ("balance_after_t", "topped_up_within_cycle"),
}
"""What each kind of business needs in every row, besides the snapshot's day."""


class ChurnLabelSnapshot(Body):
    """What is known of a customer on a day; fields of the other kinds of business may be left out."""

    customer_id: Identifier = Field(description="Your key of the customer; once per `snapshot_date`.")
    snapshot_date: Day = Field(description="Day that the row describes; at most tomorrow, UTC.")
    last_purchase_date: Day | None = Field(
        None, description="`ecommerce`: day of the last order up to the snapshot."
    )
    subscription_cancelled: bool | None = Field(
        None, description="`saas`: whether the subscription is cancelled."
    )
    balance_after_t: Number | None = Field(
        None, description="`prepaid`: credit left; only exactly 0 counts as empty."
    )
    topped_up_within_cycle: bool | None = Field(
        None, description="`prepaid`: whether the balance was topped up within the billing cycle."
    )


class ChurnLabelRequest(Body):
    """A kind of business and its customers' snapshots."""

    business_type: Literal["ecommerce", "saas", "prepaid"] = Field(
        description="Which rule labels: `ecommerce` (no order for `window_days`), `saas` (cancelled) or "
        "`prepaid` (balance 0 and no top-up)."
    )
    window_days: Annotated[Integer, Field(ge=1, le=3650)] = Field(
        SILENCE_DAYS, description="`ecommerce`: so many days without an order are churn; else unused."
    )
    data: Annotated[list[ChurnLabelSnapshot], Field(min_length=1)] = Field(
        description="One row per customer and day."
    )


class ChurnLabel(BaseModel):
    """A customer's label on a day."""

    customer_id: str = Field(description="As sent.")
    snapshot_date: datetime.date = Field(description="As sent.")
    churned: int = Field(ge=0, le=1, description="1 if the customer has churned, else 0.")


def check(request: Any, call: Call) -> Iterator[Fault]:
    """Fields that the business needs, days that cannot be, and snapshots sent twice."""
    rows, business = request.data, request.business_type
    for name in REQUIRED[business]:
        values = [getattr(row, name) for row in rows]
        if None in values:
            for place, value in enumerate(values):
                if value is None:
                    message = f"{business} needs it in every row, and it is missing or null; send it."
                    yield Fault(pointer("data", place, name), message)
    days = [row.snapshot_date for row in rows]
    yield from future_days(days, "data", "snapshot_date", call)
    if business == "ecommerce":
        yield from _purchases_to_come(rows)
    yield from duplicates(
        list(zip([row.customer_id for row in rows], days, strict=True)),
        "data",
        "customer_id",
        "customer and day",
        lambda snapshot: f"{shown(snapshot[0])} on {snapshot[1]}",
    )


def _purchases_to_come(rows: Sequence[Any]) -> Iterator[Fault]:
    """Orders that nobody could know of on the snapshot's day: labels of them would mix two days."""
    for place, row in enumerate(rows):
        if row.last_purchase_date is not None and row.last_purchase_date > row.snapshot_date:
            yield Fault(
                pointer("data", place, "last_purchase_date"),
                f"{row.last_purchase_date} is after the snapshot_date, {row.snapshot_date}; "
                "send the last order up to the snapshot.",
            )


def handle(request: Any, call: Call) -> list[dict[str, Any]]:
    labels = _labels(request).tolist()
    return [
        {"customer_id": row.customer_id, "snapshot_date": row.snapshot_date, "churned": label}
        for row, label in zip(request.data, labels, strict=True)
    ]


def _labels(request: Any) -> NDArray[np.int8]:
    rows = request.data
    if request.business_type == "saas":
        return cancelled(np.array([row.subscription_cancelled for row in rows]))
    if request.business_type == "prepaid":
        balance = np.array([row.balance_after_t for row in rows], dtype=np.float64)
        return lapsed(balance, np.array([row.topped_up_within_cycle for row in rows]))
    snapshot = np.array([row.snapshot_date.toordinal() for row in rows])
    last_purchase = np.array([row.last_purchase_date.toordinal() for row in rows])
    return silent(snapshot, last_purchase, request.window_days)


def _snapshot(customer_id: str, **known: Any) -> dict[str, Any]:
    return {"customer_id": customer_id, "snapshot_date": "2025-04-01", **known}


ENDPOINT = Endpoint(
    name="churn_label",
    summary="Who has churned, by the rule of your kind of business.",
    request=ChurnLabelRequest,
    response=list[ChurnLabel],
    handle=handle,
    on_the_spot=True,
    check=check,
    max_rows={"data": MAX_ROWS},
    chart=lazy("plugins.propensity.charts", "churn_label"),
    examples={
        "ecommerce": {
            "business_type": "ecommerce",
            "data": [
                _snapshot("E-101", last_purchase_date="2024-12-15"),
                _snapshot("E-102", last_purchase_date="2025-03-20"),
            ],
        },
        "ecommerce_60_days": {
            "business_type": "ecommerce",
            "window_days": 60,
            "data": [_snapshot("E-103", last_purchase_date="2025-01-31")],
        },
        "saas": {
            "business_type": "saas",
            "data": [
                _snapshot("S-001", subscription_cancelled=True),
                _snapshot("S-002", subscription_cancelled=False),
            ],
        },
        "prepaid": {
            "business_type": "prepaid",
            "data": [
                _snapshot("P-777", balance_after_t=0.0, topped_up_within_cycle=False),
                _snapshot("P-778", balance_after_t=0.0, topped_up_within_cycle=True),
            ],
        },
    },
)
