"""Which kinds of customers do we have? Send what each one bought, or a feature vector each. Four algorithms
compete, and the best one by silhouette wins. Every customer gets a segment, and every segment a portrait. The
segments are kept for 30 days: send `segmentation_id` to assign new customers to them.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from functools import partial
from typing import Annotated, Any

from pydantic import BaseModel, ConfigDict, Field

from abintel.answer import Answer
from abintel.charts import lazy
from abintel.checks import duplicates
from abintel.endpoint import Call, Endpoint
from abintel.problem import Fault, bad_body
from plugins.segmentation import answers, feature_vectors, purchases
from plugins.segmentation.checks import eps_faults
from plugins.segmentation.endpoints.examples import CUSTOMERS, VECTORS
from plugins.segmentation.purchases import Purchases
from plugins.segmentation.report.facts import Cluster
from plugins.segmentation.schemas import (
    ELIGIBLE,
    Assignable,
    PurchaseSettings,
    SegmentBenchmarkRow,
    SegmentBestModel,
    SegmentDendrogram,
    SegmentModelInfo,
    SegmentQuality,
    SegmentRow,
    SegmentStability,
    SegmentVectors,
    sentences_per_language,
)
from plugins.segmentation.training import (
    TRAINABLE,
    WARNINGS,
    job,
    model_info,
    served,
    warn_of,
)


class PurchaseSegmentationRequest(PurchaseSettings, Assignable):
    """Customers by orders, spend and product types."""


class VectorSegmentationRequest(SegmentVectors):
    """Customers as feature vectors."""

    data: Annotated[list[SegmentRow], Field(min_length=1)] = Field(description="The customers, each once.")


class FeatureSegmentationRequest(SegmentVectors):
    """The same, as `customer_features` answers them."""

    customers: Annotated[list[SegmentRow], Field(min_length=1)] = Field(
        description="The customers, each once."
    )


_Interpretations = sentences_per_language("interpretations", "Cluster id")


class PurchaseSegmentationAnswer(Answer, _Interpretations):  # type: ignore[misc, valid-type]  # made of the languages
    """Segments of customers by orders, spend and product types."""

    benchmark: list[SegmentBenchmarkRow] = Field(description="The scores of each algorithm at each k.")
    best_model: SegmentBestModel | None = Field(description="The winner.")
    centroids: list[tuple[float, float, float]] = Field(
        description="Mean frequency, amount spent and number of product types per cluster, by id."
    )
    labels: dict[str, int | None] = Field(
        description="Customer to cluster id; −1 is DBSCAN's noise, null while there is no model."
    )
    dendrogram: SegmentDendrogram = Field(
        description="Ward's tree over the customers; empty if customers were only assigned."
    )
    quality: SegmentQuality | None = Field(description="How well the winner separates the customers.")
    stability: SegmentStability | None = Field(
        None, description="How many customers kept the cluster of `previous_labels`; absent without them."
    )
    model_info: SegmentModelInfo = Field(description="The stored segmentation.")


class SegmentParams(BaseModel):
    """Settings of a combination."""

    model_config = ConfigDict(extra="ignore")

    k: int | None = Field(None, description="Number of clusters that was asked for.")
    eps: float | None = Field(None, description="Radius of DBSCAN.")
    min_samples: int | None = Field(None, description="Core size of DBSCAN.")


class SegmentMetrics(BaseModel):
    """The scores of a combination."""

    algorithm: str = Field(description="Algorithm.")
    params: SegmentParams = Field(description="Its settings.")
    silhouette: float = Field(description="Mean silhouette; higher is better.")
    davies_bouldin: float = Field(description="Davies-Bouldin index; lower is better.")
    calinski_harabasz: float = Field(description="Calinski-Harabasz index; higher is better.")
    n_clusters: int = Field(description="Number of clusters; noise is not one.")
    eligible: bool | None = Field(None, description=ELIGIBLE)


class SegmentCluster(BaseModel):
    """A cluster."""

    cluster_id: int = Field(description="Its id.")
    size: int = Field(description="Customers that it was learned from.")
    centroid: dict[str, float] = Field(description="Feature to its mean, in original units.")
    persona_label: str = Field(description="What sets it apart: `high_` from 1.3 times the overall mean on.")


class SegmentCustomerLabel(BaseModel):
    """A customer's cluster."""

    customer_id: str = Field(description="As sent.")
    cluster_id: int | None = Field(description="Cluster; −1 is noise, null while there is no model.")


