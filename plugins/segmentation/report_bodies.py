"""Bodies and answers of the report routes, and the faults of the bodies."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Annotated, Any

import msgspec
from pydantic import BaseModel, Field

from abintel.answer import Answer
from abintel.checks import duplicates
from abintel.endpoint import Call, Parameter
from abintel.fields import Body, Decodes
from abintel.problem import Fault
from abintel.query import chosen
from plugins.segmentation import feature_vectors
from plugins.segmentation.checks import dendrogram_faults, eps_faults, label_faults, leaf_faults
from plugins.segmentation.schemas import (
    Labels,
    PurchaseSettings,
    SegmentCustomer,
    SegmentRow,
    SentDendrogram,
    VectorSettings,
)

MOST_CLUSTERS = 200
"""Most clusters of a report: nobody reads one about more."""
DEPTHS = ("full", "brief")
DEPTH = Parameter(
    "depth",
    "`brief` shortens every section; the summary then has 60 to 120 words instead of 250 to 350 "
    "(90 to 180 letters instead of 375 to 525 in Chinese, 132 to 264 instead of 550 to 770 in Japanese).",
    {"type": "string", "enum": [*DEPTHS], "default": "full"},
)


class ReportRequest(Body):
    """Customers, their clusters, and the tree if there is one."""

    customers: Annotated[list[SegmentCustomer], Field(min_length=1)] = Field(
        description="The customers, each once."
    )
    labels: Labels = Field(description="Customer to cluster id, for each of them.")
    dendrogram: SentDendrogram | None = Field(
        None, description="Ward's tree over them: adds what the report says of the hierarchy."
    )


class Unlabelled(Body):
    """A body without segments; one whose labels are invalid must not be taken for it."""

    labels: None = Field(None, description="Absent: a body with labels is of the other kind.")
    dendrogram: None = Field(None, description="Absent: the tree is made here.")


class ReportPurchasesRequest(PurchaseSettings, Unlabelled):
    """The body of `purchasing_segmentation`: the customers are segmented first."""


class ReportVectorsRequest(VectorSettings, Unlabelled):
    """The same with feature vectors."""

    data: Annotated[list[SegmentRow], Field(min_length=1)] = Field(description="The customers, each once.")


class ReportFeaturesRequest(VectorSettings, Unlabelled):
    """The same with feature vectors as `customer_features` answers them."""

    customers: Annotated[list[SegmentRow], Field(min_length=1)] = Field(
        description="The customers, each once."
    )


BODIES = ReportRequest | ReportPurchasesRequest | ReportVectorsRequest | ReportFeaturesRequest
"""Bodies of the routes that cluster the customers themselves if no labels are sent."""


class ClusterMetrics(BaseModel):
    """The figures that the report is about."""

    cluster_id: int = Field(description="Its id; −1 is noise.")
    n_customers: int = Field(description="Customers in it.")
    avg_spend: float = Field(description="Mean amount spent, 2 decimals.")
    avg_frequency: float = Field(description="Mean number of orders, 2 decimals.")
    top_categories: str = Field(description="Its most telling product types.")
    share_revenue_pct: float = Field(description="Its share of all revenue, in percent, exact.")


class Report(BaseModel):
    """A report that can be printed as it is."""

    language: str = Field(description="Name of the language, in that language.")
    generated_on: str = Field(description="When it was written, UTC.")
    executive_summary: str = Field(description="For the board: 250 to 350 words, 60 to 120 if brief.")
    cluster_analysis: str = Field(description="The clusters compared, in figures.")
    customer_insights: str = Field(description="What the customers of each seem to want.")
    marketing_recommendations: str = Field(description="Offers and messages.")
    channel_strategy: str = Field(description="Where to reach them.")
    product_cross_sell_ideas: str = Field(description="Bundles and complements.")
    retention_actions: str = Field(description="How to keep them.")
    next_steps: str = Field(description="A plan.")
    auto_insights: list[str] = Field(description="Facts worth a tooltip.")
    dendrogram_insights: str | None = Field(description="What the tree adds; null without one.")
    cluster_metrics: list[ClusterMetrics] = Field(description="The figures behind the words.")
    segment_names: dict[str, str] = Field(
        description="Cluster id to a name by its spend and its frequency, as `High spenders, rare`."
    )
    # Written from what was read and checked; reading it back would take long and find nothing.
    raw_payload: Annotated[dict[str, Any], Decodes(msgspec.Raw)] = Field(
        description="The request as it was understood; never a credential."
    )


class ReportAnswer(Report, Answer):
    """A report that can be printed as it is."""


def faults(request: Any, call: Call) -> Iterator[Fault]:
    """Faults of any body that a report can be made from.

    Raises:
        Problem: 400, the query names an unknown depth.
    """
    chosen(call.query, "depth", DEPTHS)
    sent = feature_vectors.sent(request)
    if sent is not None:
        field, rows = sent
        yield from duplicates([row.customer_id for row in rows], field, "customer_id")
        yield from feature_vectors.feature_faults([row.features for row in rows], field)
        return
    ids = [customer.id for customer in request.customers]
    yield from duplicates(ids, "customers", "id")
    if request.labels is not None:
        yield from label_faults(ids, request.labels)
        clusters = len(set(request.labels.values()))
        if clusters > MOST_CLUSTERS:
            message = f"{clusters:,} different clusters; a report takes at most {MOST_CLUSTERS}."
            yield Fault("/labels", message)
        if request.dendrogram is not None:
            yield from dendrogram_faults(request.dendrogram)
            yield from leaf_faults(request.dendrogram.leaf_labels, ids)
    else:
        yield from eps_faults(request)
