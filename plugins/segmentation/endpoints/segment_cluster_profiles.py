"""What is each segment worth, and what does it buy? A card per segment: size, spend, frequency, favourite
product types, share of revenue, and what to do about it.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Annotated, Any

from pydantic import BaseModel, Field

from abintel.answer import Answer
from abintel.charts import lazy
from abintel.checks import duplicates
from abintel.endpoint import Call, Endpoint
from abintel.fields import Body, Integer
from abintel.problem import Fault
from plugins.segmentation.checks import label_faults
from plugins.segmentation.endpoints.examples import CUSTOMERS, LABELS
from plugins.segmentation.purchases import Purchases
from plugins.segmentation.schemas import Labels, SegmentCustomer
from plugins.segmentation.words import insight


class ClusterProfilesRequest(Body):
    """Customers and their clusters."""

    customers: Annotated[list[SegmentCustomer], Field(min_length=1)] = Field(
        description="The customers, each once."
    )
    labels: Labels = Field(description="Customer to cluster id, for each of them.")
    top_n_categories: Annotated[Integer, Field(ge=1, le=50)] = Field(
        5, description="How many product types to name per cluster."
    )


class ClusterProfile(BaseModel):
    """A cluster's card."""

    cluster_id: int = Field(description="As sent.")
    n_customers: int = Field(description="Customers in it.")
    avg_spend: float = Field(description="Mean amount spent, 2 decimals.")
    median_spend: float = Field(description="Median amount spent, 2 decimals.")
    avg_frequency: float = Field(description="Mean number of orders, 2 decimals.")
    top_categories: str = Field(description="Its most telling product types, by TF-IDF.")
    share_of_revenue_pct: float = Field(description="Its share of all revenue, in percent, 2 decimals.")
    insight: str = Field(description="What to do about it, in the language of `lang`.")


class ClusterProfilesAnswer(Answer):
    """A card per cluster."""

    cluster_profiles: list[ClusterProfile] = Field(description="The clusters, by id.")


def check(request: ClusterProfilesRequest, call: Call) -> Iterator[Fault]:
    ids = [customer.id for customer in request.customers]
    yield from duplicates(ids, "customers", "id")
    yield from label_faults(ids, request.labels)


def handle(request: ClusterProfilesRequest, call: Call) -> dict[str, Any]:
    customers = Purchases(request.customers)
    labels = customers.labels(request.labels)
    medians = customers.profiles(labels).median_spend.tolist()
    clusters = customers.clusters(labels, request.top_n_categories)
    return {
        "cluster_profiles": [
            {
                "cluster_id": cluster.cluster_id,
                "n_customers": cluster.n_customers,
                "avg_spend": cluster.avg_spend,
                "median_spend": round(median, 2),
                "avg_frequency": cluster.avg_frequency,
                "top_categories": ", ".join(cluster.top_categories),
                "share_of_revenue_pct": round(cluster.share_revenue_pct, 2),
                "insight": insight(cluster.share_revenue_pct, call.lang),
            }
            for cluster, median in zip(clusters, medians, strict=True)
        ]
    }


ENDPOINT = Endpoint(
    name="segment_cluster_profiles",
    summary="What each segment is worth and buys: a card per segment, with what to do about it.",
    request=ClusterProfilesRequest,
    response=ClusterProfilesAnswer,
    handle=handle,
    on_the_spot=True,
    check=check,
    writes_words=True,
    chart=lazy("plugins.segmentation.charts", "profiles"),
    examples={"customers": {"customers": CUSTOMERS, "labels": LABELS}},
)
