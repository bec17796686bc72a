"""How well a clustering separates its customers, and which setting would improve it."""

from __future__ import annotations

from typing import Any

import numpy as np

from plugins.segmentation.clustering.benchmark import Benchmark
from plugins.segmentation.clustering.cluster import Clustering
from plugins.segmentation.clustering.partition import NOISE
from plugins.segmentation.clustering.task import Task

MOST_CLUSTERS = 30
"""The largest number of clusters that a request can ask for."""
EPS_STEP = 0.05
"""The API documents advise to lower eps by this much."""
WEAK_SILHOUETTE = 0.35
"""Below this the API documents advise other settings."""


def quality(clustering: Clustering, task: Task) -> dict[str, Any]:
    """Exact silhouettes of the best partition: overall, per cluster, how many are negative, and what is weak.

    ``weak`` names the weaknesses (``overlap``, ``crowd``), and then the settings to move (``more_clusters``,
    ``smaller_eps``, or ``less_eps`` if the radius is in the figures' own units), as far as they can be moved.
    """
    best = clustering.trial.best
    if best is None or best.samples is None:
        raise ValueError("a clustering has a best partition, which was scored")
    samples = best.samples
    ids, cluster = np.unique(clustering.winner.labels, return_inverse=True)
    sizes = np.bincount(cluster)
    sums = np.bincount(cluster, weights=samples)
    return {
        "silhouette": best.silhouette,
        "clusters": [
            {"cluster_id": int(label), "n_customers": int(size), "silhouette": float(total / size)}
            for label, size, total in zip(ids, sizes, sums, strict=True)
        ],
        "negative_share": float((samples < 0).mean()),
        "weak": _weak(best.silhouette or 0.0, clustering.trial, task),
    }


def _weak(silhouette: float, trial: Benchmark, task: Task) -> list[str]:
    weak = (["overlap"] if silhouette < WEAK_SILHOUETTE else []) + (["crowd"] if _is_crowded(trial) else [])
    advice = []
    if "overlap" in weak and max(task.ks) + 2 <= MOST_CLUSTERS and task.algorithms != ("dbscan",):
        advice.append("more_clusters")
    if weak and "dbscan" in task.algorithms and (task.scaling == "raw" or task.eps > EPS_STEP):
        advice.append("less_eps" if task.scaling == "raw" else "smaller_eps")
    return weak + advice


def _is_crowded(trial: Benchmark) -> bool:
    """Whether DBSCAN put most customers into one cluster."""
    for candidate in trial.candidates:
        labels = candidate.partition.labels
        if candidate.partition.algorithm == "dbscan":
            return bool(2 * np.bincount(labels[labels != NOISE], minlength=1).max() > len(labels))
    return False
