"""Charts of a training for the reviewer: how the combinations did, and how well segments hold together."""

from __future__ import annotations

from collections.abc import Sequence

import altair as alt

from abintel.charts.kinds import Bar, coloured, height, quantity, ranked, upright
from abintel.charts.palette import PALETTE
from abintel.charts.theme import finished, rows_of
from abintel.charts.words import number
from plugins.segmentation.drawing.theme import cluster_name

SILHOUETTE = "Mean silhouette (−1 to 1)"


def by_clusters(tried: Sequence[tuple[str, int, float]]) -> alt.LayerChart:
    """The mean silhouette of each combination.

    Args:
        tried: family, number of clusters and silhouette of each.
    """
    rows = [{"group": family, "x": clusters, "y": silhouette} for family, clusters, silhouette in tried]
    places = [clusters for _, clusters, _ in tried] or [2]
    lowest = min(0.0, *(silhouette for _, _, silhouette in tried)) if tried else 0.0
    base = alt.Chart(rows_of(rows)).encode(
        quantity(alt.X("x:Q"), "Clusters (number)", min(places) - 0.5, max(places) + 0.5, whole=True),
        upright(SILHOUETTE, 1.1 * lowest, 1.05),
        coloured(dict(zip(dict.fromkeys(family for family, _, _ in tried), PALETTE, strict=False)), "Family"),
    )
    points = base.mark_point(filled=True, size=50, opacity=1)
    layers = alt.LayerChart(layer=[base.mark_line(strokeWidth=2), points])
    return finished(layers, "Mean silhouette of each combination", [], 380, "en")


def by_segment(judged: Sequence[tuple[int, int, float]]) -> alt.LayerChart:
    """The mean silhouette of each segment.

    Args:
        judged: id, customers and silhouette of each.
    """
    bars = [
        Bar(f"{cluster_name(cluster, 'en')} ({customers:,})", silhouette, number(silhouette, 2, "en"))
        for cluster, customers, silhouette in judged
    ]
    title = "Mean silhouette of the largest segments (customers)"
    return finished(ranked(bars, SILHOUETTE), title, [], 150 + height(len(bars)), "en")
