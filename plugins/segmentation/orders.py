"""Segments from raw orders: their cards, and their mix of RFM tiers."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from plugins.segmentation import feature_vectors
from plugins.segmentation.clustering.cluster import Clustering
from plugins.segmentation.clustering.partition import NOISE, Ints
from plugins.segmentation.clustering.task import Task
from plugins.segmentation.purchases import Purchases
from plugins.shared import rfm

BINS = 5
"""RFM bins, as `customer_rfm` has them by default."""
CARD_CATEGORIES = 5
TIERS = ("Champion", "Loyal", "Potential", "Promising", "At-Risk")


def tiers(rows: Sequence[Mapping[str, Any]]) -> NDArray[np.str_]:
    """RFM tier of each customer, from recency, visits and total, shape ``(n,)``."""
    recency, visits, total = feature_vectors.table(
        rows, ("recency_days", "visit_frequency", "purchase_total")
    ).T
    totals = (
        rfm.recency_score(recency.astype(np.int64), rfm.cut_offs(recency, BINS))
        + rfm.score(visits, rfm.cut_offs(visits, BINS))
        + rfm.score(total, rfm.cut_offs(total, BINS))
    )
    return rfm.tiers(totals, BINS, rfm.tier_cut_offs(totals, BINS))


def summarise(
    customers: Purchases, rows: Sequence[Mapping[str, Any]], task: Task, outcome: Clustering
) -> dict[str, Any]:
    """The summary of :func:`feature_vectors.summarise`, with a card and the tiers of each cluster."""
    summary = feature_vectors.summarise(task, outcome)
    labels = outcome.winner.labels
    figures = customers.profiles(labels)
    ids = figures.ids.tolist()
    median_of = dict(zip(ids, figures.median_spend.tolist(), strict=True))
    mix_of = dict(zip(ids, _mixes(figures.cluster, tiers(rows)), strict=True))
    cards = {
        cluster.cluster_id: {
            "cluster_id": cluster.cluster_id,
            "n_customers": cluster.n_customers,
            "avg_spend": cluster.avg_spend,
            "avg_frequency": cluster.avg_frequency,
            "top_categories": ", ".join(cluster.top_categories),
            "median_spend": round(median_of[cluster.cluster_id], 2),
            "share_of_revenue_pct": round(cluster.share_revenue_pct, 2),
        }
        for cluster in customers.clusters(labels, CARD_CATEGORIES)
        if cluster.cluster_id != NOISE
    }
    return {
        **summary,
        "clusters": [
            {
                **cluster,
                "profile": cards[cluster["cluster_id"]],
                "rfm_tiers": mix_of[cluster["cluster_id"]],
            }
            for cluster in summary["clusters"]
        ],
    }


def _mixes(cluster: Ints, tier_of: NDArray[np.str_]) -> list[list[dict[str, Any]]]:
    """The customers of each cluster by tier, best tier first; empty tiers are left out."""
    counts = np.zeros((int(cluster.max()) + 1, len(TIERS)), dtype=np.int64)
    for column, tier in enumerate(TIERS):
        np.add.at(counts[:, column], cluster[tier_of == tier], 1)
    return [
        [
            {"rfm_tier": tier, "n_customers": count, "share_pct": round(100 * count / sum(row), 2)}
            for tier, count in zip(TIERS, row, strict=True)
            if count
        ]
        for row in counts.tolist()
    ]
