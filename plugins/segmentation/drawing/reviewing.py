"""Charts of a training for the reviewer: the silhouettes of the combinations and of the segments."""

from __future__ import annotations

from collections.abc import Sequence

import altair as alt

from abintel.charts.kinds import Bar, coloured, height, quantity, ranked, upright
from abintel.charts.palette import PALETTE
from abintel.charts.theme import finished, rows_of
from abintel.wording import number
from plugins.segmentation.drawing.theme import cluster_name
from plugins.segmentation.words import TEXTS

SILHOUETTE = TEXTS["en"].say("benchmark.silhouette")


def by_clusters(tried: Sequence[tuple[str, int, float]]) -> alt.LayerChart:
    """The mean silhouette of each combination.

    Args:
        tried: algorithm, number of clusters and silhouette of each.
    """
    rows = [{"group": algorithm, "x": clusters, "y": silhouette} for algorithm, clusters, silhouette in tried]
    numbers = [clusters for _, clusters, _ in tried] or [2]
    lowest = min(0.0, *(silhouette for _, _, silhouette in tried)) if tried else 0.0
    base = alt.Chart(rows_of(rows)).encode(
        quantity(alt.X("x:Q"), "Clusters (number)", min(numbers) - 0.5, max(numbers) + 0.5, whole=True),
        upright(SILHOUETTE, 1.1 * lowest, 1.05),
        coloured(dict(zip(dict.fromkeys(name for name, _, _ in tried), PALETTE, strict=False)), "Algorithm"),
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
