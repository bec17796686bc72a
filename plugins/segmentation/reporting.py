"""The report of a segmentation: whose segments it is about, and the JSON that all its forms are made from."""

from __future__ import annotations

import datetime
from collections.abc import Iterator, Mapping, Sequence
from typing import Annotated, Any, NamedTuple

import msgspec
import numpy as np
import orjson
import pydantic_core
from numpy.typing import NDArray
from pydantic import BaseModel, Field

from abintel.answer import Answer
from abintel.checks import duplicates
from abintel.endpoint import Call, Parameter
from abintel.faults import shown
from abintel.fields import Body, Decodes, Identifier, Lang, Text
from abintel.problem import Fault, bad_body, pointer
from abintel.query import chosen
from plugins.segmentation import vectors
from plugins.segmentation.drawing import hierarchy
from plugins.segmentation.purchases import LEGEND_CATEGORIES, Purchases, eps_faults, label_faults
from plugins.segmentation.report.compose import write
from plugins.segmentation.report.facts import Cluster, Tree, tree_of
from plugins.segmentation.schemas import (
    Labels,
    LegendValue,
    PurchaseSettings,
    SegmentCustomer,
    SegmentRow,
    VectorSettings,
)
from plugins.segmentation.training import clustered, require_enough

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]

LANGUAGE_NAMES: Mapping[Lang, str] = {"en": "English", "es": "Español", "pt": "Português"}
MOST_CLUSTERS = 200
"""Nobody reads a report on more."""
DEPTHS = ("full", "brief")
DEPTH = Parameter(
    "depth",
    "`brief` shortens every section; the summary then has 60 to 120 words instead of 250 to 350.",
    {"type": "string", "enum": [*DEPTHS], "default": "full"},
)


Distance = Annotated[float, Field(ge=-1e25, le=1e25)]
"""Distances may exceed any amount: they grow with the number of customers."""


class SentDendrogram(Body):
    """Ward's tree, as the routes that cluster answer it."""

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
    """Sends no segments. A body with labels that do not fit must not be taken for one without."""

    labels: None = Field(None, description="Absent: with labels, the body is the other one.")
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
"""Of the routes that segment by themselves where no labels are sent."""


class ClusterMetrics(BaseModel):
    """The figures that the report speaks of."""

    cluster_id: int = Field(description="Its id; −1 is noise.")
    n_customers: int = Field(description="Customers in it.")
    avg_spend: float = Field(description="Mean amount spent, 2 decimals.")
    avg_frequency: float = Field(description="Mean number of orders, 2 decimals.")
    top_categories: str = Field(description="Its most telling product types.")
    share_revenue_pct: float = Field(description="Its share of all revenue, in percent, exact.")


class Report(BaseModel):
    """A report that can be printed as it is."""

    language: str = Field(description="English, Español or Português.")
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
    # Written by us from what was read: there is nothing to check, and reading it again would take long.
    raw_payload: Annotated[dict[str, Any], Decodes(msgspec.Raw)] = Field(
        description="The request as it was understood; never a credential."
    )


class ReportAnswer(Report, Answer):
    """A report that can be printed as it is."""


class Subject(NamedTuple):
    """What a report is about.

    Attributes:
        customers: who.
        labels: cluster of each, shape ``(n,)``.
        clusters: the figures of each cluster, by id.
        linkage: Ward's matrix, None without a tree.
        leaves: cluster of each leaf, shape ``(m,)``, None without a tree.
        payload: the request, to hand back.
    """

    customers: Purchases
    labels: Ints
    clusters: Sequence[Cluster]
    linkage: Floats | None
    leaves: Ints | None
    payload: Mapping[str, Any]

    @property
    def tree(self) -> Tree | None:
        """What of the hierarchy the report may speak of."""
        if self.linkage is None or self.leaves is None:
            return None
        return tree_of(self.linkage, self.leaves)


def faults(request: Any, call: Call) -> Iterator[Fault]:
    """Faults of any body that a report can be made from.

    Raises:
        Problem: 400, the query names a depth that there is not.
    """
    chosen(call.query, "depth", DEPTHS)
    sent = vectors.sent(request)
    if sent is not None:
        field, rows = sent
        yield from duplicates([row.customer_id for row in rows], field, "customer_id")
        yield from vectors.feature_faults([row.features for row in rows], field)
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
            yield from _leaf_faults(request.dendrogram.leaf_labels, ids)
            if len(request.dendrogram.leaf_labels) < len(ids):
                message = f"{len(request.dendrogram.leaf_labels):,} leaves for {len(ids):,} customers; "
                yield Fault("/dendrogram/leaf_labels", message + "send the tree over all of them.")
    else:
        yield from eps_faults(request)


