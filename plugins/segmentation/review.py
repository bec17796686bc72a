"""What a reviewer sees of a segmentation: scores of candidates, invented input, pictures, a model card."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from abintel.charts.drawing import png
from plugins.segmentation.clustering.algorithms import NAMES
from plugins.segmentation.clustering.benchmark import Benchmark, Candidate
from plugins.segmentation.clustering.cluster import Clustering
from plugins.segmentation.clustering.partition import NOISE
from plugins.segmentation.clustering.quality import quality
from plugins.segmentation.clustering.task import Task

MOST_SHOWN = 30
"""Most segments in a picture or a table; DBSCAN may give thousands."""


def _largest(judged: Mapping[str, Any]) -> list[dict[str, Any]]:
    """The largest segments, in order of id."""
    largest = sorted(judged["clusters"], key=lambda row: (-row["n_customers"], row["cluster_id"]))
    return sorted(largest[:MOST_SHOWN], key=lambda row: row["cluster_id"])


def candidates(trial: Benchmark) -> dict[str, dict[str, float]]:
    """The scores of each combination that has some, by name."""
    return {
        _name(candidate): {
            "silhouette": candidate.silhouette or 0.0,
            "davies_bouldin": candidate.davies_bouldin or 0.0,
            "calinski_harabasz": candidate.calinski_harabasz or 0.0,
        }
        for candidate in trial.scored
    }


def _name(candidate: Candidate) -> str:
    k = candidate.partition.k
    return NAMES[candidate.partition.algorithm] + ("" if k is None else f"_{k}")


def invented_rows(task: Task) -> list[dict[str, Any]]:
    """Two rows that are no customer's: the mean of every figure, and twice the mean."""
    means = task.figures.mean(axis=0)
    types = dict.fromkeys(task.space.axes[len(task.names) :], 0.0)
    return [{**dict(zip(task.names, (means * times).tolist(), strict=True)), **types} for times in (1.0, 2.0)]


def card(task: Task, outcome: Clustering) -> str:
    """The model card, in Markdown."""
    judged = quality(outcome, task)
    partition = outcome.winner
    shown = _largest(judged)
    rows = [f"| {row['cluster_id']} | {row['n_customers']:,} | {row['silhouette']:.4f} |" for row in shown]
    tried = [
        f"| {name} | {row['silhouette']:.4f} | {row['davies_bouldin']:.4f} |"
        for name, row in candidates(outcome.trial).items()
    ]
    noise = int((partition.labels == NOISE).sum())
    return "\n".join(
        [
            f"# {NAMES[partition.algorithm]}, {partition.clusters} segments",
            "",
            f"Learned from {len(task.figures):,} customers ({task.distinct:,} distinct) on "
            f"{len(task.space.axes)} axes, scaling `{task.scaling}`: {', '.join(task.names)}. "
            f"{noise:,} of them belong to no segment. Fingerprint `{task.fingerprint[:16]}`.",
            "",
            f"Mean silhouette {judged['silhouette']:.4f} (exact, in the space it was clustered in); "
            f"{judged['negative_share']:.1%} of the customers are nearer to another segment than to theirs.",
            "",
            *([f"The {MOST_SHOWN} largest segments:", ""] if len(judged["clusters"]) > MOST_SHOWN else []),
            "| segment | customers | silhouette |",
            "| --- | --- | --- |",
            *rows,
            "",
            "| tried | silhouette | Davies-Bouldin |",
            "| --- | --- | --- |",
            *tried,
            "",
            "Segments describe the customers that were sent; they are no judgement of persons, and nothing "
            "sensitive should be among the figures.",
        ]
    )


def pictures(task: Task, outcome: Clustering) -> dict[str, bytes]:
    """File name to PNG: the silhouette of each candidate, and of each segment."""
    # Altair takes a second to import, and only a training draws.
    from plugins.segmentation.drawing.reviewing import by_clusters, by_segment

    tried = [
        (NAMES[candidate.partition.algorithm], candidate.partition.clusters, candidate.silhouette or 0.0)
        for candidate in outcome.trial.scored
    ]
    judged = [
        (row["cluster_id"], row["n_customers"], row["silhouette"]) for row in _largest(quality(outcome, task))
    ]
    return {
        "candidates.png": png(by_clusters(tried), scale=1),
        "segments.png": png(by_segment(judged), scale=1),
    }
