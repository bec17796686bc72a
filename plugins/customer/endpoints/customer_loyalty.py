"""Who are our most loyal customers? Each gets an index from 0 to 1, relative to the others in the request,
out of spend, visits, basket, breadth and recency, and a tier to hang perks on.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from operator import attrgetter
from typing import Annotated, Any, Literal

import numpy as np
from pydantic import BaseModel, Field

from abintel.answer import Answer
from abintel.charts import lazy
from abintel.checks import duplicates
from abintel.endpoint import Call, Endpoint
from abintel.fields import Amount, Body, Identifier, Share
from abintel.problem import Fault, pointer
from plugins.customer.bands import banded
from plugins.customer.endpoints import equal_bounds
from plugins.customer.loyalty import DEFAULT_WEIGHTS, LOWEST_TIER, METRICS, TIERS, dominated, loyalty_index

SUM_TOLERANCE = 1e-6


class LoyaltyWeights(Body):
    """How much each metric counts; the five sum to 1."""

    purchase_total: Share = Field(description="Weight of spend.")
    visit_frequency: Share = Field(description="Weight of the number of purchases.")
    avg_ticket: Share = Field(description="Weight of the average basket.")
    product_diversity: Share = Field(description="Weight of the number of different products.")
    recency_days: Share = Field(description="Weight of having bought lately.")


class LoyaltyMetrics(Body):
    """What customer_features gives; further features are ignored."""

    purchase_total: Amount = Field(description="Lifetime spend.")
    visit_frequency: Amount = Field(description="Number of purchases.")
    avg_ticket: Amount = Field(description="Average basket.")
    product_diversity: Amount = Field(description="Number of different products.")
    recency_days: Amount = Field(description="Days since the last purchase; fewer is better.")


class LoyaltyCustomer(Body):
    """A customer in numbers."""

    customer_id: Identifier = Field(description="Your key of the customer, unique in the request.")
    features: LoyaltyMetrics = Field(description="The five metrics.")


class CustomerLoyaltyRequest(Body):
    """The cohort to be ranked: every score is relative to it."""

    weights: LoyaltyWeights | None = Field(
        None, description="Importance of each metric; 0.25, 0.30, 0.10, 0.15 and 0.20 if absent."
    )
    segment_thresholds: Annotated[dict[Identifier, Share], Field(min_length=1)] | None = Field(
        None, description="Tier to lower bound, in place of the default tiers; below all is At-Risk."
    )
    scaling: Literal["minmax", "rank"] = Field(
        "minmax",
        description="How each metric is scaled to 0–1: by the lowest and highest value, or by rank, which a "
        "few very large customers cannot flatten.",
    )
    customers: Annotated[list[LoyaltyCustomer], Field(min_length=1)] = Field(
        description="The customers, each once."
    )


class LoyaltyScore(BaseModel):
    """How loyal a customer is."""

    customer_id: str = Field(description="As sent.")
    loyalty_score: float = Field(description="0 to 1, 1 being best; 4 decimals.")
    segment: str = Field(description="Tier of the unrounded score.")


class LoyaltySummary(BaseModel):
    """The cohort at a glance."""

    mean_score: float = Field(description="Average score, 4 decimals.")
    median_score: float = Field(description="Middle score, 4 decimals.")
    top_decile_threshold: float = Field(description="90th percentile of the scores, 4 decimals.")
    segment_counts: dict[str, int] = Field(description="Customers by tier, best first; tiers present only.")


class CustomerLoyaltyAnswer(Answer):
    """Loyalty of every customer, and of the cohort."""

    customers: list[LoyaltyScore] = Field(description="One row per customer, in request order.")
    summary: LoyaltySummary = Field(description="The cohort.")


_five = attrgetter(*METRICS)


def check(request: CustomerLoyaltyRequest, call: Call) -> Iterator[Fault]:
    yield from duplicates([row.customer_id for row in request.customers], "customers", "customer_id")
    if request.weights is not None:
        total = round(sum(_five(request.weights)), 9)  # 0.1 + 0.2 is not 0.3: the tolerance is decimal
        if round(abs(total - 1), 9) > SUM_TOLERANCE:
            yield Fault(pointer("weights"), f"The five weights sum to {total}; they must sum to 1.")
    yield from equal_bounds("segment_thresholds", request.segment_thresholds or {})


def handle(request: CustomerLoyaltyRequest, call: Call) -> dict[str, Any]:
    metrics = np.array([_five(customer.features) for customer in request.customers], dtype=float)
    weights = DEFAULT_WEIGHTS if request.weights is None else _five(request.weights)
    scores = loyalty_index(metrics, np.array(weights), request.scaling)
    stretched = [METRICS[column] for column in dominated(metrics) if weights[column] > 0]
    if stretched and request.scaling == "minmax":
        call.warn(
            "dominated",
            f"A few customers stretch the scale of {', '.join(stretched)}, so that the others hardly differ; "
            'scaling "rank" tells them apart.',
        )
    tiers = banded(scores, request.segment_thresholds or TIERS, LOWEST_TIER)
    segments = [tiers.names[band] for band in tiers.band_of.tolist()]
    counts = Counter(segments)
    return {
        "customers": [
            {"customer_id": customer.customer_id, "loyalty_score": score, "segment": segment}
            for customer, score, segment in zip(
                request.customers, np.round(scores, 4).tolist(), segments, strict=True
            )
        ],
        "summary": {
            "mean_score": round(float(scores.mean()), 4),
            "median_score": round(float(np.median(scores)), 4),
            "top_decile_threshold": round(float(np.quantile(scores, 0.9)), 4),
            "segment_counts": {name: counts[name] for name in tiers.names if name in counts},
        },
    }


ENDPOINT = Endpoint(
    name="customer_loyalty",
    summary="Who are our most loyal customers: an index from 0 to 1 and a tier for each.",
    request=CustomerLoyaltyRequest,
    response=CustomerLoyaltyAnswer,
    handle=handle,
    on_the_spot=True,
    check=check,
    warnings={
        "dominated": "A few customers stretch the scale of a metric and flatten everyone else's score."
    },
    chart=lazy("plugins.customer.charts", "loyalty"),
    examples={
        "cohort": {
            "weights": dict(zip(METRICS, DEFAULT_WEIGHTS, strict=True)),
            "customers": [
                {
                    "customer_id": customer_id,
                    "features": dict(zip(METRICS, values, strict=True)),
                }
                for customer_id, values in (
                    ("C-1001", (17850.55, 62, 287.27, 36, 3)),
                    ("C-1002", (2340.00, 18, 130.00, 10, 15)),
                    ("C-1003", (9120.40, 35, 260.58, 21, 8)),
                    ("C-1004", (410.00, 2, 205.00, 2, 140)),
                )
            ],
        }
    },
)
