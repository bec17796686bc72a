"""Clusters a task: the best partition of a benchmark, with the ids that its clusters get."""

from __future__ import annotations

from collections.abc import Mapping
from typing import NamedTuple

import numpy as np

from plugins.segmentation.clustering.benchmark import Benchmark, Progress, benchmark
from plugins.segmentation.clustering.cluster_ids import UNKNOWN, renumber, share_kept
from plugins.segmentation.clustering.partition import NOISE, Fitted, Ints, Partition
from plugins.segmentation.clustering.task import Task


class Clustering(NamedTuple):
    """A benchmark, and its best partition with the ids that its clusters get.

    Attributes:
        trial: everything that was tried.
        winner: the best partition, its labels renumbered.
        fitted: its arrays, with the clusters' ids.
        compared: customers of the last run who are here; None without a last run.
        share_kept: share of them with the same id as then.
    """

    trial: Benchmark
    winner: Partition
    fitted: Fitted
    compared: int | None
    share_kept: float | None


class NoPartition(Exception):
    """No attempt divides the customers; the text says what came of them."""


def cluster(task: Task, done: Progress = lambda share: None) -> Clustering:
    """Tries every algorithm of a task, and numbers the clusters of the best partition.

    Args:
        task: what to cluster.
        done: takes the share of the work that is done, 0 to 1.

    Raises:
        NoPartition: no attempt divides the customers.
    """
    trial = benchmark(
        task.points,
        task.possible_ks,
        task.algorithms,
        eps=task.eps,
        min_samples=task.min_samples,
        min_share=task.min_share,
        done=done,
    )
    if trial.best is None:
        raise NoPartition(_why_none(trial, len(task.points)))
    partition = trial.best.partition
    ids = {int(label): int(label) for label in np.unique(partition.labels)}
    if task.previous is not None:
        ids = renumber(partition.labels, task.previous)
    labels = _mapped(partition.labels, ids)
    fitted = dict(partition.fitted)
    if "core_labels" in fitted:
        fitted["core_labels"] = _mapped(fitted["core_labels"].astype(np.int64), ids)
    else:
        fitted["ids"] = _mapped(np.unique(partition.labels), ids)
    previous = task.previous
    return Clustering(
        trial=trial,
        winner=partition._replace(labels=labels),
        fitted=fitted,
        compared=None if previous is None else int((previous != UNKNOWN).sum()),
        share_kept=None if previous is None else share_kept(labels, previous),
    )


def _mapped(labels: Ints, ids: Mapping[int, int]) -> Ints:
    """The id of each label."""
    known = np.array(sorted(ids))
    return np.array([ids[label] for label in known.tolist()])[np.searchsorted(known, labels)]


def _why_none(trial: Benchmark, customers: int) -> str:
    for candidate in trial.candidates:
        partition = candidate.partition
        if partition.k is None:
            noise = int((partition.labels == NOISE).sum())
            return (
                f"DBSCAN finds {partition.clusters} cluster{'s' * (partition.clusters != 1)} and leaves "
                f"{noise:,} of {customers:,} customers as noise"
            )
    return "none of the algorithms that were asked for divides these customers"
