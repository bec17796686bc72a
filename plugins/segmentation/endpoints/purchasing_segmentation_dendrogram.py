"""How are our customers related, from pairs of look-alikes up to the whole? Ward's tree over all of them, cut
into the 2 to 10 segments that separate best, ready to draw.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Annotated, Any

from pydantic import Field

from abintel.answer import Answer
from abintel.charts import lazy
from abintel.checks import duplicates
from abintel.endpoint import Call, Endpoint
from abintel.fields import Body
from abintel.problem import Fault
from plugins.segmentation import answers
from plugins.segmentation.clustering.algorithms.ward import ward
from plugins.segmentation.clustering.algorithms.ward_tree import linkage
from plugins.segmentation.clustering.benchmark import best, score
from plugins.segmentation.clustering.partition import cluster_means
from plugins.segmentation.endpoints.examples import CUSTOMERS
from plugins.segmentation.purchases import Purchases
from plugins.segmentation.schemas import (
    MIN_CLUSTER_SHARE,
    SCALING,
    Labels,
    MinClusterShare,
    Scaling,
    SegmentBenchmarkRow,
    SegmentBestModel,
    SegmentCustomer,
    SegmentDendrogram,
)
from plugins.segmentation.training import DOUBTS, doubts, require_enough, warn_of_doubts

KS = range(2, 11)


class DendrogramRequest(Body):
    """Customers by orders, spend and product types."""

    customers: Annotated[list[SegmentCustomer], Field(min_length=1)] = Field(
        description="The customers, each once; at least 3 of them distinct."
    )
    scaling: Scaling = Field("raw", description=SCALING)
    min_cluster_share: MinClusterShare = Field(0.02, description=MIN_CLUSTER_SHARE)


class DendrogramAnswer(Answer):
    """Ward's tree and the best cut of it."""

    benchmark: list[SegmentBenchmarkRow] = Field(description="The scores of the tree cut into each k.")
    best_model: SegmentBestModel = Field(
        description="The best cut: highest silhouette among the eligible, then lowest Davies-Bouldin."
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
    task = customers.task(
        ks=KS, scaling=request.scaling, algorithms=("agglo",), min_share=request.min_cluster_share
    )
    require_enough(task, "customers")
    tree = linkage(task.points)
    cuts = [ward(task.points, tree, k) for k in task.possible_ks]
    candidates = score(task.points, cuts, min_share=task.min_share)
    winner = best(candidates)
    if winner is None:
        raise ValueError("three distinct customers can be divided into two")
    warn_of_doubts(doubts(task, winner), call)
    labels = winner.partition.labels
    clusters = customers.segments(labels)
    return {
        "benchmark": [answers.benchmark_row(candidate) for candidate in candidates],
        "best_model": answers.best_model(winner),
        "centroids": cluster_means(labels, customers.figures),
        "labels": dict(zip(customers.ids, labels.tolist(), strict=True)),
        "dendrogram": answers.dendrogram(tree, customers.ids, clusters),
    }


ENDPOINT = Endpoint(
    name="purchasing_segmentation_dendrogram",
    summary="How customers are related: Ward's tree over all of them, cut where it separates best.",
    request=DendrogramRequest,
    response=DendrogramAnswer,
    handle=handle,
    check=check,
    warnings=DOUBTS,
    chart=lazy("plugins.segmentation.charts", "tree"),
    examples={"customers": {"customers": CUSTOMERS}},
)