class VectorSegmentationAnswer(Answer):
    """Segments of customers by their feature vectors."""

    best_algorithm: str | None = Field(description="The winner.")
    evaluation_metrics: list[SegmentMetrics] = Field(
        description="The best combination of each algorithm, or every one with `full_benchmark`."
    )
    clusters: list[SegmentCluster] = Field(description="The clusters, by id.")
    customer_labels: list[SegmentCustomerLabel] = Field(description="One per customer, in request order.")
    quality: SegmentQuality | None = Field(description="How well the winner separates the customers.")
    stability: SegmentStability | None = Field(
        None, description="How many customers kept the cluster of `previous_labels`; absent without them."
    )
    model_info: SegmentModelInfo = Field(description="The stored segmentation.")


def check(request: Any, call: Call) -> Iterator[Fault]:
    sent = feature_vectors.sent(request)
    if sent is None:
        yield from duplicates([customer.id for customer in request.customers], "customers", "id")
        yield from eps_faults(request)
        return
    field, rows = sent
    yield from duplicates([row.customer_id for row in rows], field, "customer_id")
    yield from feature_vectors.feature_faults([row.features for row in rows], field)


def handle(request: Any, call: Call) -> dict[str, Any]:
    sent = feature_vectors.sent(request)
    return _purchases(request, call) if sent is None else _feature_vectors(*sent, request, call)


def _purchases(request: PurchaseSegmentationRequest, call: Call) -> dict[str, Any]:
    customers = Purchases(request.customers)
    asked = job(
        request.segmentation_id,
        partial(customers.task_of, request),
        "customers",
        partial(answers.purchase_summary, customers),
    )
    answering = served(asked, call)
    info = model_info(asked, answering)
    model = answering.model
    if model is None:
        return {
            **{"benchmark": [], "best_model": None, "centroids": [], "labels": dict.fromkeys(customers.ids)},
            **{f"interpretations_{call.lang}": {}, "dendrogram": {}, "quality": None, "model_info": info},
        }
    if model.space.names != purchases.NAMES:
        message = "The segmentation was learned from feature vectors; send those."
        raise bad_body([Fault("/segmentation_id", message)])
    warn_of(model, call)
    summary = model.summary
    clusters = [
        Cluster(**{**row, "top_categories": tuple(row["top_categories"])}) for row in summary["clusters"]
    ]
    if asked.task is None:
        labels = model.assign(model.space.points(customers.figures, customers.bought))
        tree: dict[str, Any] = {}
    else:
        labels = model.labels
        tree = answers.dendrogram(model.tree, customers.ids, clusters)
    stability = {} if summary["stability"] is None else {"stability": summary["stability"]}
    return {
        "benchmark": summary["benchmark"],
        "best_model": summary["best_model"],
        "centroids": summary["centroids"],
        "labels": dict(zip(customers.ids, labels.tolist(), strict=True)),
        f"interpretations_{call.lang}": answers.interpretations(clusters, call),
        "dendrogram": tree,
        "quality": answers.worded_quality(summary, "k_range", call.lang),
        **stability,
        "model_info": info,
    }


def _feature_vectors(field: str, sent: Sequence[Any], request: Any, call: Call) -> dict[str, Any]:
    ids, rows = [row.customer_id for row in sent], [row.features for row in sent]
    asked = job(
        request.segmentation_id,
        partial(feature_vectors.task, ids, rows, request, call),
        field,
        feature_vectors.summarise,
    )
    return feature_vectors.answer(
        ids,
        rows,
        asked,
        served(asked, call),
        call,
        field=field,
        full_benchmark=request.full_benchmark,
    )


ENDPOINT = Endpoint(
    name="purchasing_segmentation",
    summary="Which kinds of customers there are: the best of four clustering algorithms, with portraits.",
    request=PurchaseSegmentationRequest | VectorSegmentationRequest | FeatureSegmentationRequest,
    response=PurchaseSegmentationAnswer | VectorSegmentationAnswer,
    handle=handle,
    check=check,
    trainable=TRAINABLE,
    writes_words=True,
    warnings={**WARNINGS, **feature_vectors.WARNINGS},
    chart=lazy("plugins.segmentation.charts", "segments"),
    examples={
        "purchases": {"customers": CUSTOMERS, "k_range": [2, 3, 4]},
        "feature_vectors": {"max_clusters": 4, "data": VECTORS},
    },
)
