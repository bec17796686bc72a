"""From raw orders to segments in one call. Features are computed, four algorithms compete, and each segment
comes with its card and its mix of RFM tiers.
"""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial
from typing import Any

import numpy as np
from pydantic import BaseModel, Field

from abintel.answer import Answer
from abintel.charts import lazy
from abintel.endpoint import Call, Endpoint
from abintel.problem import Fault
from plugins.segmentation import feature_vectors, orders
from plugins.segmentation.endpoints.purchasing_segmentation import (
    SegmentCluster,
    SegmentCustomerLabel,
    SegmentMetrics,
)
from plugins.segmentation.endpoints.segment_cluster_profiles import ClusterProfile
from plugins.segmentation.purchases import Purchases
from plugins.segmentation.schemas import (
    VECTOR_SCALING,
    SegmentModelInfo,
    SegmentQuality,
    SegmentStability,
    SegmentVectors,
    VectorScaling,
)
from plugins.segmentation.training import TRAINABLE, WARNINGS, job, served
from plugins.segmentation.words import insight
from plugins.shared import features
from plugins.shared.features import CustomerFeaturesRequest


class CustomerSegmentationRequest(SegmentVectors, CustomerFeaturesRequest):
    """The body of `customer_features`, and how to cluster."""

    scaling: VectorScaling = Field("log", description=VECTOR_SCALING)


class RfmTierShare(BaseModel):
    """How many customers of a segment are in a tier."""

    rfm_tier: str = Field(description="Tier, as `customer_rfm` names it.")
    n_customers: int = Field(description="Customers in it.")
    share_pct: float = Field(description="Their share of the segment, in percent, 2 decimals.")


class OrderCluster(SegmentCluster):
    """A segment, with its card and its tiers."""

    profile: ClusterProfile = Field(description="Its card, as in `segment_cluster_profiles`.")
    rfm_tiers: list[RfmTierShare] = Field(description="Its mix of RFM tiers, best first.")


class CustomerSegmentationAnswer(Answer):
    """Segments of the customers whose orders were sent."""

    best_algorithm: str | None = Field(description="The winner.")
    evaluation_metrics: list[SegmentMetrics] = Field(
        description="The best combination of each algorithm, or every one with `full_benchmark`."
    )
    clusters: list[OrderCluster] = Field(description="The segments, by id.")
    customer_labels: list[SegmentCustomerLabel] = Field(description="One per customer, in request order.")
    quality: SegmentQuality | None = Field(description="How well the winner separates the customers.")
    stability: SegmentStability | None = Field(
        None, description="How many customers kept the cluster of `previous_labels`; absent without them."
    )
    model_info: SegmentModelInfo = Field(description="The stored segmentation.")


def check(request: Any, call: Call) -> Iterator[Fault]:
    yield from features.check(request, call)
    further = [customer.features or {} for customer in request.customers]
    yield from feature_vectors.feature_faults(further, "customers")


def handle(request: Any, call: Call) -> dict[str, Any]:
    computed = features.rows(request, call)
    ids = [customer["customer_id"] for customer in computed]
    rows = [customer["features"] for customer in computed]
    frequency, spend = np.ascontiguousarray(
        feature_vectors.table(rows, ("visit_frequency", "purchase_total")).T
    )
    baskets = [[order.product_id for order in customer.transactions] for customer in request.customers]
    customers = Purchases.of_columns(ids, frequency, spend, baskets)
    asked = job(
        request.segmentation_id,
        lambda: feature_vectors.task(ids, rows, request, call, customers.bought),
        "customers",
        partial(orders.summarise, customers, rows),
    )
    answer = feature_vectors.answer(
        ids,
        rows,
        asked,
        served(asked, call),
        call,
        field="customers",
        full_benchmark=request.full_benchmark,
    )
    return {**answer, "clusters": [_worded(cluster, call) for cluster in answer["clusters"]]}


def _worded(cluster: dict[str, Any], call: Call) -> dict[str, Any]:
    profile = cluster["profile"]
    words = insight(profile["share_of_revenue_pct"], call.lang)
    return {**cluster, "profile": {**profile, "insight": words}}


def _customer(number: int, *sent: tuple[str, float, str]) -> dict[str, Any]:
    return {
        "customer_id": f"C-{number}",
        "transactions": [
            {
                "transaction_id": f"T-{number}-{order}",
                "date": date,
                "amount": amount,
                "product_id": product,
            }
            for order, (date, amount, product) in enumerate(sent, start=1)
        ],
    }


ENDPOINT = Endpoint(
    name="customer_segmentation",
    summary="From raw orders to segments in one call, with cards and RFM tiers.",
    request=CustomerSegmentationRequest,
    response=CustomerSegmentationAnswer,
    handle=handle,
    check=check,
    headers=features.HEADERS,
    trainable=TRAINABLE,
    writes_words=True,
    warnings={**WARNINGS, **features.WARNINGS, **feature_vectors.WARNINGS},
    chart=lazy("plugins.segmentation.charts", "orders"),
    examples={
        "orders": {
            "today": "2025-04-24",
            "max_clusters": 3,
            "customers": [
                _customer(1001, ("2025-04-21", 520.55, "laptop"), ("2025-04-02", 398.40, "mouse")),
                _customer(1002, ("2025-01-05", 12.00, "tea"), ("2024-12-19", 7.59, "coffee")),
                _customer(1003, ("2025-04-18", 610.00, "monitor"), ("2025-03-29", 310.00, "laptop")),
                _customer(1004, ("2024-11-02", 9.90, "tea")),
                _customer(1005, ("2025-04-20", 480.10, "laptop"), ("2025-04-11", 275.00, "keyboard")),
                _customer(1006, ("2024-12-28", 14.20, "coffee"), ("2024-10-09", 8.80, "tea")),
            ],
        }
    },
)
