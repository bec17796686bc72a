"""Are there finer groups inside a segment? Each segment (or the one you name) is split again by K-Means, into
as many parts as separate best.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Annotated, Any

import numpy as np
from numpy.typing import NDArray
from pydantic import BaseModel, Field

from abintel.answer import Answer
from abintel.charts import lazy
from abintel.checks import duplicates
from abintel.endpoint import Call, Endpoint
from abintel.fields import Body
from abintel.problem import Fault, bad_body
from abintel.progress import report
from plugins.segmentation import answers, words
from plugins.segmentation.checks import label_faults
from plugins.segmentation.clustering.algorithms.kmeans import kmeans
from plugins.segmentation.clustering.benchmark import best, score
from plugins.segmentation.clustering.partition import cluster_means, compact_labels
from plugins.segmentation.endpoints.examples import CUSTOMERS, LABELS
from plugins.segmentation.purchases import Purchases
from plugins.segmentation.schemas import (
    ELIGIBLE,
    MIN_CLUSTER_SHARE,
    SCALING,
    ClusterId,
    Clusters,
    Labels,
    MinClusterShare,
    Scaling,
    SegmentCustomer,
    SegmentLegendRow,
    sentences_per_language,
)
from plugins.segmentation.training import DOUBTS, LEAST_CUSTOMERS, doubts, warn_of_doubts

MOST_SPLITS = 1_000
"""Most splits to try in one request, clusters times numbers of parts; each takes some 20 ms."""
COLUMNS = ("frequency", "amount_spent", "n_categories")


class SubsegmentRequest(Body):
    """Customers, their clusters, and which to look into."""

    customers: Annotated[list[SegmentCustomer], Field(min_length=1)] = Field(
        description="The customers, each once."
    )
    labels: Labels = Field(description="Customer to parent cluster, for each of them.")
    target_cluster: ClusterId | None = Field(None, description="Parent to split; all of them if absent.")
    k_range: Annotated[list[Clusters], Field(min_length=1, max_length=100)] = Field(
        [2, 3], description="Numbers of parts to try."
    )
    scaling: Scaling = Field("raw", description=f"Within the parent: {SCALING}")
    min_cluster_share: MinClusterShare = Field(0.02, description=f"Within the parent: {MIN_CLUSTER_SHARE}")


class SubsegmentBenchmarkRow(BaseModel):
    """The scores of a number of parts."""

    k: int = Field(description="Number of parts.")
    silhouette: float = Field(description="Mean silhouette; higher is better.")
    davies_bouldin: float = Field(description="Davies-Bouldin index; lower is better.")
    eligible: bool | None = Field(None, description=ELIGIBLE)


class SubsegmentMetrics(BaseModel):
    """How to read the two scores."""

    silhouette: str = Field(description="In the language of `lang`.")
    davies_bouldin: str = Field(description="In the language of `lang`.")


class SubsegmentCentroids(BaseModel):
    """Means of the parts, in original units."""

    columns: list[str] = Field(description="Names of the figures.")
    values: list[list[float]] = Field(description="A row per part, by id.")


_Interpretations = sentences_per_language("nested_interpretations", "Part")


class Subsegments(_Interpretations):  # type: ignore[misc, valid-type]  # made of the languages
    """The parts of a parent cluster."""

    benchmark: list[SubsegmentBenchmarkRow] = Field(description="The scores of each number of parts.")
    best_k: int | None = Field(description="The winner; null if the parent is too small to split.")
    selection_description: str | None = Field(description="Why, in a sentence.")
    metric_explanation: SubsegmentMetrics = Field(description="How to read `benchmark`.")
    nested_centroids: SubsegmentCentroids = Field(description="Means of the parts.")
    nested_labels: dict[str, int] = Field(description="Customer to part.")
    nested_cluster_legend: list[SegmentLegendRow] = Field(description="The parts at a glance.")
    note: str | None = Field(None, description="Why the parent was not split.")


class SubsegmentAnswer(Answer):
    """The parts of each parent cluster."""

    subsegment_results: dict[str, Subsegments] = Field(description="Parent cluster to its parts.")


def check(request: SubsegmentRequest, call: Call) -> Iterator[Fault]:
    ids = [customer.id for customer in request.customers]
    yield from duplicates(ids, "customers", "id")
    yield from label_faults(ids, request.labels)
    target = request.target_cluster
    if target is not None and target not in request.labels.values():
        yield Fault("/target_cluster", f"No customer has the label {target}.")
    splits = len(set(request.labels.values())) * len(set(request.k_range))
    if target is None and splits > MOST_SPLITS:
        message = f"{splits:,} clusters times numbers of parts to try; name one as target_cluster, or send"
        yield Fault("/labels", f"{message} at most {MOST_SPLITS:,}.")


def handle(request: SubsegmentRequest, call: Call) -> dict[str, Any]:
    parents: NDArray[np.int64] = np.fromiter(
        (request.labels[customer.id] for customer in request.customers), np.int64, len(request.customers)
    )
    target = request.target_cluster
    wanted = np.unique(parents).tolist() if target is None else [target]
    results = {}
    for count, parent in enumerate(wanted, 1):
        members = [request.customers[row] for row in np.flatnonzero(parents == parent).tolist()]
        results[str(parent)] = _split(str(parent), Purchases(members), request, call)
        report(count / len(wanted))
    return {"subsegment_results": results}


def _split(parent: str, members: Purchases, request: SubsegmentRequest, call: Call) -> dict[str, Any]:
    task = members.task(
        ks=request.k_range,
        scaling=request.scaling,
        algorithms=("kmeans",),
        min_share=request.min_cluster_share,
    )
    if task.distinct < LEAST_CUSTOMERS or not task.possible_ks:
        if request.target_cluster is not None:
            message = (
                f"Cluster {request.target_cluster} has {len(members.ids):,} customers, {task.distinct} of "
                f"them distinct in their figures; a split needs at least {LEAST_CUSTOMERS}, and a k below "
                "that number."
            )
            raise bad_body([Fault("/target_cluster", message)])
        return _unsplit(call)
    splits = [kmeans(task.points, k) for k in task.possible_ks]
    candidates = score(task.points, splits, min_share=task.min_share)
    winner = best(candidates)
    if winner is None or winner.silhouette is None or winner.davies_bouldin is None:
        raise ValueError("three distinct customers can be divided into two")
    warn_of_doubts(doubts(task, winner), call, f"Inside cluster {parent}: ")
    labels = winner.partition.labels
    clusters = members.segments(labels)
    return {
        "benchmark": [
            {
                "k": candidate.partition.k,
                "silhouette": candidate.silhouette,
                "davies_bouldin": candidate.davies_bouldin,
                **answers.eligibility(candidate),
            }
            for candidate in candidates
            if candidate.silhouette is not None
        ],
        "best_k": winner.partition.k,
        "selection_description": words.selection(
            parent, winner.partition.clusters, winner.silhouette, winner.davies_bouldin, call.lang
        ),
        "metric_explanation": words.metric_explanation(call.lang),
        "nested_centroids": {
            "columns": COLUMNS,
            "values": cluster_means(compact_labels(labels), members.figures),
        },
        "nested_labels": dict(zip(members.ids, labels.tolist(), strict=True)),
        "nested_cluster_legend": answers.legend(clusters),
        f"nested_interpretations_{call.lang}": answers.interpretations(clusters, call),
    }


def _unsplit(call: Call) -> dict[str, Any]:
    return {
        "benchmark": [],
        "best_k": None,
        "selection_description": None,
        "metric_explanation": words.metric_explanation(call.lang),
        "nested_centroids": {"columns": COLUMNS, "values": []},
        "nested_labels": {},
        "nested_cluster_legend": [],
        f"nested_interpretations_{call.lang}": {},
        "note": words.too_small(call.lang),
    }


ENDPOINT = Endpoint(
    name="segment_subsegment_explore",
    summary="Whether there are finer groups inside a segment: each is split again where that separates well.",
    request=SubsegmentRequest,
    response=SubsegmentAnswer,
    handle=handle,
    check=check,
    writes_words=True,
    warnings=DOUBTS,
    chart=lazy("plugins.segmentation.charts", "parts"),
    examples={
        "one_parent": {"customers": CUSTOMERS, "labels": LABELS, "target_cluster": 0, "k_range": [2, 3]},
        "every_parent": {"customers": CUSTOMERS, "labels": LABELS},
    },
)
