"""Parts of bodies and answers that several segmentation routes share."""

from __future__ import annotations

from typing import Annotated, Any, Literal, get_args

from pydantic import BaseModel, ConfigDict, Field, create_model

from abintel.fields import Amount, Body, Count, Identifier, Integer, Number, Share, Text
from abintel.wording import languages
from plugins.segmentation.clustering.quality import MOST_CLUSTERS

AlgorithmCode = Literal["kmeans", "gmm", "agglo", "dbscan"]
Scaling = Literal["raw", "zscore", "zscore_onehot", "log"]
VectorScaling = Literal["zscore", "log"]

Clusters = Annotated[Integer, Field(ge=2, le=MOST_CLUSTERS)]
ClusterId = Annotated[Integer, Field(ge=-1, le=10**9)]
"""A cluster's id; −1 is DBSCAN's noise."""
MinSamples = Annotated[Integer, Field(ge=3, le=10**6)]
Eps = Annotated[float, Field(gt=0, le=1e15)]
Labels = dict[Identifier, ClusterId]
Whole = Annotated[int, Field(ge=-(10**15), le=10**15)]
"""An integer that is handed back as one: a ``Number`` would return 2 as 2.0."""
SCALING = (
    "`raw` figures; `zscore`; `zscore_onehot`, z-scores and indicators of the 50 most bought product types; "
    "or `log`, z-scores of ln(1 + x), which keeps a few very large customers from deciding."
)
VECTOR_SCALING = (
    "`zscore`; or `log`, z-scores of ln(1 + x) of money and counts: features that are never negative, and "
    "above 1 somewhere."
)
MinClusterShare = Annotated[float, Field(ge=0, le=0.5)]
MIN_CLUSTER_SHARE = (
    "From 200 customers on, the least share of them in each cluster of the best model; rows that do not "
    "reach it say `eligible: false`."
)
LegendValue = Whole | Number | Annotated[str, Field(max_length=10_000)] | bool | None


def sentences_per_language(name: str, key: str) -> Any:
    """A base of answers that have sentences under a key of the reader's language: ``name_en`` and so on.

    Args:
        name: beginning of the members' names.
        key: what has a sentence.
    """
    members: dict[str, Any] = {}
    for lang in languages():
        described = f"{key} to a sentence about it; present with `lang={lang}`."
        members[f"{name}_{lang}"] = (dict[str, str] | None, Field(None, description=described))
    return create_model(f"{name}_per_language", **members)


class SegmentCustomer(Body):
    """A customer in the figures that every segmentation route takes."""

    id: Identifier = Field(description="Your key of the customer, once per request; hash it if you prefer.")
    frequency: Annotated[Integer, Field(ge=1, le=10**12)] = Field(description="Orders in the window.")
    amount_spent: Amount = Field(description="Revenue in the same window.")
    product_types: Annotated[list[Identifier], Field(min_length=1)] = Field(
        description="Product types (SKUs or categories) that the customer bought; repetitions count once."
    )


class SegmentFeatures(Body):
    """The six features of `customer_features`; further numeric features of every row are clustered too."""

    model_config = ConfigDict(extra="allow")

    purchase_total: Amount = Field(description="Revenue in the window.")
    visit_frequency: Count = Field(description="Distinct purchases.")
    avg_ticket: Amount = Field(description="Mean value of a purchase.")
    product_diversity: Count = Field(description="Distinct products or categories.")
    loyalty_score: Share = Field(description="Loyalty, 0 to 1.")
    recency_days: Count = Field(description="Days since the last purchase.")


class SegmentRow(Body):
    """A customer as a feature vector."""

    customer_id: Identifier = Field(description="Your key of the customer, once per request.")
    features: SegmentFeatures = Field(description="The feature vector.")


class Settings(Body):
    """Settings that every request to cluster takes."""

    algorithms: Annotated[list[AlgorithmCode], Field(min_length=1, max_length=16)] = Field(
        list(get_args(AlgorithmCode)),
        description="Algorithms to try: K-Means, Gaussian mixture, Ward's tree, DBSCAN.",
    )
    dbscan_min_samples: MinSamples = Field(
        5, description="Customers within eps, itself included, that make a customer a core point of DBSCAN."
    )
    min_cluster_share: MinClusterShare = Field(0.02, description=MIN_CLUSTER_SHARE)
    previous_labels: Labels | None = Field(
        None,
        description="Customer to cluster of the last run: clusters are renumbered to overlap most with it.",
    )


class PurchaseSettings(Settings):
    """Customers by orders, spend and product types, and how to cluster them."""

    customers: Annotated[list[SegmentCustomer], Field(min_length=1)] = Field(
        description="The customers, each once."
    )
    k_range: Annotated[list[Clusters], Field(min_length=1, max_length=100)] = Field(
        [3, 4, 5, 6], description="Numbers of clusters to try with K-Means, Gaussian mixture and Ward."
    )
    scaling: Scaling = Field("raw", description=SCALING)
    dbscan_eps: Eps | None = Field(
        None, description="Radius of DBSCAN; 0.5 raw, 0.40 z-scored (then at most 1) if absent."
    )


class VectorSettings(Settings):
    """How to cluster feature vectors."""

    scaling: VectorScaling = Field("zscore", description=VECTOR_SCALING)

    max_clusters: Clusters = Field(10, description="Largest number of clusters to try; the smallest is 2.")
    dbscan_eps: Annotated[float, Field(gt=0, le=1)] = Field(
        0.40, description="Radius of DBSCAN, in standard deviations."
    )