def dendrogram_faults(dendrogram: Any) -> Iterator[Fault]:
    """Faults of a linkage matrix, each naming its row."""
    for row, message in hierarchy.faults(dendrogram.linkage_matrix, len(dendrogram.leaf_labels)):
        place = ("dendrogram", "linkage_matrix") if row < 0 else ("dendrogram", "linkage_matrix", row)
        yield Fault(pointer(*place), message)


def _leaf_faults(leaves: Sequence[str], ids: Sequence[str]) -> Iterator[Fault]:
    known = set(ids)
    seen: set[str] = set()
    for place, leaf in enumerate(leaves):
        if leaf not in known:
            message = f"{shown(leaf)} is no customer of this request."
        elif leaf in seen:
            message = f"{shown(leaf)} is a leaf already; each customer is one leaf."
        else:
            seen.add(leaf)
            continue
        yield Fault(pointer("dendrogram", "leaf_labels", place), message)


def subject(request: Any, call: Call) -> Subject:
    """Whose segments a request is about: those that it sends, or those that are found in it.

    Raises:
        Problem: 400, the customers cannot be segmented.
    """
    if request.labels is not None:
        return _sent(request)
    sent = vectors.sent(request)
    if sent is not None:
        field, ids = sent[0], [row.customer_id for row in sent[1]]
        rows = [row.features for row in sent[1]]
        frequency, spend = vectors.table(rows, ("visit_frequency", "purchase_total")).T
        customers = Purchases.of_columns(ids, frequency, spend, [[] for _ in ids])
        task = vectors.task(ids, rows, request, call)
    else:
        customers, field = Purchases(request.customers), "customers"
        task = customers.task_of(request)
    require_enough(task, field)
    outcome = clustered(task)
    labels = outcome.winner.labels
    clusters = customers.clusters(labels)
    if len(clusters) > MOST_CLUSTERS:
        message = f"They fall into {len(clusters):,} segments; a report takes at most {MOST_CLUSTERS}."
        raise bad_body([Fault(pointer(field), message)])
    return Subject(customers, labels, clusters, outcome.trial.tree, labels, _echo(request))


def _sent(request: Any) -> Subject:
    customers = Purchases(request.customers)
    labels = customers.labels(request.labels)
    clusters, payload = customers.clusters(labels), _echo(request)
    if request.dendrogram is None:
        return Subject(customers, labels, clusters, None, None, payload)
    sent = request.dendrogram
    legend = {row.get("cluster_id"): row for row in sent.cluster_legend or ()}
    clusters = [_as_in_legend(cluster, legend.get(cluster.cluster_id, {})) for cluster in clusters]
    linkage = np.array(sent.linkage_matrix, dtype=np.float64).reshape(-1, 4)
    leaves = np.array([request.labels[leaf] for leaf in sent.leaf_labels], dtype=np.int64)
    return Subject(customers, labels, clusters, linkage, leaves, {**payload, "dendrogram": _echo(sent)})


def _as_in_legend(cluster: Cluster, row: Mapping[str, Any]) -> Cluster:
    """A cluster with the product types that the sent legend names for it: a reader of both sees the same.

    A legend of other clusters (of another cut of the tree, say) has other figures, and is passed over.
    """
    same = row.get("n_customers") == cluster.n_customers and row.get("avg_spend") == cluster.avg_spend
    named = row.get("top_categories")
    # A product type may hold a comma: what is our own text already need not be taken apart.
    if not same or not isinstance(named, str) or named in ("", ", ".join(cluster.top_categories)):
        return cluster
    return cluster._replace(top_categories=tuple(named.split(", ")[:LEGEND_CATEGORIES]))


def _echo(body: Any) -> dict[str, Any]:
    """A body's members as they were read, without those that are absent."""
    pydantic = isinstance(body, BaseModel)
    names = type(body).model_fields if pydantic else body.__struct_fields__
    encode = pydantic_core.to_json if pydantic else msgspec.json.encode
    return {
        name: orjson.Fragment(encode(value)) for name in names if (value := getattr(body, name)) is not None
    }


def report(about: Subject, lang: Lang, call: Call) -> dict[str, Any]:
    """The report in one language."""
    clusters = about.clusters
    brief = chosen(call.query, "depth", DEPTHS) == "brief"
    return {
        "language": LANGUAGE_NAMES[lang],
        "generated_on": stamp(call.now),
        **write(clusters, about.tree, lang, brief=brief, currency=call.currency),
        "cluster_metrics": [metrics(cluster) for cluster in clusters],
        "raw_payload": about.payload,
    }


def stamp(now: datetime.datetime) -> str:
    """UTC to the second, as the documents print it."""
    return now.strftime("%Y-%m-%dT%H:%M:%S")


def metrics(cluster: Cluster) -> dict[str, Any]:
    """A row of ``cluster_metrics``."""
    return {**cluster._asdict(), "top_categories": ", ".join(cluster.top_categories)}
