"""How are our customers related, from pairs of look-alikes up to the whole? Ward's tree over all of them, cut
where the segments separate best (2 to 10), ready to draw.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Annotated, Any

import numpy as np
from pydantic import Field

from abintel.answer import Answer
from abintel.charts import lazy
from abintel.checks import duplicates
from abintel.endpoint import Call, Endpoint
from abintel.fields import Body
from abintel.problem import Fault
from plugins.segmentation import purchases
from plugins.segmentation.clustering.families import best, judge, ward
from plugins.segmentation.clustering.ward import linkage
from plugins.segmentation.endpoints.examples import CUSTOMERS
from plugins.segmentation.profiles import cluster_means
from plugins.segmentation.purchases import Purchases
from plugins.segmentation.schemas import (
    SCALING,
    Labels,
    Scaling,
    SegmentBenchmarkRow,
    SegmentBestModel,
    SegmentCustomer,
    SegmentDendrogram,
)
from plugins.segmentation.training import require_enough

KS = range(2, 11)


class DendrogramRequest(Body):
    """Customers by orders, spend and product types."""

    customers: Annotated[list[SegmentCustomer], Field(min_length=1)] = Field(
        description="The customers, each once; at least 3 of them distinct."
    )
    scaling: Scaling = Field("raw", description=SCALING)


class DendrogramAnswer(Answer):
    """Ward's tree and the best cut of it."""

    benchmark: list[SegmentBenchmarkRow] = Field(description="How well the tree separates, cut into each k.")
    best_model: SegmentBestModel = Field(
        description="The best cut: highest silhouette, then lowest Davies-Bouldin."
    )
    centroids: list[tuple[float, float, float]] = Field(
        description="Mean frequency, amount spent and number of product types per cluster, by id."
    )
    labels: Labels = Field(description="Customer to cluster id.")
    dendrogram: SegmentDendrogram = Field(description="Ward's tree over the customers.")


def check(request: DendrogramRequest, call: Call) -> Iterator[Fault]:
    return duplicates([customer.id for customer in request.customers], "customers", "id")


def handle(request: DendrogramRequest, call: Call) -> dict[str, Any]:
    customers = Purchases(request.customers)
    task = customers.task(ks=KS, scaling=request.scaling, families=("agglo",))
    require_enough(task, "customers")
    tree = linkage(task.points)
    candidates = judge(task.points, [ward(task.points, tree, k) for k in task.possible_ks])
    winner = best(candidates)
    if winner is None:
        raise ValueError("three distinct customers can be divided into two")
    labels = winner.partition.labels
    clusters = customers.segments(labels)
    return {
        "benchmark": [purchases.benchmark_row(candidate) for candidate in candidates],
        "best_model": {**purchases.benchmark_row(winner), "n_clusters": winner.partition.clusters},
        "centroids": cluster_means(np.unique(labels, return_inverse=True)[1], customers.figures),
        "labels": dict(zip(customers.ids, labels.tolist(), strict=True)),
        "dendrogram": purchases.dendrogram(tree, customers.ids, clusters),
    }


ENDPOINT = Endpoint(
    name="purchasing_segmentation_dendrogram",
    summary="How customers are related: Ward's tree over all of them, cut where it separates best.",
    request=DendrogramRequest,
    response=DendrogramAnswer,
    handle=handle,
    check=check,
    chart=lazy("plugins.segmentation.charts", "tree"),
    examples={"customers": {"customers": CUSTOMERS}},
)
