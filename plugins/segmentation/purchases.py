"""Customers by orders, spend and product types, as the routes that take ``customers[]`` need them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import cached_property
from typing import Any

import numpy as np

from plugins.segmentation.clustering.algorithms import ALGORITHMS
from plugins.segmentation.clustering.categories import Categories, categories, top_categories
from plugins.segmentation.clustering.partition import NOISE, Floats, Ints, compact_labels
from plugins.segmentation.clustering.task import Task
from plugins.segmentation.profiles import Profiles, profiles
from plugins.segmentation.report.facts import Cluster
from plugins.segmentation.training import previous_vector

NAMES = ("frequency", "amount_spent", "n_product_types")
LEGEND_CATEGORIES = 3
DEFAULT_EPS = {"raw": 0.5, "zscore": 0.4, "zscore_onehot": 0.4, "log": 0.4}


class Purchases:
    """The customers of a request, as columns."""

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
        purchases = cls(())
        purchases.ids, purchases._baskets = ids, baskets
        purchases.frequency, purchases.spend = frequency, spend
        return purchases

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
        algorithms: Sequence[str],
        eps: float | None = None,
        min_samples: int = 5,
        min_share: float = 0.0,
        previous: Mapping[str, int] | None = None,
    ) -> Task:
        """How to cluster them."""
        return Task(
            names=NAMES,
            figures=self.figures,
            scaling=scaling,
            ks=tuple(sorted(set(ks))),
            algorithms=tuple(code for code in ALGORITHMS if code in algorithms),
            eps=DEFAULT_EPS[scaling] if eps is None else eps,
            min_samples=min_samples,
            min_share=min_share,
            bought=self.bought,
            previous=previous_vector(previous, self.ids),
        )

    def task_of(self, request: Any) -> Task:
        """How a request wants them clustered."""
        return self.task(
            ks=request.k_range,
            scaling=request.scaling,
            algorithms=request.algorithms,
            eps=request.dbscan_eps,
            min_samples=request.dbscan_min_samples,
            min_share=request.min_cluster_share,
            previous=request.previous_labels,
        )

    def labels(self, labels: Mapping[str, int]) -> Ints:
        """Cluster of each customer, as sent, shape ``(n,)``."""
        return np.fromiter((labels[customer] for customer in self.ids), np.int64, len(self.ids))

    def profiles(self, labels: Ints) -> Profiles:
        """Figures of each cluster."""
        return profiles(labels, self.spend, self.frequency)

    def clusters(self, labels: Ints, count: int = LEGEND_CATEGORIES) -> list[Cluster]:
        """The clusters at a glance, in order of id, noise included."""
        figures = self.profiles(labels)
        tops = top_categories(self.bought, figures.cluster, len(figures.ids), count)
        orders = np.bincount(figures.cluster, weights=self.frequency)
        per_order = figures.mean_spend * figures.sizes / np.where(orders > 0, orders, np.inf)
        return [
            Cluster(
                cluster_id=int(figures.ids[index]),
                n_customers=int(figures.sizes[index]),
                avg_spend=round(float(figures.mean_spend[index]), 2),
                avg_frequency=round(float(figures.mean_frequency[index]), 2),
                top_categories=tuple(tops[index]),
                share_revenue_pct=float(figures.revenue_pct[index]),
                per_order=float(per_order[index]),
                median_spend=_if(figures.spend_is_pulled[index], figures.median_spend[index]),
                median_frequency=_if(figures.frequency_is_pulled[index], figures.median_frequency[index]),
            )
            for index in range(len(figures.ids))
        ]

    def segments(self, labels: Ints) -> list[Cluster]:
        """The same without noise, which is no segment: its purchases do not count for the product types."""
        in_cluster = labels != NOISE
        if in_cluster.all():
            return self.clusters(labels)
        segment_of = np.full(len(labels), -1)
        segment_of[in_cluster] = compact_labels(labels[in_cluster])
        segments = [cluster for cluster in self.clusters(labels) if cluster.cluster_id != NOISE]
        tops = top_categories(self.bought, segment_of, len(segments), LEGEND_CATEGORIES)
        return [
            segment._replace(top_categories=tuple(top)) for segment, top in zip(segments, tops, strict=True)
        ]


def _if(is_pulled: np.bool_, median: np.floating[Any]) -> float | None:
    """A median if one customer pulls the mean, 2 decimals."""
    return round(float(median), 2) if is_pulled else None
