"""Parts of answers that several routes share: legends, trees, benchmarks, quality and sentences."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from abintel.endpoint import Call
from abintel.wording import Lang
from plugins.segmentation.clustering.benchmark import MANY_CUSTOMERS, Candidate
from plugins.segmentation.clustering.cluster import Clustering
from plugins.segmentation.clustering.partition import NOISE, Floats, cluster_means, compact_labels
from plugins.segmentation.clustering.quality import quality
from plugins.segmentation.clustering.task import Task
from plugins.segmentation.purchases import Purchases
from plugins.segmentation.report.compose import interpretation
from plugins.segmentation.report.facts import Cluster
from plugins.segmentation.words import hint

LINKAGE_COLUMNS = ("child1", "child2", "distance", "sample_count")


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
        **eligibility(candidate),
        "algo": candidate.partition.algorithm,
        "k": candidate.partition.k,
        "silhouette": -1.0 if candidate.silhouette is None else candidate.silhouette,
        "davies_bouldin": candidate.davies_bouldin,
    }


def eligibility(candidate: Candidate) -> dict[str, bool]:
    """``eligible`` of a row: false, or absent if the partition could be the best.

    Among few customers the score of −1 says it all.
    """
    is_clear = candidate.silhouette is None and len(candidate.partition.labels) < MANY_CUSTOMERS
    return {} if candidate.eligible or is_clear else {"eligible": False}


def best_model(candidate: Candidate) -> dict[str, Any]:
    """``best_model`` of an answer."""
    return {**benchmark_row(candidate), "n_clusters": candidate.partition.clusters}


def purchase_summary(customers: Purchases, task: Task, outcome: Clustering) -> dict[str, Any]:
    """What an answer says about a clustering of purchases as a whole; it names no customer."""
    best = outcome.trial.best
    if best is None:
        raise ValueError("a clustering has a best partition")
    labels = outcome.winner.labels
    in_cluster = labels != NOISE
    return {
        "benchmark": [
            benchmark_row(candidate)
            for candidate in outcome.trial.candidates
            if candidate.silhouette is not None or candidate.partition.algorithm == "dbscan"
        ],
        "best_model": best_model(best),
        "centroids": cluster_means(compact_labels(labels[in_cluster]), task.figures[in_cluster]).tolist(),
        "clusters": [cluster._asdict() for cluster in customers.segments(labels)],
        "quality": quality(outcome, task),
        "stability": stability(outcome),
    }


def stability(outcome: Clustering) -> dict[str, Any] | None:
    """``stability`` of an answer; None if no labels of the last run were sent."""
    if outcome.compared is None:
        return None
    return {"compared_customers": outcome.compared, "share_unchanged": outcome.share_kept}


def worded_quality(summary: Mapping[str, Any], setting: str, lang: Lang) -> dict[str, Any]:
    """``quality`` of an answer, with its hint in words.

    Args:
        summary: what is stored about the clustering.
        setting: name of the setting that bounds the number of clusters.
        lang: language of the hint.
    """
    figures = {key: value for key, value in summary["quality"].items() if key != "weak"}
    return {**figures, "hint": hint(summary["quality"]["weak"], setting, lang)}


def interpretations(clusters: Sequence[Cluster], call: Call) -> dict[str, str]:
    """Cluster id to a sentence about it."""
    return {
        str(cluster.cluster_id): interpretation(cluster, call.lang, call.currency) for cluster in clusters
    }
