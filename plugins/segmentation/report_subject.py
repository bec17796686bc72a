"""The segments that a report is about, and the JSON report that its other forms are made from."""

from __future__ import annotations

import datetime
from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

import msgspec
import numpy as np
import orjson
import pydantic_core
from pydantic import BaseModel

from abintel.endpoint import Call
from abintel.problem import Fault, bad_body, pointer
from abintel.query import chosen
from abintel.wording import Lang
from plugins.segmentation import feature_vectors
from plugins.segmentation.clustering.partition import Floats, Ints
from plugins.segmentation.purchases import LEGEND_CATEGORIES, Purchases
from plugins.segmentation.report.compose import segment_names, write
from plugins.segmentation.report.facts import Cluster, Tree, tree_of
from plugins.segmentation.report_bodies import DEPTHS, MOST_CLUSTERS, ClusterMetrics
from plugins.segmentation.training import clustered, doubts, require_enough, warn_of_doubts
from plugins.segmentation.words import TEXTS


class Subject(NamedTuple):
    """What a report is about.

    Attributes:
        customers: the customers.
        labels: cluster of each, shape ``(n,)``.
        clusters: the figures of each cluster, by id.
        linkage: Ward's linkage matrix; None without a tree.
        leaves: cluster of each leaf, shape ``(m,)``; None without a tree.
        payload: the request, which the answer repeats.
    """

    customers: Purchases
    labels: Ints
    clusters: Sequence[Cluster]
    linkage: Floats | None
    leaves: Ints | None
    payload: Mapping[str, Any]

    @property
    def tree(self) -> Tree | None:
        """What the report can say about the hierarchy."""
        if self.linkage is None or self.leaves is None:
            return None
        return tree_of(self.linkage, self.leaves)


def subject(request: Any, call: Call) -> Subject:
    """The segments that a request is about: those that it sends, or new ones of its customers.

    Raises:
        Problem: 400, the customers cannot be segmented.
    """
    if request.labels is not None:
        return _sent(request)
    sent = feature_vectors.sent(request)
    if sent is not None:
        field, ids = sent[0], [row.customer_id for row in sent[1]]
        rows = [row.features for row in sent[1]]
        frequency, spend = feature_vectors.table(rows, ("visit_frequency", "purchase_total")).T
        customers = Purchases.of_columns(ids, frequency, spend, [[] for _ in ids])
        task = feature_vectors.task(ids, rows, request, call)
    else:
        customers, field = Purchases(request.customers), "customers"
        task = customers.task_of(request)
    require_enough(task, field)
    outcome = clustered(task)
    if outcome.trial.best is not None:
        warn_of_doubts(doubts(task, outcome.trial.best), call)
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
    """A cluster with the product types that the sent legend names for it, so that report and legend agree.

    The legend of other clusters, as of another cut of the tree, has other figures and is ignored.
    """
    describes_it = row.get("n_customers") == cluster.n_customers and row.get("avg_spend") == cluster.avg_spend
    named = row.get("top_categories")
    # A product type may hold a comma, so that our own list is not split again.
    if not describes_it or not isinstance(named, str) or named in ("", ", ".join(cluster.top_categories)):
        return cluster
    return cluster._replace(top_categories=tuple(named.split(", ")[:LEGEND_CATEGORIES]))


def _echo(body: Any) -> dict[str, Any]:
    """The members of a body as they were read, without the absent ones."""
    is_pydantic = isinstance(body, BaseModel)
    names = type(body).model_fields if is_pydantic else body.__struct_fields__
    encode = pydantic_core.to_json if is_pydantic else msgspec.json.encode
    return {
        name: orjson.Fragment(encode(value)) for name in names if (value := getattr(body, name)) is not None
    }


def report(about: Subject, lang: Lang, call: Call) -> dict[str, Any]:
    """The report in one language."""
    clusters = about.clusters
    brief = chosen(call.query, "depth", DEPTHS) == "brief"
    return {
        "language": TEXTS[lang].say("language"),
        "generated_on": stamp(call.now),
        **write(clusters, about.tree, lang, brief=brief, currency=call.currency),
        "cluster_metrics": [metrics(cluster) for cluster in clusters],
        "segment_names": segment_names(clusters, lang),
        "raw_payload": about.payload,
    }


def stamp(now: datetime.datetime) -> str:
    """UTC to the second, as the documents print it."""
    return now.strftime("%Y-%m-%dT%H:%M:%S")


def metrics(cluster: Cluster) -> dict[str, Any]:
    """A row of ``cluster_metrics``."""
    shown = {name: value for name, value in cluster._asdict().items() if name in ClusterMetrics.model_fields}
    return {**shown, "top_categories": ", ".join(cluster.top_categories)}
