"""Customers as orders, spend and product types: what the routes that take ``customers[]`` have in common."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from functools import cached_property
from typing import Any

import numpy as np
from numpy.typing import NDArray

from abintel.endpoint import Call
from abintel.faults import shown
from abintel.fields import Lang
from abintel.problem import Fault, pointer
from plugins.segmentation.categories import Categories, categories, top_categories
from plugins.segmentation.clustering.families import NOISE, Candidate
from plugins.segmentation.clustering.segmentation import Clustering, Task, quality
from plugins.segmentation.profiles import Profiles, cluster_means, profiles
from plugins.segmentation.report.compose import interpretation
from plugins.segmentation.report.facts import Cluster
from plugins.segmentation.training import previous_vector
from plugins.segmentation.words import hint

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]

NAMES = ("frequency", "amount_spent", "n_product_types")
LINKAGE_COLUMNS = ("child1", "child2", "distance", "sample_count")
LEGEND_CATEGORIES = 3
DEFAULT_EPS = {"raw": 0.5, "zscore": 0.4, "zscore_onehot": 0.4}


class Purchases:
    """The customers of a request, column by column."""

    def __init__(self, customers: Sequence[Any]) -> None:
        count = len(customers)
        self.ids: list[str] = [customer.id for customer in customers]
        self.frequency = np.fromiter((customer.frequency for customer in customers), np.float64, count)
        self.spend = np.fromiter((customer.amount_spent for customer in customers), np.float64, count)
        self._baskets: list[list[str]] = [customer.product_types for customer in customers]

    @classmethod
    def of_columns(
        cls, ids: list[str], frequency: Floats, spend: Floats, baskets: list[list[str]]
    ) -> Purchases:
        """The same from columns, each of length n."""
        made = cls(())
        made.ids, made.frequency, made.spend, made._baskets = ids, frequency, spend, baskets
        return made

    @cached_property
    def bought(self) -> Categories:
        """Who bought which product type."""
        return categories(self._baskets)

    @cached_property
    def figures(self) -> Floats:
        """Frequency, amount spent, number of product types, shape ``(n, 3)``."""
        return np.column_stack([self.frequency, self.spend, self.bought.per_customer.astype(np.float64)])

    def task(
        self,
        *,
        ks: Sequence[int],
        scaling: str,
        families: Sequence[str],
        eps: float | None = None,
        min_samples: int = 5,
        previous: Mapping[str, int] | None = None,
    ) -> Task:
        """How to cluster them."""
        return Task(
            names=NAMES,
            figures=self.figures,
            scaling=scaling,
            ks=tuple(sorted(set(ks))),
            families=tuple(family for family in ("kmeans", "gmm", "agglo", "dbscan") if family in families),
            eps=DEFAULT_EPS[scaling] if eps is None else eps,
            min_samples=min_samples,
            bought=self.bought,
            previous=previous_vector(previous, self.ids),
        )

    def task_of(self, request: Any) -> Task:
        """How a request wants them clustered."""
        return self.task(
            ks=request.k_range,
            scaling=request.scaling,
            families=request.algorithms,
            eps=request.dbscan_eps,
            min_samples=request.dbscan_min_samples,
            previous=request.previous_labels,
        )

    def labels(self, labels: Mapping[str, int]) -> Ints:
        """Cluster of each customer, as sent, shape ``(n,)``."""
        return np.fromiter((labels[customer] for customer in self.ids), np.int64, len(self.ids))

    def profiles(self, labels: Ints) -> Profiles:
        """Figures of each cluster."""
        return profiles(labels, self.spend, self.frequency)

    def clusters(self, labels: Ints, count: int = LEGEND_CATEGORIES) -> list[Cluster]:
        """The clusters at a glance, in order of id, noise among them."""
        found = self.profiles(labels)
        tops = top_categories(self.bought, found.place, len(found.ids), count)
        return [
            Cluster(
                cluster_id=int(found.ids[place]),
                n_customers=int(found.sizes[place]),
                avg_spend=round(float(found.mean_spend[place]), 2),
                avg_frequency=round(float(found.mean_frequency[place]), 2),
                top_categories=tuple(tops[place]),
                share_revenue_pct=float(found.revenue_pct[place]),
            )
            for place in range(len(found.ids))
        ]

    def segments(self, labels: Ints) -> list[Cluster]:
        """The same without noise, which is no segment."""
        kept = labels != NOISE
        if kept.all():
            return self.clusters(labels)
        place = np.unique(labels[kept], return_inverse=True)[1]
        hidden = np.full(len(labels), -1)
        hidden[kept] = place
        tops = top_categories(self.bought, hidden, int(place.max(initial=-1)) + 1, LEGEND_CATEGORIES)
        found = [cluster for cluster in self.clusters(labels) if cluster.cluster_id != NOISE]
        return [cluster._replace(top_categories=tuple(top)) for cluster, top in zip(found, tops, strict=True)]


def legend(clusters: Sequence[Cluster]) -> list[dict[str, Any]]:
    """``cluster_legend`` of a dendrogram."""
    return [
        {
            "cluster_id": cluster.cluster_id,
            "n_customers": cluster.n_customers,
            "avg_spend": cluster.avg_spend,
            "avg_frequency": cluster.avg_frequency,
            "top_categories": ", ".join(cluster.top_categories),
        }
        for cluster in clusters
    ]


def dendrogram(tree: Floats, ids: Sequence[str], clusters: Sequence[Cluster]) -> dict[str, Any]:
    """The tree, as `segment_hierarchy_chart` takes it."""
    return {
        "linkage_matrix": tree,
        "columns": LINKAGE_COLUMNS,
        "leaf_labels": ids,
        "cluster_legend": legend(clusters),
    }


def benchmark_row(candidate: Candidate) -> dict[str, Any]:
    """A row of ``benchmark``; a DBSCAN that divides nothing scores −1."""
    return {
        "algo": candidate.partition.family,
        "k": candidate.partition.k,
        "silhouette": -1.0 if candidate.silhouette is None else candidate.silhouette,
        "davies_bouldin": candidate.davies_bouldin,
    }


def shown_candidates(outcome: Clustering) -> list[Candidate]:
    """The candidates that have a row: what could be judged, and DBSCAN."""
    return [
        candidate
        for candidate in outcome.trial.candidates
        if candidate.silhouette is not None or candidate.partition.family == "dbscan"
    ]


def summarise(customers: Purchases, task: Task, outcome: Clustering) -> dict[str, Any]:
    """What an answer says of a clustering that is about no single customer."""
    best = outcome.trial.best
    if best is None:
        raise ValueError("a clustering has a winner")
    labels = outcome.winner.labels
    kept = labels != NOISE
    place = np.unique(labels[kept], return_inverse=True)[1]
    return {
        "benchmark": [benchmark_row(candidate) for candidate in shown_candidates(outcome)],
        "best_model": {**benchmark_row(best), "n_clusters": best.partition.clusters},
        "centroids": cluster_means(place, task.figures[kept]).tolist(),
        "clusters": [cluster._asdict() for cluster in customers.segments(labels)],
        "quality": quality(outcome, task),
        "stability": stability(outcome),
    }


def stability(outcome: Clustering) -> dict[str, Any] | None:
    """``stability`` of an answer, None if no labels of the last run were sent."""
    if outcome.compared is None:
        return None
    return {"compared_customers": outcome.compared, "share_unchanged": outcome.share_kept}


def worded_quality(summary: Mapping[str, Any], setting: str, lang: Lang) -> dict[str, Any]:
    """``quality`` of an answer, with its hint in words."""
    figures = {key: value for key, value in summary["quality"].items() if key != "weak"}
    return {**figures, "hint": hint(summary["quality"]["weak"], setting, lang)}


def interpretations(clusters: Sequence[Cluster], call: Call) -> dict[str, str]:
    """Cluster id to a sentence on it."""
    return {
        str(cluster.cluster_id): interpretation(cluster, call.lang, call.currency) for cluster in clusters
    }


def eps_faults(request: Any) -> Iterator[Fault]:
    """A radius that is too large for standard deviations."""
    if request.dbscan_eps is not None and request.scaling != "raw" and request.dbscan_eps > 1:
        message = f"{shown(request.dbscan_eps)} standard deviations; send at most 1 with this scaling."
        yield Fault("/dbscan_eps", message)


def label_faults(ids: Sequence[str], labels: Mapping[str, int]) -> Iterator[Fault]:
    """Faults of customers without a label and of labels without a customer."""
    if len(labels) == len(ids) and labels.keys() == set(ids):
        return
    for place, customer in enumerate(ids):
        if customer not in labels:
            yield Fault(
                pointer("customers", place, "id"), f"{shown(customer)} has no label; send one in labels."
            )
    known = set(ids)
    for customer in labels:
        if customer not in known:
            yield Fault(pointer("labels", customer), f"{shown(customer)} is no customer of this request.")
