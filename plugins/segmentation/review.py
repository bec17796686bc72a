"""What a reviewer sees of a segmentation: candidates' figures, an invented example, pictures, a card."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import altair as alt

from plugins.segmentation.clustering.families import NOISE, Benchmark, Candidate
from plugins.segmentation.clustering.segmentation import Clustering, Task, quality
from plugins.segmentation.drawing.theme import PALETTE, cluster_name, png, themed

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
    return {
        "candidates.png": png(_by_clusters(outcome.trial, names), scale=1),
        "segments.png": png(_by_segment(quality(outcome, task)), scale=1),
    }


def _by_clusters(trial: Benchmark, names: Mapping[str, str]) -> alt.Chart:
    rows = [
        {
            "family": names[candidate.partition.family],
            "clusters": candidate.partition.clusters,
            "silhouette": candidate.silhouette,
        }
        for candidate in trial.candidates
        if candidate.silhouette is not None
    ]
    drawn: alt.Chart = (
        alt.Chart(alt.InlineData(values=rows), title="Mean silhouette of each combination")
        .mark_line(point=True)
        .encode(
            x=alt.X("clusters:Q", title="clusters", axis=alt.Axis(tickMinStep=1, format="d")),
            y=alt.Y("silhouette:Q", title="mean silhouette (−1 to 1)"),
            color=alt.Color("family:N", title="family", scale=alt.Scale(range=list(PALETTE))),
        )
        .properties(width=600, height=300)
    )
    finished: alt.Chart = themed(drawn, "en")
    return finished


def _by_segment(judged: Mapping[str, Any]) -> alt.Chart:
    rows = [
        {**row, "name": f"{cluster_name(row['cluster_id'], 'en')} ({row['n_customers']:,})"}
        for row in _largest(judged)
    ]
    drawn: alt.Chart = (
        alt.Chart(
            alt.InlineData(values=rows),
            title="Mean silhouette of the largest segments (customers)",
        )
        .mark_bar(color=PALETTE[0])
        .encode(
            x=alt.X("silhouette:Q", title="mean silhouette (−1 to 1)"),
            y=alt.Y("name:N", title=None, sort=[row["name"] for row in rows]),
        )
        .properties(width=600, height=alt.Step(24))
    )
    finished: alt.Chart = themed(drawn, "en")
    return finished
