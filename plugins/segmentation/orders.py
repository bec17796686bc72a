"""Segments from raw orders: features, cards and RFM tiers of the customers whose orders were sent."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from plugins.customer import rfm
from plugins.segmentation import vectors
from plugins.segmentation.clustering.families import NOISE
from plugins.segmentation.clustering.segmentation import Clustering, Task
from plugins.segmentation.purchases import Purchases

BINS = 5
"""RFM bins, as `customer_rfm` has them by default."""
CARD_CATEGORIES = 5
TIERS = ("Champion", "Loyal", "Potential", "Promising", "At-Risk")


def tiers(rows: Sequence[Mapping[str, Any]]) -> NDArray[np.str_]:
    """RFM tier of each customer, from recency, visits and total, shape ``(n,)``."""
    recency, visits, total = vectors.table(rows, ("recency_days", "visit_frequency", "purchase_total")).T
    totals = (
        rfm.recency_score(recency.astype(np.int64), rfm.cut_offs(recency, BINS))
        + rfm.score(visits, rfm.cut_offs(visits, BINS))
        + rfm.score(total, rfm.cut_offs(total, BINS))
    )
    return rfm.tiers(totals, BINS, rfm.tier_cut_offs(totals, BINS))


def summarise(
    customers: Purchases, rows: Sequence[Mapping[str, Any]], task: Task, outcome: Clustering
) -> dict[str, Any]:
    """The summary of :func:`plugins.segmentation.vectors.summarise`, each cluster with card and tiers."""
    summary = vectors.summarise(task, outcome)
    labels = outcome.winner.labels
    medians = customers.profiles(labels)
    median_of = dict(zip(medians.ids.tolist(), medians.median_spend.tolist(), strict=True))
    own = tiers(rows)
    cards = {
        cluster.cluster_id: {
            **{name: value for name, value in cluster._asdict().items() if name != "share_revenue_pct"},
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
                "rfm_tiers": _mix(own[labels == cluster["cluster_id"]]),
            }
            for cluster in summary["clusters"]
        ],
    }


def _mix(members: NDArray[np.str_]) -> list[dict[str, Any]]:
    """How many of a cluster's customers are in each tier, tiers without any left out."""
    counts = [(tier, int((members == tier).sum())) for tier in TIERS]
    return [
        {"rfm_tier": tier, "n_customers": count, "share_pct": round(100 * count / len(members), 2)}
        for tier, count in counts
        if count
    ]