class Assignable(Body):
    """May ask for a stored segmentation instead of a new one."""

    segmentation_id: Identifier | None = Field(
        None,
        description="`model_info.segmentation_id` of an earlier answer: customers are assigned to its "
        "segments, and nothing is clustered.",
    )


class SegmentVectors(VectorSettings, Assignable):
    """Settings of the routes that cluster feature vectors."""

    full_benchmark: bool = Field(
        False, description="List every combination in `evaluation_metrics`, not the best of each algorithm."
    )


ELIGIBLE = (
    "False if it cannot be the best model: it has fewer than two clusters (noise is not one), or one below "
    "`min_cluster_share`; else absent."
)


class SegmentBenchmarkRow(BaseModel):
    """The scores of a combination."""

    algo: AlgorithmCode = Field(description="Algorithm.")
    k: int | None = Field(description="Number of clusters that was asked for; null for DBSCAN.")
    silhouette: float = Field(description="Mean silhouette, −1 to 1, higher is better; −1: no partition.")
    davies_bouldin: float | None = Field(description="Davies-Bouldin index, lower is better.")
    eligible: bool | None = Field(None, description=ELIGIBLE)


class SegmentBestModel(SegmentBenchmarkRow):
    """The winner: highest silhouette among the eligible, then lowest Davies-Bouldin index."""

    n_clusters: int = Field(description="Number of clusters; noise is not one.")


class SegmentLegendRow(BaseModel):
    """A cluster at a glance."""

    cluster_id: int = Field(description="Its id.")
    n_customers: int = Field(description="Customers in it.")
    avg_spend: float = Field(description="Mean amount spent, 2 decimals.")
    avg_frequency: float = Field(description="Mean number of orders, 2 decimals.")
    top_categories: str = Field(description="Its most telling product types, by TF-IDF.")


class SegmentDendrogram(BaseModel):
    """Ward's tree; `segment_hierarchy_chart` makes a graph of it."""

    linkage_matrix: list[list[float]] | None = Field(
        None, description="Rows of child1, child2, distance, sample_count, as SciPy has them."
    )
    columns: list[str] | None = Field(None, description="Names of a row's four figures.")
    leaf_labels: list[str] | None = Field(None, description="Customer of each leaf, in request order.")
    cluster_legend: list[SegmentLegendRow] | None = Field(None, description="The clusters at a glance.")


Distance = Annotated[float, Field(ge=-1e25, le=1e25)]
"""A distance may exceed any amount: it grows with the number of customers."""


class SentDendrogram(Body):
    """Ward's tree, as the clustering routes answer it."""

    linkage_matrix: list[list[Distance]] = Field(
        description="One row per merge: child1, child2, distance, sample_count."
    )
    columns: list[Text] | None = Field(None, description="Names of a row's four figures.")
    leaf_labels: Annotated[list[Identifier], Field(min_length=1)] = Field(
        description="Customer of each leaf."
    )
    cluster_legend: list[dict[Identifier, LegendValue]] | None = Field(
        None, description="The clusters at a glance; handed on unchanged."
    )


class SegmentClusterQuality(BaseModel):
    """How well a cluster holds together."""

    cluster_id: int = Field(description="Its id; −1 is noise.")
    n_customers: int = Field(description="Customers in it.")
    silhouette: float = Field(description="Mean silhouette of its customers.")


class SegmentBootstrap(BaseModel):
    """How alike the clusters of bootstrap samples are; below 0.6 the answer warns `unstable`."""

    ari: float = Field(description="Mean adjusted Rand index, 1: the same clusters, 0: as by chance.")
    lower: float = Field(description="5 % quantile over the samples.")
    upper: float = Field(description="95 % quantile over the samples.")


class SegmentQuality(BaseModel):
    """How well the winner separates the customers; silhouettes are exact, never sampled."""

    silhouette: float = Field(description="Mean silhouette over all customers.")
    clusters: list[SegmentClusterQuality] = Field(description="The same per cluster.")
    negative_share: float = Field(
        ge=0, le=1, description="Share of customers who are nearer to another cluster than to their own."
    )
    hint: str | None = Field(description="Which setting to move, if the partition is weak.")
    stability: SegmentBootstrap | None = Field(
        None,
        description="The winning algorithm on bootstrap samples of the customers; null below 50 of them.",
    )


class SegmentStability(BaseModel):
    """How many customers kept the cluster of the last run."""

    compared_customers: int = Field(description="Customers of `previous_labels` who are in this request.")
    share_unchanged: float | None = Field(
        description="Share of them who have the same cluster id as before; null if there are none."
    )


class SegmentModelInfo(BaseModel):
    """The stored model; a key without a value is absent."""

    segmentation_id: str | None = Field(
        None, description="Send it with customers to assign them to these segments, for 30 days."
    )
    note: str | None = Field(None, description="Why there is no assignment, or a remark on the model.")
    missing_features: list[str] | None = Field(
        None, description="Features that some customer lacks; the mean of the training was used."
    )
    cached: bool | None = Field(None, description="Whether the model existed before this request.")
    model_version: str | None = Field(None, description="Version in the model registry.")
    trained_at: str | None = Field(None, description="When it was trained, UTC.")
    expires_at: str | None = Field(None, description="When it is no longer served, UTC.")
    registry: str | None = Field(None, description="State of the model registry, if it is not available.")
