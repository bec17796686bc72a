"""What a reviewer sees of a segmentation: candidates' figures, an invented example, pictures, a card."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from abintel.charts.drawing import png
from plugins.segmentation.clustering.families import NOISE, Benchmark, Candidate
from plugins.segmentation.clustering.segmentation import Clustering, Task, quality

MOST_SHOWN = 30
"""Segments in a picture or a table; DBSCAN may find thousands."""


def _largest(judged: Mapping[str, Any]) -> list[dict[str, Any]]:
    """The largest segments, in order of id."""
    largest = sorted(judged["clusters"], key=lambda row: (-row["n_customers"], row["cluster_id"]))
    return sorted(largest[:MOST_SHOWN], key=lambda row: row["cluster_id"])


def candidates(trial: Benchmark, names: Mapping[str, str]) -> dict[str, dict[str, float]]:
    """Figures of each combination that could be judged, by name."""
    return {
        _name(candidate, names): {
            "silhouette": candidate.silhouette,
            "davies_bouldin": candidate.davies_bouldin or 0.0,
            "calinski_harabasz": candidate.calinski_harabasz or 0.0,
        }
        for candidate in trial.candidates
        if candidate.silhouette is not None
    }


def _name(candidate: Candidate, names: Mapping[str, str]) -> str:
    k = candidate.partition.k
    return names[candidate.partition.family] + ("" if k is None else f"_{k}")


def invented(task: Task) -> list[dict[str, Any]]:
    """Two rows of nobody: the mean of every figure, and twice that."""
    means = task.figures.mean(axis=0)
    types = dict.fromkeys(task.space.axes[len(task.names) :], 0.0)
    return [{**dict(zip(task.names, (means * times).tolist(), strict=True)), **types} for times in (1.0, 2.0)]


def card(task: Task, outcome: Clustering, names: Mapping[str, str]) -> str:
    """The model card, Markdown."""
    judged = quality(outcome, task)
    partition = outcome.winner
    shown = _largest(judged)
    rows = [f"| {row['cluster_id']} | {row['n_customers']:,} | {row['silhouette']:.4f} |" for row in shown]
    tried = [
        f"| {name} | {row['silhouette']:.4f} | {row['davies_bouldin']:.4f} |"
        for name, row in candidates(outcome.trial, names).items()
    ]
    noise = int((partition.labels == NOISE).sum())
    return "\n".join(
        [
            f"# {names[partition.family]}, {partition.clusters} segments",
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


def pictures(task: Task, outcome: Clustering, names: Mapping[str, str]) -> dict[str, bytes]:
    """File name to PNG: how the candidates did, and how well each segment holds together."""
    # Altair takes a second to import, and only a training draws.
    from plugins.segmentation.drawing.reviewing import by_clusters, by_segment

    tried = [
        (names[candidate.partition.family], candidate.partition.clusters, candidate.silhouette)
        for candidate in outcome.trial.candidates
        if candidate.silhouette is not None
    ]
    judged = [
        (row["cluster_id"], row["n_customers"], row["silhouette"]) for row in _largest(quality(outcome, task))
    ]
    return {
        "candidates.png": png(by_clusters(tried), scale=1),
        "segments.png": png(by_segment(judged), scale=1),
    }
